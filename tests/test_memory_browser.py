"""What a tab remembers of its drawing, and where it may not."""

import pytest
from conftest import wait_until_ready
from easel import IDLE, drawing, on_a_desktop, picture, stroke
from PIL import Image

pytestmark = pytest.mark.browser


SPY = """
window.encoded = 0;
const encode = HTMLCanvasElement.prototype.toDataURL;
HTMLCanvasElement.prototype.toDataURL = function (...how) {
  encoded += this.width === 512; // a layer of an opened image; what goes to the server is smaller
  return encode.apply(this, how);
};
const keep = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, text) {
  if (text.length > (window.most ?? Infinity)) throw new DOMException('full', 'QuotaExceededError');
  keep.call(this, key, text);
};
"""
KEPT = "n => JSON.parse(sessionStorage.getItem('pix2pix.drawing'))?.kept[0][1].length === n"


def test_a_reload_restores_what_fits_into_the_memory_and_an_image_is_encoded_once(visit, app_url, tmp_path):
    page = visit(app_url, before=SPY)
    Image.effect_noise((300, 200), 90).save(tmp_path / "large.png")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "large.png")
    for number in range(2):
        stroke(page, (0.2, 0.3 + number / 4), (0.8, 0.3 + number / 4))
        page.wait_for_function(KEPT, arg=number + 2)
    assert page.evaluate("encoded") == 2  # ink and colour
    page.reload()
    page.wait_for_selector(IDLE)
    stroke(page, (0.2, 0.8), (0.8, 0.8))
    page.wait_for_function(KEPT, arg=4)
    assert page.evaluate("encoded") == 0
    page.evaluate("window.most = 20000")  # the image no longer fits
    page.locator(".examples button").first.click()
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    page.wait_for_function(KEPT, arg=2)
    code = drawing(page)
    page.reload()
    page.wait_for_selector(IDLE)
    assert drawing(page) == code


@on_a_desktop
def test_without_storage_a_link_opens_and_one_can_draw(page, visit, app_url):
    """As in a frame of another site, where the browser blocks what would be kept."""
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    code = drawing(page)
    blocked = "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('blocked') } })"
    other = visit(app_url + "/" + code, before=blocked)
    first = picture(other)
    assert drawing(other) == code
    stroke(other, (0.2, 0.6), (0.8, 0.6))
    other.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=first)
    other.reload()  # nothing was kept, and nothing is said of it
    wait_until_ready(other)
    assert not other.locator("img.picture").is_visible()
