"""Styles and pens of colour on the easel, in a real Chromium."""

import json

import pytest
from conftest import STYLES, leave_screenshot, serious_findings
from easel import IDLE, PASTE, choose_model, drawing, on_a_desktop, picture, spot, stroke
from PIL import Image, ImageDraw

pytestmark = pytest.mark.browser
BAG = [(0.3, 0.4), (0.7, 0.4), (0.75, 0.8), (0.25, 0.8), (0.3, 0.4)]
PRESSED = ".tile[aria-pressed=true]"
CENTRE = """() => { // the colour under the middle of the paper, as RGBA
  const canvas = document.querySelector('.paper canvas.colour'), s = canvas.width;
  return [...canvas.getContext('2d').getImageData(0.5 * s, 0.6 * s, 1, 1).data];
}"""


def use_styles(page):
    choose_model(page, "totes")
    page.locator(PRESSED).wait_for()
    return page


def frames(page) -> list[dict]:
    """What the page asks the server for, from now on."""
    asked = []

    def note(request):
        if "component_server" in request.url:
            asked.append(json.loads(request.post_data))

    page.on("request", note)
    return asked


def last(asked: list[dict], name: str) -> dict:
    return next(call["data"] for call in reversed(asked) if call["fn_name"] == name)


def other_style(page):
    """Takes a style that is not the one of now; gives its name and the new picture."""
    before = picture(page)
    tile = page.locator(".tile[aria-pressed=false]").first
    name = tile.get_attribute("title")
    tile.click()
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=before)
    return name, picture(page)


def test_a_picture_at_rest_gets_more_pixels(page):
    use_styles(page)
    asked = frames(page)
    stroke(page, *BAG)
    picture(page)
    assert page.locator("img.picture").evaluate("img => img.naturalWidth") == 512
    assert last(asked, "paint")["scale"] == 2
    page.locator("[data-do=undo]").click()
    page.wait_for_selector(".easel:not(.painted, .refining)")


def test_a_drawing_in_lines_and_colours_takes_a_style_and_its_link_keeps_all(page):
    use_styles(page)
    names = page.locator(".tile").evaluate_all("tiles => tiles.map((tile) => tile.title)")
    assert names == list(STYLES), "names of a checkpoint are text"
    asked = frames(page)
    stroke(page, *BAG)
    lines_alone = picture(page)
    assert last(asked, "paint")["hints"] is None
    page.get_by_role("button", name="Colour: navy").click()
    stroke(page, (0.4, 0.6), (0.6, 0.65))
    assert picture(page) != lines_alone
    frame = last(asked, "paint")
    assert frame["hints"].startswith("data:image/png")
    assert type(frame["style"]) is int
    name, _ = other_style(page)
    assert page.locator(PRESSED).get_attribute("title") == name
    page.wait_for_function("document.querySelectorAll('.tile img:not([hidden])').length > 3")
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    leave_screenshot(page, f"{page.viewport_size['width']}-styles")
    code = drawing(page)
    page.evaluate("sessionStorage.clear()")
    page.evaluate("code => (location.hash = code)", code)
    page.reload()
    use_styles(page)
    assert page.locator(PRESSED).get_attribute("title") == name
    picture(page)
    restored = last(asked, "paint")
    assert restored["model"] == "totes"
    assert restored["style"] == list(STYLES).index(name)
    assert restored["hints"].startswith("data:image/png")
    assert drawing(page) == code


@on_a_desktop
def test_undo_takes_back_a_choice_of_styles_as_one_step_and_a_new_drawing_has_a_style_of_its_own(page):
    use_styles(page)
    first = page.locator(PRESSED).get_attribute("title")
    stroke(page, *BAG)
    before = picture(page)
    other_style(page)
    page.locator(f".tile[aria-pressed=false]:not([title='{first}'])").last.click()
    page.locator("[data-do=undo]").click()
    assert page.locator(PRESSED).get_attribute("title") == first
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=before)
    page.locator("[data-do=redo]").click()
    second = page.locator(PRESSED).get_attribute("title")
    assert second != first
    page.locator("[data-do=clear]").click()
    assert page.locator(PRESSED).get_attribute("title") != second
    page.locator("[data-do=undo]").click()
    assert page.locator(PRESSED).get_attribute("title") == second
    page.reload()
    use_styles(page)
    assert page.locator(PRESSED).get_attribute("title") == second


@on_a_desktop
def test_surprise_offers_four_other_styles(page):
    use_styles(page)
    page.locator(".examples button").first.click()
    plain, code = picture(page), drawing(page)
    page.locator("[data-do=surprise]").click()
    page.wait_for_selector(".versions button:nth-child(4) img")
    choice = page.locator(".versions button").nth(2)
    name = choice.get_attribute("title")
    choice.click()
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=plain)
    assert page.locator(PRESSED).get_attribute("title") == name
    page.locator("[data-do=undo]").click()
    assert drawing(page) == code


@on_a_desktop
def test_swatches_wait_for_the_pen_to_rest(page):
    use_styles(page)
    page.locator(".examples button").first.click()
    picture(page)
    page.mouse.move(*spot(page, 0.3, 0.5))
    page.mouse.down()
    asked = frames(page)
    start, n = page.evaluate("performance.now()"), 0
    while page.evaluate("performance.now()") < start + 1500:  # longer than swatches wait
        n += 1
        page.mouse.move(*spot(page, 0.3 + n % 20 / 50, 0.5))
    assert all(call["fn_name"] == "paint" for call in asked)
    assert all(call["data"]["hints"] is None for call in asked)
    with page.expect_request(lambda r: '"fn_name":"sample"' in (r.post_data or "").replace(" ", "")):
        page.mouse.up()


