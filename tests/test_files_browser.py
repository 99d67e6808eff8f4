"""Images that come from outside, in the middle of something else or beside the easel; and what is no image."""

import pytest
from conftest import leave_screenshot
from easel import IDLE, PASTE, drawing, model_field, on_a_desktop, picture
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
    model_field(page)
    assert page.evaluate(DROP, "#model input") == [True, True]
    assert page.locator("[data-do=undo]").is_disabled()
    assert page.evaluate(DROP, ".masthead") == [False, False]
    assert picture(page)
    page.get_by_role("tab").nth(1).click()
    page.locator(".easel").wait_for(state="hidden")
    assert page.evaluate(DROP, ".masthead") == [True, True], "the easel is behind another tab"


def photo(path):
    """A red bag before a grey wall, with a small buckle."""
    image = Image.new("RGB", (400, 300), (170, 170, 165))
    pen = ImageDraw.Draw(image)
    pen.ellipse([110, 70, 290, 260], fill=(150, 40, 30))
    for y in range(150, 200, 6):
        pen.line([180, y, 220, y], fill=(170, 60, 45), width=2)
    image.save(path)
    return path


STROKES = "JSON.parse(sessionStorage.getItem('pix2pix.drawing'))?.kept[0][1].at(-1).strokes.length ?? 0"
TRACED = f"({STROKES}) > 0"


def test_a_photo_at_hand_is_traced_by_a_button_in_its_place(page, tmp_path):
    page.locator(".examples button").first.click()
    before = drawing(page)
    page.locator("input[type=file]").first.set_input_files(photo(tmp_path / "photo.png"))
    page.get_by_role("button", name="Trace its outline").click()
    page.get_by_role("slider", name="Detail").wait_for()
    assert page.get_by_text("Is this a photo?").count() == 0
    page.locator("[data-do=undo]").click()
    assert drawing(page) == before, "the photo is no step of its own"


def trace(page, path):
    page.locator(".open summary").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-open=photo]").click()
    chooser.value.set_files(path)
    page.wait_for_function(TRACED)
    picture(page)


def test_a_traced_drawing_has_a_link_and_a_slider_for_its_detail(page, visit, app_url, tmp_path):
    trace(page, photo(tmp_path / "photo.png"))
    code = drawing(page)
    assert 100 < len(code) < 16_000
    other = visit(f"{app_url}/{code}")
    other.wait_for_selector(IDLE)
    assert drawing(other) == code
    leave_screenshot(page, "traced")
    slider = page.get_by_role("slider", name="Detail")
    counts = []
    for end in ("Home", "End"):
        before = page.evaluate("sessionStorage.getItem('pix2pix.drawing')")
        slider.press(end)
        page.wait_for_function("was => sessionStorage.getItem('pix2pix.drawing') !== was", arg=before)
        counts.append(page.evaluate(STROKES))
    assert counts[0] < counts[1]
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]:disabled").wait_for()
    assert not slider.is_visible()
    page.locator("[data-do=redo]").click()
    slider.wait_for()


def test_a_photo_without_an_outline_leaves_the_drawing_alone(page, tmp_path):
    page.locator(".examples button").first.click()
    before = drawing(page)
    Image.new("RGB", (300, 300), (90, 120, 90)).save(tmp_path / "plain.png")
    page.locator(".open summary").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-open=photo]").click()
    chooser.value.set_files(tmp_path / "plain.png")
    page.get_by_text("No outline found").wait_for()
    assert drawing(page) == before


INKED = """() => {
  const canvas = document.querySelector('canvas.ink'), s = canvas.width;
  const { data } = canvas.getContext('2d').getImageData(0, 0, s, s);
  return data.filter((value, i) => i % 4 === 3 && value > 200).length / s / s;
}"""


def test_white_lines_on_nothing_become_black_ones_and_an_empty_image_is_told_so(page, tmp_path):
    image = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(image).rectangle([60, 60, 240, 200], outline="white", width=6)
    image.save(tmp_path / "white.png")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(tmp_path / "white.png")
    shown = picture(page)
    assert 0.01 < page.evaluate(INKED) < 0.1
    for name, paper in (("clear", (0, 0, 0, 0)), ("white", (255, 255, 255, 255))):
        Image.new("RGBA", (300, 300), paper).save(tmp_path / f"{name}.png")
        chooser.set_input_files(tmp_path / f"{name}.png")
        page.get_by_text("This image is empty").wait_for()
        page.locator("[data-do=share]").click()
        page.get_by_text("An opened image is too large for a link").wait_for()
    assert picture(page) == shown


TEXT = """([kind, type, text]) => {
  const data = new DataTransfer(), options = { bubbles: true, cancelable: true };
  data.setData(type, text);
  document.querySelector('.easel').dispatchEvent(kind === 'paste'
    ? new ClipboardEvent('paste', { ...options, clipboardData: data })
    : new DragEvent('drop', { ...options, dataTransfer: data }));
}"""


def test_dropped_addresses_and_pasted_texts_get_a_sentence_and_links_open(page, app_url):
    page.locator(".examples button").nth(2).click()
    code = drawing(page)
    page.locator("[data-do=undo]").click()
    for kind in ("paste", "drop"):
        for data, words in (
            (["text/uri-list", "https://example.org/bag.jpg"], "This is an address, not an image"),
            (["text/plain", " https://example.org/bag.jpg\n"], "This is an address, not an image"),
            (["text/plain", "a red bag"], "This is text, not an image"),
            (["text/html", "<b>bag</b>"], "This is text, not an image"),
        ):
            page.evaluate(TEXT, [kind, *data])
            page.get_by_text(words).wait_for()
            page.evaluate("document.querySelector('.message').textContent = ''")
        assert page.locator("[data-do=undo]").is_disabled()
        page.evaluate(TEXT, [kind, "text/plain", f"Look: {app_url}/{code} !"])
        picture(page)
        assert drawing(page) == code
        page.locator("[data-do=undo]").click()
