"""A page whose parts come late, or not at all."""

from pathlib import Path

import gradio
import pytest
from conftest import wait_until_ready
from easel import model_field, on_a_desktop, picture, spot, stroke

pytestmark = pytest.mark.browser

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
# A script of Gradio's that the page waits for, and the easel does not: that of the field under it.
FIELD = next(path.name for path in ASSETS.glob("*.js") if "BaseDropdown" in path.read_text(encoding="utf-8"))


def load_without(page, script: str) -> list:
    """Loads the page anew; the requests for the script wait until one lets them go on."""
    held = []
    page.route(f"**/{script}", lambda route: held.append(route))
    page.reload(wait_until="commit")
    page.locator("canvas.ink").wait_for()
    return held


def let_go(held: list) -> None:
    assert held
    for route in held:
        route.continue_()


def test_one_can_draw_before_the_rest_of_the_page_has_come(page):
    held = load_without(page, FIELD)
    wait_until_ready(page)
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    shown = picture(page)
    assert page.locator("#model input").count() == 0
    let_go(held)
    model_field(page)
    assert picture(page) == shown
    page.get_by_role("tab").nth(2).click()
    page.locator("#morph .film img").first.wait_for()


def test_before_one_can_draw_nothing_looks_as_if(page):
    held = load_without(page, "draw/pen.js")
    controls = page.locator(":is(.easel button, .easel input, .easel .hint)")
    assert controls.count() > 20
    assert [control for control in controls.all() if control.is_visible()] == []
    let_go(held)
    wait_until_ready(page)
    assert page.locator("[data-do=share]").is_visible()


def test_a_pen_that_was_down_when_the_scripts_came_begins_its_stroke(page):
    held = load_without(page, "draw/pen.js")
    page.mouse.move(*spot(page, 0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.3, 0.3))
    let_go(held)
    wait_until_ready(page)
    page.mouse.move(*spot(page, 0.8, 0.3), steps=4)
    page.mouse.up()
    picture(page)
    page.mouse.move(*spot(page, 0.2, 0.6))  # no stroke without a pressed button
    page.mouse.move(*spot(page, 0.8, 0.6))
    page.keyboard.press("Control+z")
    page.locator("[data-do=undo]:disabled").wait_for()


@on_a_desktop
def test_a_mouse_that_was_up_when_the_scripts_came_draws_when_it_is_pressed(page):
    held = load_without(page, "draw/pen.js")
    page.mouse.move(*spot(page, 0.2, 0.3))
    let_go(held)
    wait_until_ready(page)
    page.mouse.move(*spot(page, 0.8, 0.3))
    assert page.locator("[data-do=undo]").is_disabled()
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    picture(page)


def test_whoever_gets_a_part_of_the_page_is_told_so(visit, app_url):
    page = visit(app_url, outage=True)
    page.route("**/draw/zoom.js", lambda route: route.abort())
    page.reload()
    page.get_by_role("alert").get_by_text("could not be loaded").wait_for()
