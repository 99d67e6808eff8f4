"""A graphics card paints with WebGPU. SwiftShader, a part of Chromium, imitates the card."""

import pytest
import torch
from conftest import BUILT_IN, alike, pages
from easel import picture, stroke
from test_device_browser import pixels
from test_site_browser import DRAWN, of_pipeline, save_loud, served, who_paints

from pix2pix import Pix2PixPipeline
from pix2pix.site import make

pytest.importorskip("onnxscript")
pytestmark = pytest.mark.browser

# The page leaves imitated cards alone, as they are slower than WebAssembly.
REAL = "Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });"
SLOW = 120_000  # milliseconds: imitated, the first picture takes long


def test_a_graphics_card_paints_what_the_pipeline_does(launch, tmp_path):
    torch.manual_seed(0)
    save_loud(tmp_path / "bags", {"styles": BUILT_IN}, num_downs=5, ngf=4, style_dim=16, smooth=2)
    make(tmp_path / "site", [str(tmp_path / "bags")], None)
    browser = launch("--enable-unsafe-webgpu")
    with served(tmp_path / "site") as host, pages(browser) as visit:
        page = visit(f"http://127.0.0.1:{host.server_port}/", before=REAL, bypass_csp=True)
        page.set_default_timeout(SLOW)
        who_paints(page, "your graphics card")
        page.locator(".shades [data-colour=red]").click()
        stroke(page, (0.4, 0.5), (0.6, 0.6))
        pipe = Pix2PixPipeline.from_pretrained(tmp_path / "bags", device="cpu")
        assert alike(pixels(picture(page)), of_pipeline(pipe, page.evaluate(DRAWN)))
