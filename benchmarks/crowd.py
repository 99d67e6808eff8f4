"""How many people can draw at once, and what those who paint on their own devices cost the server.

    python benchmarks/crowd.py server [--pens 1 2 3 4 6 8] [--pix2pix SOURCE]
    python benchmarks/crowd.py devices [--visitors 50]

`server`: so many pens draw without a pause, and the app paints. A pen sends the next frame when the last picture is
there, at most 60 a second, as the page does on a short way. It prints the pictures a second that each pen gets, and the
app's share of the cores. People lift their pens; so these are people who all draw at the same moment.

`devices`: so many pages of the app in Chromium, each of which paints by itself (`app.py --on_device`). They first wait,
then draw at once, rest (their swatches are painted then), and draw again while the server paints for them. For each, it
prints how often the server ran a network, the processor time of the server, and the pictures that came on the screens.
The network is a tiny, untrained one, so that one machine can be the devices of all; what the server has to do does not
depend on that. Frames take five seconds more on their way, so that the devices are the faster ones. The exit status is
1 if the server painted for a device.

Both need requirements-dev.txt and Linux (/proc), the second one Chromium. Run them on an idle machine.
"""

import argparse
import base64
import contextlib
import functools
import io
import itertools
import math
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from live_canvas import NO_CARD, WATCH, running_app
from machine import describe
from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from pix2pix import UNetGenerator, checkpoint

FASTEST = 1 / 60  # seconds between two frames of a pen
REST = 5  # seconds after a stroke
# The app, which says whenever it runs a network.
COUNTING = """
import pix2pix.pipelines.network_thread as network_thread
run = network_thread.run
def counted(*values, **options):
    print("network", flush=True)
    return run(*values, **options)
network_thread.run = counted
import app
app.main()
"""
TRIED = "/your processor|would take|can't/.test(document.querySelector('.where').textContent)"
FAR_AWAY = """
const near = window.fetch;
window.fetch = async (address, options) => {
  if (String(options?.body).includes('"paint"')) await new Promise((go) => setTimeout(go, 5000));
  return near(address, options);
};
"""


def processor_time(pid: int) -> float:
    """Seconds of all threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- The server paints ---


def growing_stroke(frames: int = 60) -> list[str]:
    """An ellipse that a pen draws, as the page sends it."""
    image, urls = Image.new("RGB", (256, 256), "white"), []
    pen, points = ImageDraw.Draw(image), []
    for number in range(frames):
        angle = 2 * math.pi * number / frames
        points.append((128 + 90 * math.cos(angle), 140 + 70 * math.sin(angle)))
        pen.line(points[-2:], fill="black", width=3)
        file = io.BytesIO()
        image.save(file, "png")
        urls.append("data:image/png;base64," + base64.b64encode(file.getvalue()).decode())
    return urls


def calls(url: str) -> list[dict]:
    """What a page sends for each frame of such a stroke."""
    components = httpx.get(f"{url}/config", timeout=60).json()["components"]
    easel = next(component for component in components if component["props"].get("elem_id") == "easel")
    model = easel["props"]["props"]["model_name"]
    call = {"component_id": easel["id"], "fn_name": "paint"}
    return [call | {"data": {"image": image, "model": model, "turn": 0}} for image in growing_stroke()]


def pen(http: httpx.Client, frames: list[dict], until: float, number: int) -> int:
    """Draws until then; returns the number of pictures."""
    pictures, page = 0, f"pen{number}"
    for frame in itertools.cycle(frames):
        start = time.monotonic()
        if start > until:
            break
        body = frame | {"data": frame["data"] | {"page": page}, "session_hash": page}
        pictures += "img" in http.post("/gradio_api/component_server", json=body).json()
        time.sleep(max(0, start + FASTEST - time.monotonic()))
    return pictures


def server(args: argparse.Namespace) -> None:
    cores = len(os.sched_getaffinity(0))
    print("pens  pictures a second for each (the slowest)  app's share of the cores")
    with running_app(pix2pix=args.pix2pix) as (url, app), httpx.Client(base_url=url, timeout=60) as http:
        time.sleep(REST)  # the app looks for the fastest form of the network
        frames = calls(url)
        pen(http, frames, time.monotonic() + args.seconds, 0)  # warm up
        for pens in args.pens:
            before, begin = processor_time(app.pid), time.monotonic()
            draws = functools.partial(pen, http, frames, begin + args.seconds)
            with ThreadPoolExecutor(pens) as pool:
                found = list(pool.map(draws, range(pens)))
            took = time.monotonic() - begin
            rates = [pictures / took for pictures in found]
            share = (processor_time(app.pid) - before) / took / cores
            print(f"{pens:4}  {statistics.median(rates):.1f} ({min(rates):.1f})  {share:.0%}", flush=True)


# --- The devices paint ---


@dataclass
class Counter:
    """How often the server ran a network."""

    calls: int = 0

    def read(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.calls += line == "network\n"


def save_tiny(folder: Path) -> None:
    styles = [{"name": f"style {i}", "numbers": [i / 8] * 16} for i in range(8)]
    checkpoint.save(UNetGenerator(ngf=4, style_dim=16, smooth=2), folder, styles=styles)


@contextlib.contextmanager
def visitors(url: str, count: int) -> Iterator[list[Page]]:
    """Pages that paint by themselves."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        pages = []
        for _ in range(count):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(600_000)
            page.add_init_script(NO_CARD + FAR_AWAY)
            page.goto(url)
            page.wait_for_selector(".easel[data-ready]")
            page.locator(".examples button").first.click()
            pages.append(page)
        for page in pages:
            page.wait_for_function(TRIED)
            if "your processor" not in (says := page.locator(".where").inner_text()):
                sys.exit(f"error: a device does not paint: {says}")
            page.evaluate(WATCH)
        pages[0].wait_for_timeout(1000 * REST)  # what was asked of the server before comes to its end
        yield pages
        browser.close()


