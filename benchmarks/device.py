"""One picture on the server and on a visitor's device: milliseconds, in one run on one machine.

    python benchmarks/device.py [SOURCE] [--pictures 20]

Prints medians of the server's way (the drawing prepared, the network as the app runs it, JPEG) and of the browser's
(likewise, in a Worker of headless Chromium: ONNX Runtime Web, WebAssembly in one thread), the bytes that the browser
fetches, and the PSNR of the two pictures. Needs `pip install -r requirements-dev.txt` and Chromium; run it on an
otherwise idle machine. The network's way over a line is not in it: see benchmarks/live_canvas.py.
"""

import argparse
import functools
import http.server
import math
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from machine import describe  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from pix2pix import Pix2PixPipeline  # noqa: E402
from pix2pix.export import export  # noqa: E402
from pix2pix.ui.examples import EXAMPLE  # noqa: E402
from pix2pix.ui.pictures import data_url  # noqa: E402

# Runs in the page: gives {load, first, times, pixels}, times in milliseconds.
PAINT = """async ({ drawing, style, model, pictures }) => {
  const { Device } = await import('/device/device.js');
  const device = new Device(), frame = { drawing: new Uint8ClampedArray(drawing), hints: null, style };
  const at = (name) => location.origin + '/' + name, times = [], start = performance.now();
  const module = at('device/runtime/ort.wasm.bundle.min.mjs');
  const wasm = at('device/runtime/ort-wasm-simd-threaded.wasm.gz');
  await device.load({ network: at('network.onnx'), runtime: { module, wasm, provider: 'wasm' }, model });
  const load = performance.now() - start;
  const { pixels, ms: first } = await device.paintRaw(frame);
  for (let i = 0; i < pictures; i++) {
    const start = performance.now();
    await device.paint(frame);
    times.push(performance.now() - start);
  }
  return { load, first, times, pixels: [...pixels] };
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def log_message(self, format: str, *args) -> None:
        pass


def on_server(pipe: Pix2PixPipeline, drawing: Image.Image, pictures: int) -> list[float]:
    times = []
    for _ in range(pictures + 3):
        start = time.perf_counter()
        data_url(pipe(pipe.condition(drawing)), lossless=False)
        times.append(1000 * (time.perf_counter() - start))
    return times[3:]


def on_device(pipe: Pix2PixPipeline, folder: Path, drawing: Image.Image, pictures: int) -> dict:
    """In a page that serves the very scripts of the app."""
    shutil.copytree(ROOT / "pix2pix" / "ui" / "device", folder / "device")
    (folder / "index.html").write_text("<!doctype html><title>benchmark</title>")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    what = {
        "drawing": list(drawing.convert("RGBA").tobytes()),
        "style": pipe.built_in_styles[0].numbers if pipe.styles else None,
        "model": {"size": pipe.image_size, "channels": pipe.input_nc, "line_width": pipe.line_width},
        "pictures": pictures,
    }
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        found = page.evaluate(PAINT, what)
        browser.close()
    server.shutdown()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", default=str(ROOT / "checkpoints" / "handbags"))
    parser.add_argument("--pictures", type=int, default=20)
    args = parser.parse_args()
    pipe = Pix2PixPipeline.from_pretrained(args.source, device="cpu")
    pipe.speed_up().join()  # as the app does
    drawing = EXAMPLE.resize((pipe.image_size, pipe.image_size))
    print(describe())
    with tempfile.TemporaryDirectory() as name:
        export(args.source, Path(name) / "network.onnx", half=True)
        size = (Path(name) / "network.onnx").stat().st_size
        before = on_server(pipe, drawing, args.pictures)
        found = on_device(pipe, Path(name), drawing, args.pictures)
        after = on_server(pipe, drawing, args.pictures)
    pixels = np.array(found["pixels"], float).reshape(pipe.image_size, pipe.image_size, 4)[..., :3]
    error = max(float(np.square(pixels - np.asarray(pipe(drawing))).mean()), 1e-6)
    runtime = ROOT / "pix2pix" / "ui" / "device" / "runtime" / "ort-wasm-simd-threaded.wasm.gz"
    print(f"server:           {statistics.median(before + after):.0f} ms a picture")
    print(f"WebAssembly:      {statistics.median(found['times']):.0f} ms a picture, the first {found['first']:.0f} ms")
    print(
        f"to get it ready:  {found['load']:.0f} ms for {(size + runtime.stat().st_size) / 1e6:.0f} MB, on this machine"
    )
    print(f"the same picture: {10 * math.log10(255**2 / error):.0f} dB")


if __name__ == "__main__":
    main()
