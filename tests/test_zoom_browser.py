"""Zoom and pan: two fingers, the wheel, the buttons on the paper; and that the pen draws where it is seen."""

import pytest
from conftest import PHONE, leave_screenshot
from easel import drawing, on_a_desktop, picture, spot, stroke

pytestmark = pytest.mark.browser

ZOOM = "document.querySelector('.zoom output').textContent"
RESTING = "() => [...document.querySelectorAll('.paper > canvas')].every((layer) => !layer.style.transform)"


class Fingers:
    """Touches by the DevTools protocol; places as fractions of the paper."""

    def __init__(self, page):
        self.page, self.session = page, page.context.new_cdp_session(page)
        canvas = page.locator("canvas.ink")
        canvas.scroll_into_view_if_needed()
        self.box = canvas.bounding_box()

    def __call__(self, kind: str, *places: tuple[float, float]):
        box = self.box
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": number}
            for number, (x, y) in enumerate(places)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def pinch(self, before: float, after: float, middle=(0.5, 0.5)):
        def places(apart):
            return [(middle[0] - apart / 2, middle[1]), (middle[0] + apart / 2, middle[1])]

        self("Start", places(before)[0])
        self("Move", (places(before)[0][0] + 0.02, middle[1] + 0.02))  # the first finger is never quite still
        self("Start", *places(before))
        for step in range(1, 9):
            self("Move", *places(before + (after - before) * step / 8))
        self("End", places(after)[0])
        self("Move", (0.9, 0.9))  # nor does the last one draw
        self("End")


def zoom(page) -> int:
    page.wait_for_function(RESTING)
    return int(page.evaluate(ZOOM).rstrip("%"))


def test_two_fingers_zoom_the_drawing_and_draw_nothing(visit, app_url):
    page = visit(app_url, PHONE)
    stroke(page, (0.2, 0.5), (0.8, 0.5))
    code, shown = drawing(page), picture(page)
    touch = Fingers(page)
    touch.pinch(0.2, 0.6)
    assert 250 < zoom(page) < 350
    leave_screenshot(page, "390-zoomed")
    assert drawing(page) == code
    assert picture(page) == shown
    touch = Fingers(page)
    touch.pinch(0.8, 0.1)
    assert zoom(page) == 100
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]:disabled").wait_for()


def test_two_fingers_that_go_the_same_way_move_the_drawing_or_else_the_page(visit, app_url):
    page = visit(app_url, PHONE)
    page.evaluate("scrollTo(0, 0)")
    touch = Fingers(page)
    before = page.evaluate("scrollY")
    touch("Start", (0.4, 0.8))
    touch("Start", (0.4, 0.8), (0.6, 0.8))
    for step in range(1, 9):
        touch("Move", (0.4, 0.8 - step / 20), (0.6, 0.8 - step / 20))
    touch("End")
    assert page.evaluate("scrollY") > before + 50
    assert zoom(page) == 100
    assert page.locator("[data-do=undo]").is_disabled()
    for _ in range(2):
        page.locator("[data-do=larger]").click()
    assert zoom(page) == 400
    scrolled = page.evaluate("scrollY")
    touch = Fingers(page)
    touch("Start", (0.4, 0.2), (0.6, 0.2))
    touch("Move", (0.4, 0.4), (0.6, 0.4))
    touch("Move", (0.4, 0.7), (0.6, 0.7))
    touch("End")
    assert page.evaluate("scrollY") == scrolled
    stroke(page, (0.5, 0.1), (0.5, 0.2), steps=1)
    page.locator("[data-do=whole]").click()
    assert zoom(page) == 100
    assert INK_TOP[0] < page.evaluate(TOP) < INK_TOP[1]


TOP = """() => {
  const canvas = document.querySelector('canvas.ink'), { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return data.findIndex((value, i) => i % 4 === 3 && value > 128) / 4 / width / height;
}"""
INK_TOP = (0.26, 0.3)  # 3/8 of the drawing at the paper's top, less an eighth by the fingers, plus a tenth of a quarter