def draw(pages: list[Page], seconds: float) -> None:
    """One stroke on all pages at once, and a rest."""
    boxes = [page.locator("canvas.ink").bounding_box() for page in pages]

    def move(angle: float) -> None:
        for page, box in zip(pages, boxes, strict=True):
            assert box
            radius, x, y = 0.3 * box["width"], box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))

    begin = time.monotonic()
    move(0)
    for page in pages:
        page.mouse.down()
    while time.monotonic() < begin + seconds:
        move(time.monotonic() - begin)
    for page in pages:
        page.mouse.up()
    pages[0].wait_for_timeout(1000 * REST)


def devices(args: argparse.Namespace) -> None:
    counter = Counter()
    with tempfile.TemporaryDirectory() as folder:
        save_tiny(Path(folder) / "tiny")
        options = {"pix2pix": str(Path(folder) / "tiny"), "on_device": True}
        with running_app(program=("-c", COUNTING), **options) as (url, app):
            threading.Thread(target=counter.read, args=[app.stdout], daemon=True).start()
            with visitors(url, args.visitors) as pages:
                print(f"{len(pages)} pages paint by themselves; until then the server painted {counter.calls} pictures")

                def measure(name: str, act: Callable[[], object]) -> int:
                    shown = lambda: sum(page.evaluate("log.pictures.length") for page in pages)  # noqa: E731
                    calls, cpu, pictures = counter.calls, processor_time(app.pid), shown()
                    act()
                    calls, cpu, pictures = counter.calls - calls, processor_time(app.pid) - cpu, shown() - pictures
                    print(f"{name:24}  {calls:8}  {cpu:16.1f}  {pictures:8}", flush=True)
                    return calls

                print("                          networks  processor time, s  pictures")
                measure("nobody draws", lambda: pages[0].wait_for_timeout(1000 * args.seconds))
                calls = measure("all draw on their devices", lambda: draw(pages, args.seconds))
                for page in pages:
                    page.locator("[data-do=device]").click()
                measure("the server paints", lambda: draw(pages, args.seconds))
    sys.exit(bool(calls))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["server", "devices"])
    parser.add_argument("--pens", type=int, nargs="+", default=[1, 2, 3, 4, 6, 8])
    parser.add_argument("--pix2pix", metavar="SOURCE", help="the checkpoint of `server` (default: the project's)")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10, help="length of each measurement")
    args = parser.parse_args()
    print(describe())
    {"server": server, "devices": devices}[args.what](args)


if __name__ == "__main__":
    main()
