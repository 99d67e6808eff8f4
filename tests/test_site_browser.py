"""The page without a server: the visitor's browser paints, from files that any host serves."""

import functools
import http.server
import io
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from conftest import BUILT_IN, DESKTOP, PHONE, alike, leave_screenshot, serious_findings
from easel import IDLE, drawing, picture, stroke
from PIL import Image
from test_device_browser import ANOTHER, SAVE_DATA, pixels

from pix2pix import DCGANGenerator, DigitPipeline, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.site import make

pytest.importorskip("onnxscript")
pytestmark = pytest.mark.browser

NO_CARD = "Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });"  # Chromium would warn
WHERE = "words => document.querySelector('.where').textContent.includes(words)"
SAYS = "words => document.querySelector('.message').textContent.includes(words)"
KEPT = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  return (await Promise.all(caches_.map((cache) => cache.keys()))).flat().map(({ url }) => url);
}"""
LARGE = ("network.onnx", ".wasm.gz.bin", ".bundle.min.js")
DRAWN = """async () => {
  const modules = document.querySelector('[rel=modulepreload][href$="draw/encode.js"]').href;
  const { image, hints } = (await import(modules)).drawn();
  const { styleNow } = await import(modules.replace('encode', 'style'));
  return { image: [...image], hints: hints && [...hints], style: styleNow() };
}"""


class Host(http.server.SimpleHTTPRequestHandler):
    """A host of static files, as `python -m http.server` is one."""

    cut = ""  # ending of an address whose file ends in the middle, once

    def log_message(self, *_):
        pass

    def copyfile(self, source, outputfile):
        if Host.cut and self.path.endswith(Host.cut):
            Host.cut = ""
            outputfile.write(source.read(1000))
            self.close_connection = True
        else:
            super().copyfile(source, outputfile)


@contextmanager
def served(folder):
    host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=folder))
    host.daemon_threads = True
    threading.Thread(target=host.serve_forever, daemon=True).start()
    try:
        yield host
    finally:
        host.shutdown()
        host.server_close()


def save_loud(folder, own=None, **options):
    """An untrained network paints grey; louder, it shows every line."""
    generator = UNetGenerator(**options)
    for parameter in generator.parameters():
        if parameter.dim() == 4:
            parameter.data.mul_(5)
    checkpoint.save(generator, folder, **(own or {}))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Checkpoints of 64 pixels: "totes" is told a style, "shoes" redraws lines and knows no colours."""
    folder = tmp_path_factory.mktemp("small")
    torch.manual_seed(0)
    save_loud(folder / "totes", {"styles": BUILT_IN}, num_downs=6, ngf=8, style_dim=16, smooth=2)
    save_loud(folder / "shoes", {"line_width": 2}, num_downs=6, ngf=8, input_nc=1)
    digits = DCGANGenerator(ngf=4)
    for parameter in digits.parameters():
        if parameter.dim() == 4:
            parameter.data.mul_(9)
    checkpoint.save(digits, folder / "digits")
    return folder


@pytest.fixture(scope="module")
def site(small, tmp_path_factory):
    """A folder with a site under `some/where`."""
    folder = tmp_path_factory.mktemp("host")
    make(folder / "some" / "where", [str(small / "totes"), str(small / "shoes")], str(small / "digits"))
    return folder


@pytest.fixture(scope="module")
def host(site):
    with served(site) as host:
        yield host


@pytest.fixture
def open_site(visit, host):
    def open_it(size=DESKTOP, before="", **options):
        url = f"http://127.0.0.1:{host.server_port}/some/where/"
        return visit(url, size, before=NO_CARD + before, bypass_csp=True, **options)  # the tests' own scripts

    return open_it


def who_paints(page, words="your processor"):
    page.wait_for_function(WHERE, arg=words)


