"""The server's way against a visitor's browser: milliseconds a picture, and pictures a second while a stroke is drawn.

    python benchmarks/device.py [FOLDER ...] [--pictures 20] [--strokes 10]

Several checkpoints are measured in one run, by default the handbags and the student that learned from them. For each,
it prints the medians of three ways:

- the server: a picture is prepared, painted as the app does it and encoded; a stroke is drawn in the app;
- WebAssembly in one thread: a picture is prepared, painted and encoded in a Worker of Chromium; a stroke is drawn on
  the page without a server;
- WebAssembly in several threads: likewise, on a host that sends the headers which they need.

It also prints the time from pointer-up to the picture, and how near the browser's picture is to the checkpoint's. It
needs requirements-dev.txt and Chromium; run it on an idle machine. All runs on this machine: the server's pictures
cross no network, and the drawing of a stroke itself takes part of the cores.
"""

import argparse
import contextlib
import functools
import http.server
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from live_canvas import NO_CARD, draw, open_page, running_app  # noqa: E402
from machine import describe  # noqa: E402

from pix2pix import Pix2PixPipeline  # noqa: E402
from pix2pix.deploy_static import HEADERS  # noqa: E402
from pix2pix.site import make  # noqa: E402
from pix2pix.ui import scripts  # noqa: E402
from pix2pix.ui.examples import example_of  # noqa: E402
from pix2pix.ui.pictures import data_url  # noqa: E402

# Runs in the page without a server, in a Worker of its own: gives {threads, load, first, times, quality, bytes}; times
# are in milliseconds.
PAINT = """async ({ version, pictures }) => {
  const at = (name) => new URL(name, document.baseURI).href;
  const script = (name) => import(at(`scripts/${version}/${name}`));
  const { Device } = await script('device/device.js'), { psnr } = await script('device/trial.js');
  const { pixelsOfImage } = await script('draw/images.js');
  const { models: [facts], runtimes: { wasm } } = JSON.parse(document.querySelector('#facts').textContent);
  const { model, proof, styles, network } = facts, device = new Device(), times = [], start = performance.now();
  const threads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 4) : 1;
  const runtime = { module: at(wasm.module), wasm: at(wasm.wasm), provider: 'wasm', threads };
  await device.load({ network: at(network), runtime, model });
  const load = performance.now() - start;
  const drawing = await pixelsOfImage(proof.drawing, model.size);
  const frame = { drawing, hints: null, style: styles[0] ?? null };
  const { pixels, ms: first } = await device.paintRaw(frame);
  for (let i = 0; i < pictures; i++) {
    const start = performance.now();
    await device.paint(frame);
    times.push(performance.now() - start);
  }
  device.close();
  const quality = psnr(pixels, await pixelsOfImage(proof.picture, model.size));
  return { threads, load, first, times, quality, bytes: facts.bytes + wasm.bytes };
}"""


class Host(http.server.SimpleHTTPRequestHandler):
    """A host of static files."""

    def log_message(self, format: str, *args) -> None:
        pass


class IsolatingHost(Host):
    """One that lets pages use several threads."""

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()


@dataclass
class Way:
    """What one way of painting takes: milliseconds of each picture and of each wait after a stroke, pictures a second
    of each stroke."""

    name: str
    times: list[float]
    waits: list[float]
    rates: list[float]
    note: str = ""

    def row(self) -> str:
        values = (statistics.median(self.times), statistics.median(self.waits), statistics.median(self.rates))
        picture, wait, rate = values
        return f"| {self.name} | {picture:.0f} | {rate:.1f} ({min(self.rates):.1f}) | {wait:.0f} | {self.note} |"


def server_times(pipe: Pix2PixPipeline, pictures: int) -> list[float]:
    """Milliseconds of each picture, from the drawing to its JPEG."""
    drawing, times = example_of(pipe.subject).resize((pipe.image_size, pipe.image_size)), []
    for _ in range(pictures + 3):
        start = time.perf_counter()
        data_url(pipe(pipe.condition(drawing)), lossless=False)
        times.append(1000 * (time.perf_counter() - start))
    return times[3:]


def on_server(source: str, args: argparse.Namespace) -> Way:
    pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
    pipe.speed_up().join()  # as the app does
    times = server_times(pipe, args.pictures)
    with running_app(pix2pix=source) as (url, _), open_page(url) as page:
        draw(page, 2, args.seconds)  # warm up
        waits, rates = draw(page, args.strokes, args.seconds)
    return Way("the server", times + server_times(pipe, args.pictures), waits[-args.strokes :], rates)


@contextlib.contextmanager
def served(folder: Path, host: type[Host]) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(host, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def on_device(folder: Path, host: type[Host], args: argparse.Namespace) -> Way:
    # The service worker would let the second visit use several threads on any host.
    options = {"service_workers": "block", "bypass_csp": True}
    with served(folder, host) as url, open_page(url, before=NO_CARD, **options) as page:
        page.wait_for_selector(".where:has-text('your processor')", timeout=120_000)
        draw(page, 2, args.seconds)  # warm up
        waits, rates = draw(page, args.strokes, args.seconds)
        found = page.evaluate(PAINT, {"version": scripts.VERSION, "pictures": args.pictures})
    if (found["threads"] > 1) != (host is IsolatingHost):
        sys.exit(f"error: this browser used {found['threads']} threads")
    note = (
        f"the first {found['first']:.0f} ms; ready after {found['load']:.0f} ms with the {found['bytes'] / 1e6:.0f} MB "
        f"on this machine; {found['quality']:.0f} dB to the checkpoint's picture"
    )
    count = found["threads"]
    name = f"WebAssembly, {count} thread" + "s" * (count > 1)
    return Way(name, found["times"], waits[-args.strokes :], rates, note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    bags = ROOT / "checkpoints" / "handbags"
    parser.add_argument("sources", nargs="*", metavar="FOLDER", default=[str(bags), str(bags / "student")])
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--strokes", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a stroke")
    args = parser.parse_args()
    print(describe())
    for source in args.sources:
        with tempfile.TemporaryDirectory() as name:
            alone = Path(name) / "checkpoint"  # without a student, which would take its place in WebAssembly
            shutil.copytree(source, alone, ignore=shutil.ignore_patterns("student", "training"))
            make(Path(name) / "site", [str(alone)])
            ways = [on_device(Path(name) / "site", host, args) for host in (Host, IsolatingHost)]
        print(f"\n{source}\n\n| painted by | ms a picture | pictures a second (slowest stroke) | pen up to picture | |")
        print("|---|---|---|---|---|")
        for way in (on_server(source, args), *ways):
            print(way.row(), flush=True)


if __name__ == "__main__":
    main()
