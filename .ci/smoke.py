"""Smoke runs of the app as a user starts it. See .ci/run.

python .ci/smoke.py space                  both endpoints answer, from the folder that deploying uploads, which goes to
                                           a Hub on loopback (no development requirements needed)
python .ci/smoke.py browser [OPTIONS]      a stroke, an example and a digit in a real Chromium; OPTIONS go to app.py
python .ci/smoke.py pairs FOLDER           small pairs and classes to train on
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def running_app(*options: str, folder: Path = ROOT) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "app.py", "--port", str(port), *options], cwd=folder)
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).read()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("the app did not start")
                time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def outline() -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 110, 200, 220), outline="black", width=3)
    draw.arc((90, 50, 170, 170), 180, 360, fill="black", width=3)
    return image


def space() -> None:
    from gradio_client import Client, handle_file

    sys.path.insert(0, str(ROOT / "tests"))
    from loopback_hub import environment, serve

    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        endpoint, _ = stack.enter_context(serve(work / "hub"))
        command = [sys.executable, "-m", "pix2pix.deploy", "maker/space"]
        subprocess.run(command, cwd=ROOT, env=os.environ | environment(endpoint, work / "cache"), check=True)
        uploaded = work / "hub" / "spaces" / "maker" / "space"
        # What is installed here came from this very file, so nothing is missing there.
        assert (uploaded / "requirements.txt").read_bytes() == (ROOT / "requirements.txt").read_bytes()
        url = stack.enter_context(running_app(folder=uploaded))
        client = Client(url, verbose=False, download_files=work)
        outline().save(work / "outline.png")
        photo = client.predict(handle_file(work / "outline.png"), api_name="/translate")
        print("translate:", Image.open(photo).size)
        digits = client.predict("7", 3, 0, api_name="/generate_digits")
        print("generate_digits:", len(digits), "pictures")
        assert len(digits) == 3


def browser(*options: str) -> None:
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-background-networking"]
    with running_app(*options) as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.locator(".easel[data-ready]").wait_for(timeout=60_000)
        box = page.locator("canvas.ink").bounding_box()
        x, y, side = box["x"], box["y"], box["width"]
        page.mouse.move(x + 0.3 * side, y + 0.4 * side)
        page.mouse.down()
        for right, down in ((0.7, 0.4), (0.7, 0.8), (0.3, 0.8), (0.3, 0.4)):
            page.mouse.move(x + right * side, y + down * side, steps=5)
        page.mouse.up()
        page.locator("img.picture").wait_for(timeout=60_000)
        page.get_by_role("tab").nth(2).click()
        page.locator("#gallery img").first.wait_for(timeout=60_000)
        chromium.close()
    print("stroke and digit: answered")


def pairs(folder: str) -> None:
    for phase in ("train", "val"):
        (Path(folder) / phase).mkdir(parents=True)
        for number in range(4):
            pair = Image.new("RGB", (512, 256), "white")
            pair.paste(outline(), (0, 0))
            ImageDraw.Draw(pair).rectangle((316, 110, 456, 220), fill=(40 * number, 90, 60))
            pair.save(Path(folder) / phase / f"{number}_AB.png")
    for name, color in (("dark", 40), ("light", 220)):
        (Path(folder) / "classes" / name).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (28, 28), color + number).save(Path(folder) / "classes" / name / f"{number}.png")


if __name__ == "__main__":
    {"space": space, "browser": browser, "pairs": pairs}[sys.argv[1]](*sys.argv[2:])