def of_pipeline(pipe, drawn: dict) -> np.ndarray:
    """What the pipeline paints of what is on the page."""
    image, hints = (
        drawn[name] and Image.fromarray(np.array(drawn[name], np.uint8).reshape(pipe.image_size, pipe.image_size, 4))
        for name in ("image", "hints")
    )
    style = drawn["style"] if pipe.styles else None
    return np.asarray(pipe(image.convert("RGB"), hints=hints, style=style), float)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_the_device_paints_what_the_pipeline_does(open_site, small, size):
    page = open_site(size)
    who_paints(page)
    assert serious_findings(page) == []
    stroke(page, (0.2, 0.3), (0.8, 0.3), (0.8, 0.8), (0.2, 0.8), (0.2, 0.3))
    first = picture(page)
    page.locator(".tile:not([aria-pressed=true])").first.click()
    page.wait_for_function(ANOTHER, arg=first)
    styled = picture(page)
    page.locator(".shades [data-colour=red]").click()
    stroke(page, (0.4, 0.5), (0.6, 0.6))
    page.wait_for_function(ANOTHER, arg=styled)
    coloured = picture(page)
    pipe = Pix2PixPipeline.from_pretrained(small / "totes", device="cpu")
    assert alike(pixels(coloured), of_pipeline(pipe, page.evaluate(DRAWN)))
    page.wait_for_selector(".tile img:not([hidden])")  # a swatch
    leave_screenshot(page, f"site-{size[0]}")

    for before in (styled, first):
        page.locator("[data-do=undo]").click()
        page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=before)
    page.locator("[data-do=redo]").click()
    page.wait_for_function(ANOTHER, arg=first)
    with page.expect_download() as download:
        page.locator(".save summary").click()
        page.locator("[data-save=picture]").click()
    with Image.open(io.BytesIO(download.value.path().read_bytes())) as saved:
        assert saved.size == (256, 256)
        small = np.asarray(saved.convert("RGB").resize((64, 64), Image.Resampling.BOX), float)
    assert np.square(small - pixels(picture(page))).mean() < 255**2 / 10**2, "the same picture, but larger"

    code = drawing(page)
    other = open_site(size)
    other.evaluate("hash => { location.hash = hash; }", code)
    picture(other)
    assert drawing(other) == code


