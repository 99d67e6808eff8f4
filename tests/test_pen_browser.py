"""The pen of the live canvas: what mouse, finger and stylus leave on the paper, and what they do not."""

import pytest
from conftest import PHONE
from easel import drawing, on_a_desktop, picture, spot, stroke

pytestmark = pytest.mark.browser


class Hand:
    """Pointers as the system reports them, with what Playwright's own mouse cannot do; places as `spot` has them."""

    def __init__(self, page):
        self.page, self.session = page, page.context.new_cdp_session(page)

    def touch(self, kind: str, *place: float):
        points = [dict(zip("xy", spot(self.page, *place), strict=True))] if place else []
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def pen(self, kind: str, *place: float, force: float = 0.5):
        x, y = spot(self.page, *place)
        down = kind != "Released"
        options = {"pointerType": "pen", "button": "left", "buttons": int(down), "clickCount": 1, "force": force}
        self.session.send("Input.dispatchMouseEvent", {"type": f"mouse{kind}", "x": x, "y": y, **options})


def test_a_touch_that_the_system_takes_back_leaves_nothing(visit, app_url):
    page = visit(app_url, PHONE)
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    before, shown = drawing(page), picture(page)
    hand = Hand(page)
    hand.touch("Start", 0.2, 0.5)
    hand.touch("Move", 0.8, 0.5)
    hand.touch("Cancel")
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=shown)
    assert drawing(page) == before
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]:disabled").wait_for()


def test_a_pen_takes_the_place_of_the_palm_that_came_before_it(visit, app_url):
    page = visit(app_url, PHONE)
    hand = Hand(page)
    hand.touch("Start", 0.2, 0.8)
    hand.touch("Move", 0.5, 0.9)
    hand.pen("Pressed", 0.2, 0.3)
    hand.pen("Moved", 0.8, 0.3)
    hand.touch("Move", 0.3, 0.9)
    hand.pen("Released", 0.8, 0.3)
    hand.touch("End")
    by_pen = drawing(page)
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]:disabled").wait_for()
    stroke(page, (0.2, 0.3), (0.8, 0.3), steps=1)
    assert drawing(page) == by_pen


# How much ink there is in columns of the paper that a line crosses from left to right.
THICKNESS = """(columns) => {
  const canvas = document.querySelector('canvas.ink'), s = canvas.width, g = canvas.getContext('2d');
  return columns.map((x) =>
    g.getImageData(Math.round(x * s), 0, 1, s).data.filter((v, i) => i % 4 === 3).reduce((a, b) => a + b, 0) / 255 / s);
}"""


@on_a_desktop
def test_a_pen_that_is_pressed_harder_draws_a_wider_line_and_its_link_knows(page, visit, app_url):
    hand = Hand(page)
    hand.pen("Pressed", 0.1, 0.3, force=0.1)
    for step in range(1, 41):
        hand.pen("Moved", 0.1 + step / 50, 0.3, force=0.1 + 0.8 * step / 40)
    growing = page.evaluate(THICKNESS, [0.2, 0.5, 0.8])
    hand.pen("Released", 0.9, 0.3, force=0)
    thin, middle, thick = page.evaluate(THICKNESS, [0.2, 0.5, 0.8])
    assert thin < middle < thick
    assert thick > 2 * thin
    assert growing == pytest.approx([thin, middle, thick], abs=0.0005)
    code = drawing(page)
    other = visit(f"{app_url}/{code}")
    other.locator("[data-do=undo]:enabled").wait_for()
    assert other.evaluate(THICKNESS, [0.2, 0.5, 0.8]) == pytest.approx([thin, middle, thick], abs=0.001)
    page.locator("[data-do=mirror]").click()
    before = page.evaluate(THICKNESS, [0.15, 0.85])
    hand.pen("Pressed", 0.1, 0.6, force=0.9)
    hand.pen("Moved", 0.3, 0.6, force=0.9)
    hand.pen("Released", 0.3, 0.6, force=0.9)
    left, right = (now - then for now, then in zip(page.evaluate(THICKNESS, [0.15, 0.85]), before, strict=True))
    assert left == pytest.approx(right, abs=0.001)
    assert left > 0.01


LET_GO = """([clientX, clientY]) => document.querySelector('canvas.ink').dispatchEvent(
  new PointerEvent('pointermove', { pointerId: 1, pointerType: 'mouse', buttons: 0, clientX, clientY }))"""


