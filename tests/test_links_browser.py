"""Links and the tab's memory: drawings that are too long, that nobody drew, or that come back late."""

import base64
import zlib

import pytest
from conftest import DESKTOP, PHONE, wait_until_ready
from easel import PASTE, on_a_desktop, picture, spot

pytestmark = pytest.mark.browser


def link(*numbers: int, zeros: int = 0) -> str:
    """A link to bytes as a drawing has them: colour, width, number of points, differences; seven bits a byte."""
    data = bytearray()
    for number in numbers:
        while number > 127:
            data.append(number & 127 | 128)
            number >>= 7
        data.append(number)
    deflate = zlib.compressobj(9, wbits=-15)
    packed = deflate.compress(bytes(data) + bytes(zeros)) + deflate.flush()
    return "#d=" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


@pytest.mark.parametrize(
    "code",
    [
        link(0, 5, 5_000_000, zeros=10_000_000),
        link(*[0, 5, 2000, *[0] * 4000] * 11),
        link(0, 5, 2001, zeros=4002),
        link(0, 2**32 - 1, 1, 200, 200),  # a width that is -1 where numbers have 32 bits
        link(0, 129, 1, 200, 200),
        link(0, 0, 1, 200, 200),
        link(*[0, 1, 2000, *[0, 1000, 0, 999] * 1000] * 3),  # 6,000 lines from edge to edge
        link(*[1, 32, 2000, *[2, 0, 1, 0] * 1000] * 8),  # wide and mirrored, around one place
        link(*[14, 1, 1, 200, 200] * 2001),  # dots of the eraser, each of which takes a millisecond of an area's paper
        link(0, 5, 1) + "A" * 16_000,
        link(126, 0, 5, 1, 200, 200, 90),
        link(*[126, 1, 1, 2000, 400, 400, *[2, 2, 1, 1] * 999, 0, 0, *[14] * 2000] * 9),  # pressed, on one place
        link(126, 0, 5, 2, 200, 200, 2, 2, 8),
    ],
    ids=[
        *("five million points", "many in all", "in one", "negative", "wide", "thin", "length", "width", "dots"),
        *("long", "pressed too hard", "pressed on one place", "a pressure is missing"),
    ],
)
def test_a_link_that_no_drawing_has_is_refused(visit, app_url, code):
    """It would hold the page up for seconds or minutes."""
    page = visit(f"{app_url}/{code}")
    page.get_by_text("The link's drawing could not be read.").wait_for()
    assert page.locator("[data-do=undo]").is_disabled()


def test_a_link_of_many_points_opens(visit, app_url):
    page = visit(f"{app_url}/{link(*[0, 5, 1999, *[0] * 3998] * 10)}")
    page.locator("[data-do=undo]:enabled").wait_for()


LONG = """() => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const near = (v) => Math.round(Math.min(Math.max(v + 40 * random() - 20, 0), 512));
  const walk = () => {
    const p = [256, 256];
    while (p.length < 800) p.push(...p.slice(-2).map(near));
    return { c: 'ink', w: 3, m: 0, p };
  };
  const steps = [{ strokes: Array.from({ length: 400 }, walk) }];
  sessionStorage.setItem('pix2pix.drawing', JSON.stringify({ link: location.hash, steps }));
}"""


@on_a_desktop
def test_a_drawing_too_long_for_a_link_is_told_so(page):
    page.evaluate(LONG)
    page.reload()
    page.locator("[data-do=undo]:enabled").wait_for()
    page.locator("[data-do=share]").click()
    page.get_by_text("too large for a link").wait_for()


HOLD = """() => {
  const { decode } = HTMLImageElement.prototype;
  const held = new Promise((go) => (window.release = go));
  HTMLImageElement.prototype.decode = function () { return held.then(() => decode.call(this)); };
}"""
OPAQUE = """(kind) => {
  const canvas = document.querySelector('.paper ' + kind), s = canvas.width;
  return canvas.getContext('2d').getImageData(s / 2, s / 2, 1, 1).data[3] === 255;
}"""


@on_a_desktop
def test_a_stroke_that_grows_while_the_memory_comes_back_stays(page):
    page.evaluate(PASTE)
    picture(page)
    page.add_init_script(f"({HOLD})()")
    page.reload()
    wait_until_ready(page)
    page.mouse.move(*spot(page, 0.2, 0.5))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.6, 0.5), steps=4)
    page.evaluate("release()")
    page.wait_for_function(OPAQUE, arg=".colour")
    page.mouse.move(*spot(page, 0.8, 0.5), steps=4)
    page.mouse.up()
    assert page.evaluate(OPAQUE, ".ink")
    page.locator("[data-do=undo]").click()
    assert not page.evaluate(OPAQUE, ".ink")
    assert page.evaluate(OPAQUE, ".colour")


SHEET = """
window.sheets = [];
navigator.canShare = ({ files }) => files.length === 1;
navigator.share = async (what) => {
  sheets.push({ ...what, files: what.files?.map(({ type, size }) => [type, size > 1000]) });
  if (window.refusal) throw new DOMException('no', refusal);
};
"""


def test_a_phone_shares_by_its_own_sheet(visit, app_url):
    page = visit(app_url, PHONE, before=SHEET)
    page.locator(".examples button").first.click()
    picture(page)
    button = page.locator("[data-do=share]")
    assert button.inner_text() == "Share"
    for refusal in (None, "AbortError"):
        page.evaluate("name => { window.refusal = name }", refusal)
        button.click()
        page.wait_for_function("sheets.length === 1")
        assert page.evaluate("sheets.pop().url").startswith(f"{app_url}/#d=")
        assert page.locator(".message").text_content() == ""
    page.evaluate("window.refusal = 'NotAllowedError'")
    button.click()
    page.wait_for_function("document.querySelector('.message').textContent.includes('ink')")  # copied, or where it is
    page.evaluate("window.refusal = null; sheets.pop()")
    page.locator(".save summary").click()
    page.get_by_role("button", name="Share the picture").click()
    page.wait_for_function("sheets.length === 1")
    assert page.evaluate("sheets.pop().files") == [["image/png", True]]


def test_without_a_sheet_the_link_is_copied(visit, app_url):
    for size, before in ((PHONE, "navigator.share = undefined"), (DESKTOP, SHEET)):
        page = visit(app_url, size, before=before)
        assert page.locator("[data-do=share]").inner_text() == "Copy link"
        page.locator(".save summary").click()
        assert not page.get_by_role("button", name="Share the picture").is_visible()
        page.context.close()