def test_all_other_things_of_the_page(open_site, small):
    page = open_site(locale="ja-JP", color_scheme="dark")
    who_paints(page, "お使いのプロセッサー")
    assert page.evaluate("document.documentElement.lang") == "ja"
    assert "輪郭を描いてください" in page.locator(".masthead").inner_text()
    assert serious_findings(page) == []
    page.locator(".examples button").first.click()
    before = picture(page)
    page.locator("[data-do=another]").click()
    page.wait_for_function(ANOTHER, arg=before)
    page.locator("[data-do=surprise]").click()
    page.wait_for_function("document.querySelectorAll('.versions img').length === 4")
    page.keyboard.press("Escape")
    for server_only in ("[data-open=photo]", "[data-open=style]", ".tracer", "[data-do=device]"):
        assert not page.locator(server_only).is_visible()

    before = picture(page)
    page.locator(".subjects button:has-text('shoes')").click()
    who_paints(page, "shoes · お使いの")
    page.wait_for_function(ANOTHER, arg=before)
    pipe = Pix2PixPipeline.from_pretrained(small / "shoes", device="cpu")
    assert alike(pixels(picture(page)), of_pipeline(pipe, page.evaluate(DRAWN)))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_the_digits_are_those_of_the_pipeline(open_site, small, size):
    page = open_site(size)
    page.get_by_role("tab", name="Digits").click()
    page.wait_for_selector(".player:not([hidden])")
    assert serious_findings(page) == []
    leave_screenshot(page, f"site-digits-{size[0]}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    pipe = DigitPipeline.from_pretrained(small / "digits", device="cpu")

    def agree(selector: str, images: list[Image.Image]):
        sources = page.evaluate("all => [...document.querySelectorAll(all)].map(({ src }) => src)", selector)
        assert len(sources) == len(images)
        for source, image in zip(sources, images, strict=True):
            assert alike(pixels(source), np.asarray(image.convert("RGB"), float))

    sections = [f".digits-section:nth-of-type({i})" for i in range(1, 5)]
    agree(f"{sections[0]} .cells img", pipe([3] * 16, seed=0))
    agree(f"{sections[1]} img", [pipe.write("2026", seed=0)])
    agree(f"{sections[2]} .cells img", [image for row in pipe.styles(seed=0, count=4) for image in row])
    agree(f"{sections[3]} .film img", pipe.morph(3, 8, seed=0, seed_end=1))

    before = page.locator(f"{sections[1]} img").get_attribute("src")
    page.locator("#number-seed").fill("-5")  # first: the picture waited for has both
    page.locator("#number").fill("７7")  # as Japanese keyboards write it
    page.wait_for_function(f"src => document.querySelector('{sections[1]} img').alt.startsWith('77')", arg=before)
    page.wait_for_function("src => document.querySelector('[src=\"' + src + '\"]') === null", arg=before)
    agree(f"{sections[1]} img", [pipe.write("77", seed=-5)])
    page.locator("#number").fill("seven")
    page.wait_for_selector(".note:has-text('Type 1 to 32 of these characters')")
    with page.expect_download() as download:
        page.locator(".player .save").click()
    with Image.open(download.value.path()) as animation:
        assert (download.value.suggested_filename, animation.format) == ("3-8.gif", "GIF")
        assert (animation.size, animation.n_frames) == ((168, 168), 46)
        animation.seek(10)
        frame = animation.convert("L").resize((28, 28), Image.Resampling.BOX)
        wanted = pipe.morph(3, 8, seed=0, seed_end=1)[10]
        assert np.corrcoef(np.asarray(frame).ravel(), np.asarray(wanted).ravel())[0, 1] > 0.9


def test_the_page_works_again_when_the_server_is_gone(visit, site):
    with served(site) as host:
        page = visit(f"http://127.0.0.1:{host.server_port}/some/where/", before=NO_CARD)  # under its own CSP
        page.wait_for_selector(".where:has-text('your processor')")
        while not all(any(url.endswith(end) for url in page.evaluate(KEPT)) for end in LARGE):
            page.wait_for_timeout(50)
    page.reload()
    page.locator(".examples button").first.click()
    page.wait_for_selector(IDLE)
    page.get_by_role("tab", name="Digits").click()
    page.wait_for_selector(".player:not([hidden])")
    assert page.evaluate("crossOriginIsolated"), "so that it may use several threads"


def test_a_browser_without_room_says_so(browser, host):
    url = f"http://127.0.0.1:{host.server_port}"
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(NO_CARD)
    page = context.new_page()
    quota = {"origin": url, "quotaSize": 1_500_000}  # room for the page itself
    context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    page.goto(f"{url}/some/where/")
    page.wait_for_function(SAYS, arg="no room to keep the page")
    page.locator(".examples button").first.click()
    picture(page)
    context.close()


def test_a_download_that_is_cut_is_said_and_tried_again(open_site):
    Host.cut = "network.onnx"
    page = open_site(outage=True)
    page.locator(".examples button").first.click()
    page.wait_for_selector(".arrival:has-text('did not arrive')")
    page.wait_for_function(SAYS, arg="did not arrive; your drawing is safe")
    page.locator(".arrival button").click()
    picture(page)
    assert page.locator(".arrival").is_hidden()
    assert page.locator(".message").inner_text() == ""


def test_a_device_that_fails_starts_again_and_loses_no_stroke(open_site):
    page = open_site()
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    before = picture(page)
    page.workers[-1].evaluate(
        "() => { OffscreenCanvas.prototype.convertToBlob = () => Promise.reject(Error('lost')); }"
    )
    stroke(page, (0.8, 0.3), (0.2, 0.7))
    page.wait_for_function(ANOTHER, arg=before)
    picture(page)


def test_a_browser_that_cannot_paint_says_so(open_site):
    page = open_site(before="WebAssembly.validate = () => false;")
    page.wait_for_selector(".arrival:has-text('needs WebAssembly with SIMD')")
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    page.wait_for_function(SAYS, arg="needs WebAssembly with SIMD")


def test_on_mobile_data_the_network_comes_when_it_is_asked_for(open_site):
    page = open_site(before=SAVE_DATA)
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    page.wait_for_selector(".arrival button:has-text('Get it now')")
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    page.wait_for_selector(".easel[data-state=refused]")
    assert not any(url.endswith(".onnx") for url in fetched)
    page.locator(".arrival button").click()
    picture(page)
