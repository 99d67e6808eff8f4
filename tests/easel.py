"""The live canvas as a hand and an eye use it."""

import re

import pytest
from conftest import DESKTOP

FRAMES = re.compile("component_server")  # where the canvas sends its drawings
IDLE = ".easel.painted[data-state=idle]:not(.refining)"

# For what does not depend on the size of the window; other tests run at both sizes.
on_a_desktop = pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["1280"])

PASTE = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 300 });
  const g = canvas.getContext('2d');
  g.fillStyle = '#b0a090';
  g.fillRect(0, 0, 300, 300);
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([await new Promise((done) => canvas.toBlob(done))], 'p.png', { type: 'image/png' }));
  document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
}"""


def spot(page, x: float, y: float) -> tuple[float, float]:
    """Fractions of the canvas -> pixels of the window."""
    canvas = page.locator("canvas.ink")
    canvas.scroll_into_view_if_needed()
    # While a zoom has not come to rest, the canvas is scaled beyond the paper that one sees.
    page.wait_for_function("!/scale\\((?!1\\))/.test(document.querySelector('.easel canvas.ink').style.transform)")
    box = canvas.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def stroke(page, *points, steps=6):
    page.mouse.move(*spot(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*spot(page, *point), steps=steps)
    page.mouse.up()


def drawing(page) -> str:
    """The drawing as the share link encodes it."""
    clear = "history.replaceState(null, '', location.pathname); document.querySelector('.message').textContent = ''"
    page.evaluate(clear)  # of what an earlier link left
    page.locator("[data-do=share]").click()
    page.wait_for_function("document.querySelector('.message').textContent && location.hash.startsWith('#d=')")
    code = page.evaluate("location.hash")
    page.evaluate(clear)
    return code


def picture(page) -> str:
    page.wait_for_selector(IDLE)
    return page.locator("img.picture").get_attribute("src")


def model_field(page):
    """The field for the name of a model, behind 'more'."""
    field = page.locator("#model input")
    if not field.is_visible():
        page.locator("#more > button").click()
    field.wait_for()
    return field


def choose_model(page, name):
    model_field(page).click()
    page.get_by_role("option", name=name).click()
