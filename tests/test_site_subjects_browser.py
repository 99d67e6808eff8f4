"""The page without a server offers several subjects; one is a stranger's, drawn in labels."""

import numpy as np
import pytest
from conftest import DESKTOP, PHONE, alike, leave_screenshot, serious_findings
from easel import IDLE, drawing, picture, stroke
from PIL import Image
from test_device_browser import ANOTHER, SAVE_DATA, pixels
from test_labels_browser import draw_town
from test_site_browser import DRAWN, NO_CARD, of_pipeline, save_loud, served, who_paints
from test_subjects_browser import choose
from towns import LAND, PARK, ROAD, WATER, save_towns

from pix2pix import Pix2PixPipeline, checkpoint
from pix2pix.networks.upscaler import Upscaler
from pix2pix.site import make
from pix2pix.ui.drawings import Drawing

pytest.importorskip("onnxscript")
pytestmark = pytest.mark.browser

# A picture of soft colours, as a map from elsewhere has them.
PASTE = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 300 });
  const g = canvas.getContext('2d');
  for (const [colour, x] of [['#e9e5de', 0], ['#a8ccf8', 60], ['#cbdfac', 180]]) {
    g.fillStyle = colour;
    g.fillRect(x, 0, 300, 300);
  }
  g.strokeStyle = '#fff';
  g.lineWidth = 9;
  g.stroke(new Path2D('M10 10L280 200'));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([await new Promise((done) => canvas.toBlob(done))], 'p.png', { type: 'image/png' }));
  document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
}"""

SHARP = """async (scale) => {
  const encode = document.querySelector('[rel=modulepreload][href$="draw/encode.js"]').href;
  const { image, sharp } = (await import(encode.replace('encode', 'finer'))).enlarged(scale);
  return [[...image], [...sharp]];
}"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subjects")
    save_loud(folder / "handbags", num_downs=6, ngf=8)
    upscaler = Upscaler(4, depth=1)
    for parameter in upscaler.parameters():
        parameter.data.normal_(0, 0.2)
    checkpoint.save(upscaler, folder / "handbags" / "upscaler")
    save_towns(folder / "towns")
    return folder


@pytest.fixture(scope="module")
def host(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "site"
    make(folder, [str(models / "handbags"), str(models / "towns")])
    with served(folder) as host:
        yield host


@pytest.fixture
def open_site(visit, host):
    def open_it(size=DESKTOP, code="", before=""):
        url = f"http://127.0.0.1:{host.server_port}/{code}"
        return visit(url, size, before=NO_CARD + before, bypass_csp=True)

    return open_it


def labels_of(page) -> np.ndarray:
    """The colour "#rrggbb" of every pixel of the drawing, as the device gets it."""
    image = np.array(page.evaluate(DRAWN)["image"], np.uint32).reshape(-1, 4)
    codes = image[:, 0] << 16 | image[:, 1] << 8 | image[:, 2]
    side = int(len(codes) ** 0.5)
    return np.array([f"#{code:06x}" for code in codes]).reshape(side, side)


def as_the_pipeline(page, models) -> bool:
    pipe = Pix2PixPipeline.from_pretrained(models / "towns", device="cpu")
    return alike(pixels(picture(page)), of_pipeline(pipe, page.evaluate(DRAWN)))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_a_map_is_drawn_with_its_own_pens_and_each_subject_keeps_its_drawing(open_site, models, size):
    page = open_site(size)
    stroke(page, (0.2, 0.3), (0.8, 0.3), (0.8, 0.8), (0.2, 0.8), (0.2, 0.3))
    picture(page)
    bag = drawing(page)
    choose(page, "Towns")
    page.get_by_text("Draw a <u>town</u>", exact=True).wait_for()
    who_paints(page, "towns · your processor")
    assert page.get_by_role("button", name="Start from: River <i>one</i>").count() == 1
    assert serious_findings(page) == []
    for gone in ("[data-colour=ink]", "[data-do=mirror]", "[data-do=surprise]", ".styles"):
        assert not page.locator(gone).is_visible()

    draw_town(page)
    assert as_the_pipeline(page, models)
    labels = labels_of(page)
    assert set(labels.ravel()) == {LAND, ROAD, WATER, PARK}
    assert labels[int(0.9 * len(labels)), int(0.2 * len(labels))] == PARK
    leave_screenshot(page, f"site-towns-{size[0]}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    town = drawing(page)
    assert town.endswith("&of=towns")

    choose(page, "Bags")
    who_paints(page, "handbags · your processor")
    assert page.locator(".easel.labelled").count() == 0
    picture(page)
    assert drawing(page) == bag
    other = open_site(size, town)
    who_paints(other, "towns · your processor")
    picture(other)
    assert drawing(other) == town


def test_a_map_from_elsewhere_gets_the_palettes_colours(open_site, models):
    page = open_site()
    choose(page, "Towns")
    page.evaluate(PASTE)
    assert as_the_pipeline(page, models)
    assert len(set(labels_of(page).ravel())) > 10  # so the page had to choose
    before = picture(page)
    page.locator(".examples button").click()
    page.wait_for_function(ANOTHER, arg=before)
    assert set(labels_of(page).ravel()) == {LAND, WATER}


def test_a_reload_brings_back_the_subject_and_mobile_data_is_asked_for_each(open_site):
    page = open_site(before=SAVE_DATA)
    choose(page, "Towns")
    page.locator(".examples button").click()
    page.locator(".arrival button:has-text('Get it now')").click()
    picture(page)
    town = drawing(page)
    page.reload()
    page.locator(".easel.labelled").wait_for()
    page.locator(".arrival button").click()
    page.wait_for_selector(IDLE)
    assert drawing(page) == town
    page.wait_for_function("[...document.querySelectorAll('.subjects img')].every((img) => img.naturalWidth)")
    choose(page, "Bags")
    page.wait_for_selector(".arrival button:has-text('Get it now')")


def test_pictures_are_enlarged_at_rest_and_in_files_as_by_the_pipeline(open_site, models):
    page = open_site()
    page.locator(".examples button").first.click()
    at_rest = pixels(picture(page))
    with page.expect_download() as download:
        page.locator(".save summary").click()
        page.locator("[data-save=picture]").click()
    pipe = Pix2PixPipeline.from_pretrained(models / "handbags", device="cpu")

    def enlarged(scale: int) -> np.ndarray:
        sides = (pipe.image_size, scale * pipe.image_size)
        drawn = zip(page.evaluate(SHARP, scale), sides, strict=True)
        lines, sharp = (Image.fromarray(np.array(flat, np.uint8).reshape(side, side, 4)) for flat, side in drawn)
        condition = Drawing(lines.convert("RGB"), sharp=sharp).condition(pipe)
        return np.asarray(pipe(condition, size=sides[1]), float)

    assert alike(at_rest, enlarged(2))
    with Image.open(download.value.path()) as file:
        saved = np.asarray(file.convert("RGB"), float)
    # On the way there, the browser halves the lines a little differently.
    assert np.square(saved - enlarged(4)).mean() < 255**2 / 10**2.5
