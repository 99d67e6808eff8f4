"""Images that come from outside, in the middle of something else or beside the easel."""

import pytest
from easel import PASTE, on_a_desktop, picture
from PIL import Image, ImageDraw

pytestmark = [pytest.mark.browser, on_a_desktop]

HOLD = """() => {
  const read = createImageBitmap;
  window.createImageBitmap = async (file) => {
    if (file.name === 'photo.jpg') await new Promise((go) => (window.release = go));
    return read(file);
  };
}"""


def test_a_photo_is_traced_whatever_is_pasted_meanwhile(page, tmp_path):
    photo = Image.new("RGB", (300, 300), (240, 240, 235))
    ImageDraw.Draw(photo).ellipse([80, 90, 220, 240], fill=(150, 40, 30))
    photo.save(tmp_path / "photo.jpg")
    page.evaluate(HOLD)
    page.locator(".open summary").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-open=photo]").click()
    chooser.value.set_files(tmp_path / "photo.jpg")
    page.wait_for_function("Boolean(window.release)")
    page.evaluate(PASTE)
    picture(page)
    with page.expect_request(lambda request: '"trace"' in (request.post_data or "")):
        page.evaluate("release()")


# Drops an outline there; says whether the browser still does what it does by itself, which is to leave the page.
DROP = """async (selector) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 300 });
  canvas.getContext('2d').fillRect(100, 100, 100, 100);
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([await new Promise((done) => canvas.toBlob(done))], 'p.png', { type: 'image/png' }));
  const options = { dataTransfer, bubbles: true, cancelable: true };
  const drop = (kind) => document.querySelector(selector).dispatchEvent(new DragEvent(kind, options));
  return ['dragover', 'drop'].map(drop);
}"""


def test_an_image_dropped_beside_the_easel_is_a_drawing(page):
    assert page.evaluate(DROP, "#model input") == [True, True]
    assert page.locator("[data-do=undo]").is_disabled()
    assert page.evaluate(DROP, ".masthead") == [False, False]
    assert picture(page)
    page.get_by_role("tab").nth(1).click()
    page.locator(".easel").wait_for(state="hidden")
    assert page.evaluate(DROP, ".masthead") == [True, True], "the easel is behind another tab"
