"""The easel for drawings in labels: areas of the palette's colours, which a stranger's checkpoint brings."""

import base64
import io
import json

import numpy as np
import pytest
from conftest import DESKTOP, PHONE, Server, leave_screenshot
from easel import FRAMES, drawing, picture, spot, stroke
from PIL import Image
from towns import LAND, PARK, ROAD, WATER, save_towns

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def towns_url(checkpoints, tmp_path_factory):
    server = Server(checkpoints, "--pix2pix", str(save_towns(tmp_path_factory.mktemp("models") / "towns"))).start()
    yield server.url
    assert "Traceback" not in server.stop()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["1280", "390"])
def towns(visit, towns_url, request):
    return visit(towns_url, request.param)


on_a_desktop = pytest.mark.parametrize("towns", [DESKTOP], indirect=True, ids=["1280"])


def pen(page, name: str) -> None:
    page.get_by_role("button", name=f"Colour: {name}").click()


def shape(page, name: str) -> None:
    page.locator(".shapes summary").click()
    page.locator(f"[data-shape={name}]").click()


def sent(page) -> Image.Image:
    """The drawing as the server gets it."""
    requests = []
    page.on("request", lambda request: requests.append(request) if FRAMES.search(request.url) else None)
    page.evaluate("for (const name of ['undo', 'redo']) document.querySelector(`[data-do=${name}]`).click()")
    picture(page)
    payload = json.loads(requests[-1].post_data)["data"]
    assert payload["hints"] is None
    return Image.open(io.BytesIO(base64.b64decode(payload["image"].split(",")[1]))).convert("RGB")


def colors(image: Image.Image) -> set[str]:
    return {"#" + bytes(color).hex() for color in np.unique(np.asarray(image).reshape(-1, 3), axis=0)}


def at(image: Image.Image, x: float, y: float) -> str:
    return "#" + bytes(np.asarray(image)[int(y * image.height), int(x * image.width)]).hex()


def draw_town(page) -> None:
    """A river, a road over it as a straight line, and a park that fills the land below and to the left."""
    pen(page, "<b>Water</b>")
    stroke(page, (0.02, 0.3), (0.5, 0.45), (0.98, 0.4))
    pen(page, "Road")
    shape(page, "line")
    stroke(page, (0.5, 0.02), (0.55, 0.995))
    pen(page, "Park")
    page.locator("[data-do=fill]").click()
    page.mouse.click(*spot(page, 0.2, 0.8))
    page.get_by_text("Filled").wait_for()


ADD = """async (strokes) => {
  const { name } = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('draw/history.js'));
  (await import(name)).add({ strokes });
}"""


@on_a_desktop
@pytest.mark.parametrize(
    ("width", "dots", "tap"),
    [(4, [[256, 256]], 256), (8, [[x, y] for x in range(6, 508, 10) for y in range(6, 508, 10)], 11)],
    ids=["speck", "ragged"],
)
def test_what_has_no_border_is_not_filled(towns, width, dots, tap):
    """A fill without one would stay in the drawing, and nothing could be drawn any more."""
    towns.evaluate(ADD, [{"c": WATER, "w": width, "m": 0, "p": dot} for dot in dots])
    pen(towns, "Park")
    towns.locator("[data-do=fill]").click()
    towns.mouse.click(*spot(towns, tap / 512, tap / 512))
    towns.get_by_text("too small or too ragged").wait_for()
    pen(towns, "Road")
    shape(towns, "line")
    stroke(towns, (0.1, 0.1), (0.9, 0.2))
    assert ROAD in colors(sent(towns))


def test_a_map_is_drawn_with_river_line_and_fill_and_a_link_restores_it(towns, visit, towns_url):
    page = towns
    draw_town(page)
    picture(page)
    image = sent(page)
    assert colors(image) == {LAND, ROAD, WATER, PARK}  # no mixtures along edges
    assert at(image, 0.2, 0.9) == at(image, 0.02, 0.98) == PARK
    assert at(image, 0.9, 0.9) == at(image, 0.1, 0.03) == LAND  # beyond the road, and beyond the river
    assert at(image, 0.3, 0.39) == WATER
    assert at(image, 0.525, 0.5) == ROAD  # a bridge: over the river, as it was drawn later
    leave_screenshot(page, f"labels-{page.viewport_size['width']}")
    code = drawing(page)
    other = visit(f"{towns_url}/{code}")
    picture(other)
    assert drawing(other) == code
    differs = np.asarray(sent(other)) != np.asarray(image)
    assert differs.mean() < 0.02  # a link has whole numbers


def test_the_page_speaks_the_words_of_the_subject_as_text(towns):
    page = towns
    page.locator(".paper").get_by_text("Draw a <u>town</u>").wait_for()
    assert page.locator(".shades").inner_text().split() == ["Road"] if page.viewport_size["width"] < 500 else True
    assert page.get_by_role("button", name="Start from: River <i>one</i>").count() == 1
    assert page.locator(".easel :is(u, .shades b, .examples i)").count() == 0
    assert page.locator(".width input").get_attribute("max") == "128"
    for gone in ("[data-colour=ink]", "[data-do=mirror]", "[data-do=surprise]", ".any"):
        assert not page.locator(gone).is_visible()
    page.locator(".examples button").click()
    picture(page)
    assert page.locator("img.picture").get_attribute("alt").endswith("aerial photo")
    assert colors(sent(page)) == {LAND, WATER}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tops = page.locator(".drawing > .bar > *").evaluate_all("groups => groups.map((group) => group.offsetTop)")
    assert max(tops) - min(tops) < 10  # one row of tools


def test_a_polygon_is_tapped_and_one_undo_takes_it_back(towns):
    page = towns
    pen(page, "Park")
    shape(page, "polygon")
    tap = page.touchscreen.tap if page.viewport_size["width"] < 500 else page.mouse.click
    corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8)]
    for corner in corners:
        tap(*spot(page, *corner))
    assert not page.locator(".easel.inked").count()
    page.keyboard.press("Escape")
    for corner in [*corners, corners[0]]:
        tap(*spot(page, *corner))
    picture(page)
    image = sent(page)
    assert at(image, 0.7, 0.3) == PARK
    assert at(image, 0.3, 0.7) == LAND
    page.locator("[data-do=undo]").click()
    page.locator(".easel:not(.inked)").wait_for()
    assert page.locator("[data-do=undo]").is_disabled()


@on_a_desktop
def test_escape_leaves_a_line_and_its_size_follows_the_pointer(towns):
    page = towns
    pen(page, "Road")
    page.keyboard.press("r")
    page.mouse.move(*spot(page, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.9, 0.9))
    page.mouse.move(*spot(page, 0.5, 0.5))
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.locator("[data-do=undo]").is_disabled()
    stroke(page, (0.9, 0.9), (0.2, 0.2), (0.5, 0.5))
    image = sent(page)
    assert at(image, 0.7, 0.7) == ROAD
    assert at(image, 0.3, 0.3) == LAND
    page.keyboard.press("i")
    page.mouse.click(*spot(page, 0.1, 0.1))  # the paper: no pen has its colour
    page.locator("[data-do=eraser][aria-pressed=true]").wait_for()


@on_a_desktop
def test_the_keyboard_alone_draws_shapes(towns):
    page = towns
    pen(page, "<b>Water</b>")
    page.keyboard.press("p")
    page.locator("canvas.ink").focus()
    page.keyboard.press("Space")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(8):
            page.keyboard.press(key)
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    picture(page)
    assert at(sent(page), 0.65, 0.55) == WATER