@on_a_desktop
def test_a_mouse_that_was_let_go_unheard_draws_no_further(page):
    page.mouse.move(*spot(page, 0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.5, 0.3))
    page.evaluate(LET_GO, spot(page, 0.5, 0.8))
    page.mouse.move(*spot(page, 0.8, 0.8))
    page.mouse.up()
    as_heard = drawing(page)
    page.locator("[data-do=undo]").click()
    stroke(page, (0.2, 0.3), (0.5, 0.3), steps=1)
    assert drawing(page) == as_heard


@on_a_desktop
def test_the_mac_click_for_the_context_menu_draws_nothing(page):
    page.keyboard.down("Control")
    stroke(page, (0.2, 0.3), (0.5, 0.3))
    page.keyboard.up("Control")
    assert page.locator("[data-do=undo]").is_disabled()


# How much ink there is in each column of the paper's middle: the least and the most.
INK = """() => {
  const canvas = document.querySelector('canvas.ink'), s = canvas.width, from = Math.round(0.3 * s), n = s - 2 * from;
  const { data } = canvas.getContext('2d').getImageData(from, 0, n, s), sums = Array(n).fill(0);
  for (let i = 0; i < s * n; i++) sums[i % n] += data[4 * i + 3];
  return [Math.min(...sums), Math.max(...sums)];
}"""


def test_a_line_is_even_while_it_grows_and_after(page):
    page.mouse.move(*spot(page, 0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.8, 0.3), steps=60)
    growing = page.evaluate(INK)
    page.mouse.up()
    assert growing[0] == growing[1] > 0
    assert page.evaluate(INK) == growing
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    assert page.evaluate(INK) == growing


# Strokes, each a step, as the tab remembers them.
REMEMBER = """() => {
  const steps = Array.from({ length: 50 }, (_, i) => ({ strokes: [
    { c: ['ink', 'red', 'erase'][i % 3], w: 5 + i % 9, m: i % 2, p: [8 * i, 40, 256, 9 * i, 500 - 8 * i, 480] },
  ] }));
  sessionStorage.setItem('pix2pix.drawing', JSON.stringify({ link: location.hash, steps }));
}"""
PIXELS = "[...document.querySelectorAll('.paper canvas')].map((layer) => layer.toDataURL()).join()"


@on_a_desktop
def test_undo_and_redo_of_many_steps_bring_the_same_pixels(page):
    def recalled() -> str:
        page.reload()
        page.locator("[data-do=undo]:enabled").wait_for()
        return page.evaluate(PIXELS)

    def press(keys: str) -> str:
        for _ in range(43):
            page.keyboard.press(keys)
        return page.evaluate(PIXELS)

    page.evaluate(REMEMBER)
    all_of_them, few = recalled(), press("Control+z")
    assert few != all_of_them
    assert press("Control+y") == all_of_them
    assert press("Control+z") == few
    assert recalled() == few, "drawn afresh"


@on_a_desktop
def test_an_eraser_on_empty_paper_is_no_step(page):
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    page.keyboard.press("Control+z")
    page.keyboard.press("e")
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    assert page.locator("[data-do=undo]").is_disabled()
    assert page.locator("[data-do=redo]").is_enabled()


@on_a_desktop
def test_an_eraser_that_meets_nothing_is_no_step(page):
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    stroke(page, (0.2, 0.5), (0.8, 0.5))
    page.keyboard.press("Control+z")
    before = drawing(page)
    page.keyboard.press("e")
    stroke(page, (0.2, 0.8), (0.8, 0.8))
    assert drawing(page) == before
    assert page.locator("[data-do=redo]").is_enabled()
    stroke(page, (0.5, 0.1), (0.5, 0.3))
    assert drawing(page) != before
    page.keyboard.press("Control+z")
    assert drawing(page) == before


def test_a_ring_as_wide_as_the_line_follows_the_mouse_over_the_paper(page):
    ring, paper = page.locator(".ring"), page.locator("canvas.ink").bounding_box()
    assert not ring.is_visible()
    for width in (9, 30):
        page.locator(".width input").fill(str(width))
        x, y = spot(page, 0.4, 0.6)
        page.mouse.move(x, y)
        ring.wait_for()
        box = ring.bounding_box()
        assert box["width"] == pytest.approx(width / 512 * paper["width"], abs=0.5)
        assert box["x"] + box["width"] / 2 == pytest.approx(x, abs=0.5)
        assert box["y"] + box["height"] / 2 == pytest.approx(y, abs=0.5)
        page.mouse.move(0, 0)
        ring.wait_for(state="hidden")


def test_a_finger_has_no_ring(visit, app_url):
    page = visit(app_url, PHONE)
    hand = Hand(page)
    hand.touch("Start", 0.2, 0.5)
    hand.touch("Move", 0.8, 0.5)
    assert not page.locator(".ring").is_visible()
    hand.touch("End")
    picture(page)
