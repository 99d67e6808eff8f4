"""Times how fast the picture follows the pen, with the real app, a real Chromium and a scripted mouse.

    python benchmarks/live_canvas.py [--pix2pix PATH] [--strokes 30]

It prints, in milliseconds, the pipeline's own time for one picture (measured before the server starts and after it has
ended, because a machine's speed may change), the time from pointer-up to the final picture on screen (median, 95th
percentile), and the pictures a second while a stroke is drawn. It needs requirements-dev.txt and Chromium. Run it on an
idle machine.
"""

import argparse
import contextlib
import json
import math
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from machine import describe  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from pix2pix import Pix2PixPipeline  # noqa: E402

# A script for a page: no WebGPU, so that devices paint with WebAssembly.
NO_CARD = "Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });"

# Runs in the page: records when the pen goes up, and when pictures are on screen.
WATCH = """() => {
    const easel = document.querySelector('.easel'), picture = document.querySelector('img.picture');
    const log = window.log = { up: 0, pictures: [], latencies: [] };
    document.querySelector('canvas.ink').addEventListener('pointerup', () => (log.up = performance.now()), true);
    new MutationObserver(() => requestAnimationFrame((now) => log.pictures.push(now)))
        .observe(picture, { attributeFilter: ['src'] });
    new MutationObserver(() => {
        if (easel.dataset.state !== 'idle' || !log.up) return;
        const up = log.up;
        log.up = 0;
        requestAnimationFrame(() => log.latencies.push(performance.now() - up));
    }).observe(easel, { attributeFilter: ['data-state'] });
}"""


def own_times(source: str | None, calls: int = 40) -> list[float]:
    """Milliseconds of each picture, for the pipeline alone."""
    pipe = Pix2PixPipeline.from_pretrained(source or ROOT / "checkpoints" / "handbags")
    pipe.speed_up().join()  # as the app does
    sketch = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(sketch).ellipse([60, 80, 200, 220], outline="black", width=3)
    times = []
    for _ in range(calls + 5):
        start = time.perf_counter()
        pipe(sketch)
        times.append(1000 * (time.perf_counter() - start))
    return times[5:]


@contextlib.contextmanager
def running_app(program: Sequence[str] = ("app.py",), **options: str | bool | None):
    """Starts app.py, or another program of the app, with these options; yields its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-u", *program, "--port", str(port)]
    for name, value in options.items():
        command += [f"--{name}"] if value is True else [f"--{name}", value] if value else []
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout
        if not any("Running on local URL" in line for line in server.stdout):
            sys.exit("error: the app did not start")
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.kill()


@contextlib.contextmanager
def open_page(url: str, before: str = "", **options):
    """The app in a headless Chromium. `before`: a script that runs before those of the page."""
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, **options)
        page.add_init_script(before)
        page.goto(url)
        page.wait_for_selector(".easel[data-ready]")
        yield page
        browser.close()


def draw(page, strokes: int, seconds: float) -> tuple[list[float], list[float]]:
    """Draws ellipses by mouse; returns the latencies in ms, and the pictures a second of each stroke."""
    page.evaluate(WATCH)
    box = page.locator("canvas.ink").bounding_box()
    rates = []
    for number in range(strokes):
        rx, ry = (0.15 + 0.01 * number % 0.25) * box["width"], (0.3 - 0.01 * number % 0.2) * box["height"]
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x + rx, y)
        page.mouse.down()
        before, start = page.evaluate("log.pictures.length"), time.perf_counter()
        while (gone := time.perf_counter() - start) < seconds:
            angle = 3 * gone
            page.mouse.move(x + rx * math.cos(angle), y + ry * math.sin(angle))
        rates.append((page.evaluate("log.pictures.length") - before) / gone)
        page.mouse.up()
        page.wait_for_function("count => log.latencies.length > count", arg=number)
        if number % 5 == 4:
            page.locator("[data-do=clear]").click()
            page.wait_for_selector(".easel[data-state=idle]:not(.painted)")
    return page.evaluate("log.latencies"), rates


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pix2pix", help="checkpoint (default: the handbags)")
    parser.add_argument("--digits", help="checkpoint of digits, where the project's own is missing")
    parser.add_argument("--strokes", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a stroke")
    args = parser.parse_args()

    print(describe())
    own = own_times(args.pix2pix)
    with running_app(pix2pix=args.pix2pix, digits=args.digits) as (url, _), open_page(url) as page:
        draw(page, 2, args.seconds)  # warm up
        page.reload()
        page.wait_for_selector(".easel[data-ready]")
        latencies, rates = draw(page, args.strokes, args.seconds)
    own += own_times(args.pix2pix)
    latencies.sort()
    report = {
        "pipeline_ms": statistics.median(own),
        "pointer_up_to_picture_median_ms": statistics.median(latencies),
        "pointer_up_to_picture_p95_ms": latencies[math.ceil(0.95 * len(latencies)) - 1],
        "pictures_per_second_median": statistics.median(rates),
        "pictures_per_second_min": min(rates),
        "strokes": len(latencies),
    }
    print(json.dumps({key: round(value, 1) for key, value in report.items()}, indent=2))


if __name__ == "__main__":
    main()