@on_a_desktop
def test_a_style_like_that_of_a_photo(page, tmp_path):
    use_styles(page)
    stroke(page, *BAG)
    before = picture(page)
    photo = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(photo).rectangle([60, 90, 240, 250], fill=(20, 120, 130))
    for name, image in (("blank", Image.new("RGB", (300, 300), "white")), ("bag", photo)):
        image.save(tmp_path / f"{name}.png")
        with page.expect_file_chooser() as chooser:
            page.locator("[data-open=style]").click()
        chooser.value.set_files(tmp_path / f"{name}.png")
        if name == "blank":
            page.get_by_text("No object found in this photo").wait_for()
            assert picture(page) == before
    page.locator(".tile[title='like your photo'][aria-pressed=true]").wait_for()
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=before)
    liked, code = picture(page), drawing(page)
    other_style(page)
    page.locator(".tile[title='like your photo']").click()
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=liked)
    assert drawing(page) == code


def test_filling_a_panel_by_tap_and_by_key(page):
    stroke(page, *BAG)
    stroke(page, (0.05, 0.1), (0.2, 0.1))
    page.locator("[data-colour=green]").click()
    page.locator("[data-do=fill]").click()
    assert page.locator("[data-do=fill]").get_attribute("aria-pressed") == "true"
    tap = page.touchscreen.tap if page.viewport_size["width"] < 500 else page.mouse.click
    tap(*spot(page, 0.1, 0.2))
    page.get_by_text("This part isn't closed").wait_for()
    assert page.evaluate(CENTRE)[3] == 0
    tap(*spot(page, 0.5, 0.6))
    page.wait_for_function(f"({CENTRE})()[3] === 255")
    assert page.evaluate(CENTRE)[:3] == [0x2F, 0x9A, 0x45]
    code = drawing(page)
    page.locator("[data-do=undo]").click()
    assert page.evaluate(CENTRE)[3] == 0
    paper = page.locator("canvas.ink")
    paper.focus()
    paper.press("ArrowDown")
    paper.press(" ")
    page.wait_for_function(f"({CENTRE})()[3] === 255")
    assert drawing(page) == code
    page.keyboard.press("b")  # the pen again
    assert page.locator("[data-do=fill]").get_attribute("aria-pressed") == "false"


@on_a_desktop
def test_the_eyedropper_takes_colours_from_paper_and_picture_and_any_colour_can_be_chosen(page):
    use_styles(page)
    stroke(page, *BAG)
    page.locator(".any input").fill("#12ab34")
    stroke(page, (0.4, 0.6), (0.6, 0.6))
    assert page.evaluate(CENTRE)[:3] == [0x12, 0xAB, 0x34]
    picture(page)
    page.locator("[data-colour=red]").click()
    page.locator("[data-do=pick]").click()
    page.mouse.click(*spot(page, 0.5, 0.6))
    page.get_by_text("Colour taken: #12ab34").wait_for()
    assert page.locator("[data-do=pick]").get_attribute("aria-pressed") == "false"
    assert page.locator(".any.taken").count() == 1
    code = drawing(page)
    page.locator("[data-do=pick]").click()
    box = page.locator("img.picture").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 0.7 * box["height"])
    page.get_by_text("Colour taken: #").wait_for()
    taken = page.locator(".message").text_content()
    page.keyboard.press("i")
    page.locator("canvas.ink").focus()
    for _ in range(9):  # from 0.5 to 0.71: nothing is drawn there, so the picture is meant
        page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.get_by_text("Colour taken: #").wait_for()
    assert taken
    assert drawing(page) == code, "taking a colour draws nothing"


@on_a_desktop
def test_pens_are_those_that_the_network_knows(page):
    shown = "() => [...document.querySelectorAll('.shades button')].filter((b) => b.offsetParent).length"
    assert page.evaluate(shown) == 6
    assert not page.locator(".tile").first.is_visible()
    use_styles(page)
    assert page.evaluate(shown) >= 14
    page.get_by_role("button", name="Colour: white").click()
    choose_model(page, "handbags")
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('handbags')")
    assert page.locator("[data-colour=ink]").get_attribute("aria-pressed") == "true"


@on_a_desktop
def test_arrow_keys_go_through_colours_and_styles(page):
    use_styles(page)
    page.locator(".shades button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator(".shades button").nth(1).get_attribute("aria-pressed") == "true"
    stops = ".tile:not([tabindex='-1'])"
    assert page.locator(stops).count() == 1
    page.locator(stops).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert page.evaluate(f"document.activeElement === document.querySelector('{PRESSED}')")
    assert page.locator(IDLE).count() == 0, "there is no drawing yet"


@on_a_desktop
def test_a_pasted_photo_makes_room_for_the_drawing_that_takes_its_style(page):
    use_styles(page)
    stroke(page, *BAG)
    picture(page)
    code = drawing(page)
    page.evaluate(PASTE)
    page.get_by_role("button", name="Use its style").click()
    page.locator(".tile[title='like your photo'][aria-pressed=true]").wait_for()
    page.locator("[data-do=undo]").click()
    assert drawing(page) == code


@on_a_desktop
def test_the_die_takes_another_style(page):
    use_styles(page)
    for _ in range(3):
        before = page.locator(PRESSED).get_attribute("title")
        page.get_by_role("button", name="Another style, at random").click()
        assert page.locator(PRESSED).get_attribute("title") != before
