"""The page paints on the visitor's device where that is faster than the server, and the server goes on where not."""

import base64
import io
import shutil

import httpx
import numpy as np
import pytest
from conftest import Server, canvas_of
from easel import IDLE, picture, stroke
from PIL import Image

pytest.importorskip("onnxscript")
pytestmark = pytest.mark.browser

SAVE_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
# The server's pictures take three seconds on their way.
FAR_AWAY = """
const near = window.fetch;
window.fetch = async (address, options) => {
  if (String(options?.body).includes('"paint"')) await new Promise((go) => setTimeout(go, 3000));
  return near(address, options);
};
"""
SWITCH = "[data-do=device]"
LONG = 240_000  # milliseconds: a network is exported, fetched and tried out
# The server's are JPEG.
SWATCH_OF_THE_DEVICE = "document.querySelector('.tile img[src^=\"data:image/png\"]') !== null"
ANOTHER = "before => document.querySelector('img.picture').src !== before"


@pytest.fixture(scope="module")
def generous_url(checkpoints, tmp_path_factory):
    """An app that gives its model away. The model is told a style, and has no upscaler: pictures have one size."""
    totes = tmp_path_factory.mktemp("generous") / "totes"
    shutil.copytree(checkpoints / "totes", totes, ignore=shutil.ignore_patterns("upscaler"))
    server = Server(checkpoints, "--on_device", "--pix2pix", str(totes)).start()
    yield server.url
    assert "Traceback" not in server.stop()


@pytest.fixture
def open_far(visit, generous_url):
    # An outage, as Chromium warns of a computer without graphics card.
    return lambda before="": visit(generous_url, before=FAR_AWAY + before, outage=True)


def pixels(source: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("RGB"), float)


def who_paints(page, words: str) -> None:
    page.wait_for_function(f"document.querySelector('.where').textContent.includes({words!r})", timeout=LONG)


def test_a_device_paints_what_a_server_far_away_would(open_far):
    page = open_far()
    stroke(page, (0.2, 0.3), (0.8, 0.3), (0.8, 0.8), (0.2, 0.8), (0.2, 0.3))
    page.locator(".shades [data-colour=red]").click()
    stroke(page, (0.4, 0.5), (0.6, 0.6))
    who_paints(page, "your processor")
    assert page.locator(SWITCH).get_attribute("aria-pressed") == "true"

    asked = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    before = picture(page)
    stroke(page, (0.3, 0.4), (0.7, 0.4))
    page.wait_for_function(ANOTHER, arg=before)
    here = picture(page)
    page.wait_for_function(SWATCH_OF_THE_DEVICE)
    assert not any('"paint"' in body or '"sample"' in body for body in asked), "the drawing stays on the device"

    page.locator(SWITCH).click()
    who_paints(page, "CPU")
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=redo]").click()
    page.wait_for_function(ANOTHER, arg=here)
    assert np.square(pixels(picture(page)) - pixels(here)).mean() < 255**2 / 10**3.5, "35 dB; the server sends JPEG"
    assert any('"paint"' in body for body in asked)


def test_a_device_that_fails_loses_no_stroke(open_far):
    page = open_far()
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    who_paints(page, "your processor")
    lose = "() => { OffscreenCanvas.prototype.convertToBlob = () => Promise.reject(Error('lost')); }"
    page.workers[-1].evaluate(lose)
    before = picture(page)
    stroke(page, (0.8, 0.3), (0.2, 0.7))
    who_paints(page, "CPU")
    page.wait_for_function("document.querySelector('.message').textContent.includes('failed')")
    page.wait_for_function(ANOTHER, arg=before)
    page.wait_for_selector(IDLE)


def test_a_trial_that_fails_is_said_beside_who_paints(open_far):
    page = open_far("window.Worker = class { constructor() { throw Error('blocked'); } };")
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    who_paints(page, "your device can't paint")
    assert "CPU" in page.locator(".where").inner_text()
    page.locator(SWITCH).click()
    assert "can't" not in page.locator(".where").inner_text()


def test_on_mobile_data_nothing_is_fetched_unless_asked_for(open_far):
    page = open_far(SAVE_DATA)
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    page.wait_for_selector(f"{SWITCH}:not([hidden])", timeout=LONG)
    assert page.locator(SWITCH).get_attribute("aria-pressed") == "false"
    assert "MB" in page.locator(SWITCH).inner_text()
    assert not any(url.endswith((".onnx", ".wasm.gz")) for url in fetched)
    page.locator(SWITCH).click()
    who_paints(page, "your processor")
    assert any(url.endswith(".onnx") for url in fetched)


def test_models_that_visitors_name_are_not_given_away(generous_url):
    with httpx.Client(base_url=generous_url, timeout=60) as http:
        ask = canvas_of(http)
        for name in ("google/some-model", "no such model", "", None, 7, ["totes"]):
            assert "network" not in ask("device", {"model": name}).json(), name
        assert ask("device", {"model": "totes"}).json().keys() & {"wait", "network"}
