"""The pen of the live canvas: what mouse, finger and stylus leave on the paper, and what they do not."""

import pytest
from conftest import PHONE
from easel import drawing, picture, spot, stroke

pytestmark = pytest.mark.browser


class Hand:
    """Pointers as the system reports them, with what Playwright's own mouse cannot do; places as `spot` has them."""

    def __init__(self, page):
        self.page, self.session = page, page.context.new_cdp_session(page)

    def touch(self, kind: str, *place: float):
        points = [dict(zip("xy", spot(self.page, *place), strict=True))] if place else []
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def point(self, kind: str, *place: float, buttons: int = 1, **more):
        x, y = spot(self.page, *place)
        button = "none" if kind == "Moved" else "left"
        options = {"button": button, "buttons": buttons, "clickCount": 1} | more
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
    hand.point("Pressed", 0.2, 0.3, pointerType="pen")
    hand.point("Moved", 0.8, 0.3, pointerType="pen")
    hand.touch("Move", 0.3, 0.9)
    hand.point("Released", 0.8, 0.3, pointerType="pen", buttons=0)
    hand.touch("End")
    by_pen = drawing(page)
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]:disabled").wait_for()
    stroke(page, (0.2, 0.3), (0.8, 0.3), steps=1)
    assert drawing(page) == by_pen