@on_a_desktop
def test_the_wheel_with_ctrl_zooms_where_the_mouse_is_and_the_pen_draws_there(page):
    page.mouse.move(*spot(page, 0.25, 0.25))
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(f"parseInt({ZOOM}) > 250")  # after the last of them
    assert zoom(page) < 300
    leave_screenshot(page, "1280-zoomed")
    stroke(page, (0.25, 0.25), (0.25, 0.5), steps=1)
    page.locator("[data-do=whole]").click()
    assert zoom(page) == 100
    assert page.evaluate(TOP) == pytest.approx(0.25 - 2.5 / 512, abs=0.003)
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=larger]").click()
    # What is seen at the upper left corner is a quarter of the way down and along.
    stroke(page, (0.02, 0.02), (0.2, 0.02), steps=1)
    page.locator("[data-do=whole]").click()
    zoomed = drawing(page)
    page.locator("[data-do=undo]").click()
    stroke(page, (0.26, 0.26), (0.35, 0.26), steps=1)
    assert drawing(page) == zoomed


@on_a_desktop
def test_the_wheel_and_the_middle_button_pan_what_is_zoomed_and_leave_the_page(page):
    page.mouse.move(*spot(page, 0.5, 0.5))
    page.mouse.wheel(0, 60)
    page.wait_for_function("scrollY === 60")  # the whole drawing does not hold the wheel
    page.evaluate("scrollTo(0, 0)")
    page.locator("[data-do=larger]").click()
    page.mouse.move(*spot(page, 0.5, 0.5))
    scrolled = page.evaluate("scrollY")
    page.evaluate("window.wheeled = new Promise((go) => addEventListener('wheel', go, { once: true })); 0")
    page.mouse.wheel(0, -1000)
    page.evaluate("wheeled.then(() => 0)")  # Playwright does not wait until the page has heard of it
    page.wait_for_function(RESTING)
    stroke(page, (0.5, 0.01), (0.5, 0.2), steps=1)
    page.mouse.move(*spot(page, 0.5, 0.9))
    page.mouse.down(button="middle")
    page.mouse.move(*spot(page, 0.5, 0.3), steps=3)
    page.mouse.up(button="middle")
    page.wait_for_function(RESTING)
    stroke(page, (0.5, 0.5), (0.5, 0.6), steps=1)
    assert page.evaluate("scrollY") == scrolled
    page.locator("[data-do=whole]").click()
    page.wait_for_function(RESTING)
    assert page.evaluate(TOP) < 0.01, "the first stroke begins at the top of the drawing"
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=redo]").click()
    page.locator("[data-do=redo]").click()


@on_a_desktop
def test_a_line_drawn_while_zoomed_has_the_pixels_that_it_has_when_drawn_again(page):
    page.locator("[data-do=larger]").click()
    page.wait_for_function(RESTING)
    layers = "[...document.querySelectorAll('.paper > canvas')].map((layer) => layer.toDataURL()).join()"
    page.locator("[data-do=mirror]").click()
    for c, y in (("ink", 0.3), ("red", 0.5)):
        page.locator(f"[data-colour={c}]").click()
        stroke(page, (0.2, y), (0.8, y + 0.1), (0.3, y + 0.3), steps=20)
    drawn = page.evaluate(layers)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    assert page.evaluate(layers) == drawn
    page.keyboard.press("0")
    assert zoom(page) == 100
    page.keyboard.press("+")
    assert zoom(page) == 150


@on_a_desktop
def test_the_pen_of_the_keys_stays_in_sight(page):
    for _ in range(2):
        page.locator("[data-do=larger]").click()
    page.locator("canvas.ink").focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    paper, nib = page.locator(".paper").bounding_box(), page.locator(".nib").bounding_box()
    assert paper["x"] < nib["x"] < paper["x"] + paper["width"] - nib["width"]
