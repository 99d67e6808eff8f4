"""A running app on tiny checkpoints, and a browser: shared by the tests of the app."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

import httpx
import numpy as np
import pytest
import torch
from gradio_client import Client
from hypothesis import HealthCheck, settings
from PIL import Image
from trainings import pair
from warm import ROOT, Python

from pix2pix import DCGANGenerator, PatchDiscriminator, UNetGenerator, checkpoint
from pix2pix.networks.upscaler import Upscaler

# Two test processes share the cores with the apps and trainings that they start. With more threads than cores, OpenMP's
# threads wait for each other. The programs that tests start read the variable.
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

# Random inputs: the same ones every time, so that a run tells of the code and not of luck; `long` looks for new ones.
SLOW = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("short", max_examples=60, derandomize=True, database=None, **SLOW)
settings.register_profile("long", max_examples=2000, **SLOW)
settings.load_profile("short")

DESKTOP, PHONE = (1280, 800), (390, 844)

# The app as `python app.py` runs it, but with another folder in place of checkpoints/.
START = """
import sys, pathlib, pix2pix.ui.models as models
models.CHECKPOINTS = pathlib.Path(sys.argv.pop(1))
import app
app.main()
"""


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> Path:
    """A folder with three small pix2pix models and a DCGAN, all untrained.

    "handbags" has all that a training leaves, discriminator and snapshots; "shoes" has the generator alone, and was
    trained without colour hints; "totes" is told a style.
    """
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for name in ("handbags", "shoes"):
        generator = UNetGenerator(ngf=8)
        for parameter in generator.parameters():
            if parameter.dim() == 4:  # an untrained network paints grey; louder, it shows every line
                parameter.data.mul_(5)
        generator.save_pretrained(folder / name)
    config = json.loads((folder / "shoes" / "config.json").read_text())
    config["training"] = {"options": {"command": "pix2pix", "color_hints": False}}
    (folder / "shoes" / "config.json").write_text(json.dumps(config))
    save_styled(folder / "totes")
    discriminator = PatchDiscriminator(ndf=8)
    for parameter in discriminator.parameters():
        if parameter.dim() == 4:  # likewise: a verdict that is not the same everywhere
            parameter.data.mul_(4)
    discriminator.save_pretrained(folder / "handbags" / "discriminator")
    save_snapshots(folder / "handbags" / "snapshots")
    digits = DCGANGenerator(ngf=8)
    for parameter in digits.parameters():
        if parameter.dim() == 4:
            parameter.data.mul_(9)
    digits.save_pretrained(folder / "digits")
    return folder


STYLES = {
    "tan, smooth": (0.5, 0.1, -0.3),
    "white, woven": (0.9, 0.9, 0.8),
    "red, shiny": (0.7, -0.7, -0.7),
    "navy, printed": (-0.7, -0.6, -0.3),
    "<b>straw</b>": (0.7, 0.5, 0.0),
    "green, smooth": (-0.6, 0.2, -0.4),
}
BUILT_IN = [{"name": name, "numbers": [*color, *[0.1] * 13]} for name, color in STYLES.items()]


def save_styled(folder: Path) -> None:
    generator = UNetGenerator(ngf=8, style_dim=16, smooth=2)
    for parameter in generator.parameters():
        if parameter.dim() == 4:
            parameter.data.mul_(5)
    checkpoint.save(generator, folder, styles=BUILT_IN)
    checkpoint.save(Upscaler(4, depth=0), folder / "upscaler")


def save_snapshots(folder: Path) -> None:
    """Rows of eight squares, as a training writes them; each snapshot has a colour of its own."""
    folder.mkdir()
    for name, colour in (
        ("inputs", "white"),
        ("targets", "navy"),
        ("images_0000000", "grey"),
        ("images_0004000", "orange"),
        ("images_0012000", "brown"),
    ):
        Image.new("RGB", (8 * 128, 128), colour).save(folder / f"{name}.webp")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The app in a process of its own, with `environment` added to ours; `start` returns when it answers."""

    def __init__(self, checkpoints: Path, *options: str, program: str = START, **environment: str):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.words = ["-c", program, str(checkpoints), "--port", str(self.port), *options]
        self.environment = os.environ | environment

    def launch(self, output: IO[str]) -> Python:
        return Python(*self.words, output=output, env=self.environment)

    def start(self) -> Self:
        self.output = []
        reading, writing = os.pipe()
        with os.fdopen(writing, "w") as output:
            self.process = self.launch(output)
        ready = threading.Event()

        def read():
            with os.fdopen(reading) as lines:
                for line in lines:
                    self.output.append(line)
                    if "public" in line:  # "To create a public link", or its address: the last that Gradio has to do
                        ready.set()
            ready.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        ready.wait(120)
        if self.process.poll() is not None:
            raise RuntimeError("the app did not start:\n" + "".join(self.output))
        return self

    def stop(self) -> str:
        """Ends the process, which deletes its visitors' files; returns what it had printed since it started."""
        self.process.terminate()
        self.process.wait(60)
        self.reader.join()
        return "".join(self.output)


class ServerFromScratch(Server):
    """By a Python that begins with nothing in memory; in `folder`, its own `app.py` as it stands there."""

    folder = ROOT

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        server = cls(folder)
        server.words = ["app.py", "--port", str(server.port)]
        server.folder = folder
        return server

    def launch(self, output: IO[str]) -> subprocess.Popen:
        command = [sys.executable, "-u", *self.words]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=output, stderr=output)


@pytest.fixture(scope="session")
def app_url(checkpoints):
    server = Server(checkpoints).start()
    yield server.url
    assert "Traceback" not in server.stop()


@pytest.fixture(scope="session")
def client(app_url, tmp_path_factory) -> Client:
    return Client(app_url, verbose=False, download_files=str(tmp_path_factory.mktemp("answers")))


@pytest.fixture(scope="session")
def http(app_url):
    with httpx.Client(base_url=app_url, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def functions(http) -> dict[str, dict]:
    """Every function of the app by its name: the named endpoints, and what only the page calls, as 'fn 12'."""
    found = {}
    for function in http.get("/config").json()["dependencies"]:
        if function["backend_fn"]:
            name = function["api_name"] if function["api_visibility"] == "public" else f"fn {function['id']}"
            found[name] = function
    return found


def canvas_of(http: httpx.Client):
    """Calls a function of the live canvas ("paint" or "trace") of an app as the page does."""
    easel = next(c["id"] for c in http.get("/config").json()["components"] if c["props"].get("elem_id") == "easel")

    def call(name: str, payload: object) -> httpx.Response:
        body = {"data": payload, "component_id": easel, "fn_name": name, "session_hash": "test"}
        headers = {"Content-Type": "application/json"}
        return http.post("/gradio_api/component_server", content=json.dumps(body), headers=headers)

    return call


@pytest.fixture(scope="session")
def canvas(http):
    return canvas_of(http)


@pytest.fixture
def own_server(checkpoints):
    """A server that the test may stop and start again."""
    server = Server(checkpoints).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def launch():
    """A function that starts Chromium, with more arguments if need be."""
    playwright = pytest.importorskip("playwright.sync_api")
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    # the same engine without a window's machinery takes half the processor's time
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with playwright.sync_playwright() as p:
        browsers = []

        def start(*more: str):
            browsers.append(p.chromium.launch(executable_path=program, args=[*quiet, *more]))
            return browsers[-1]

        yield start
        # At its end Playwright now and then waits for ever for its driver. Once that is killed, it goes on.
        patience = threading.Timer(60, subprocess.run, [["pkill", "-KILL", "-P", str(os.getpid()), "-f", "run-driver"]])
        patience.daemon = True
        patience.start()
        for browser in browsers:  # likelier with one that is open
            browser.close()
    patience.cancel()


@pytest.fixture(scope="session")
def browser(launch):
    return launch()


def wait_until_ready(page) -> None:
    """Returns when one can draw, and no font is to come that would move the paper."""
    page.wait_for_selector(".easel[data-ready]")
    page.evaluate("document.fonts.ready.then(() => null)")


@contextmanager
def pages(browser):
    """A function that opens pages; at the end there must be no console error and no request to another host."""
    problems, contexts = [], []

    def open_page(url, size=DESKTOP, outage=False, before=None, **options):
        touch = size[0] < 500
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=touch,
            device_scale_factor=2 if touch else 1,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if before:
            page.add_init_script(before)  # runs before the scripts of every page

        def on_console(message):
            if message.type in ("error", "warning") and not outage:
                problems.append(f"{message.type}: {message.text} {message.location}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith((url.split("#")[0], "data:", "blob:")) else problems.append(r.url),
        )
        page.goto(url)
        wait_until_ready(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def visit(browser):
    with pages(browser) as open_page:
        yield open_page


@pytest.fixture(params=[DESKTOP, PHONE], ids=["1280", "390"])
def page(visit, app_url, request):
    return visit(app_url, request.param)


def serious_findings(page) -> list[tuple[str, list[str]]]:
    """What axe-core finds serious or critical on the page as it is now: (rule, elements)."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [
        (violation["id"], [node["html"][:200] for node in violation["nodes"]])
        for violation in axe.run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """The same picture but for rounding, 40 dB PSNR: an app that just started still looks for its fastest path."""
    return one.shape == other.shape and np.square(one.astype(float) - other).mean() <= 255**2 / 10**4


def leave_screenshot(page, name: str) -> None:
    """Leaves a picture of the whole page in the folder named by SCREENSHOTS, if that variable is set."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    root = tmp_path_factory.mktemp("pairs")
    for phase, count in (("train", 6), ("val", 2)):
        (root / phase).mkdir()
        for number in range(count):
            pair(number).save(root / phase / f"{number}_AB.png")
    return root


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    root = tmp_path_factory.mktemp("classes")
    noise = np.random.default_rng(0)
    for name in ("dark", "light"):
        (root / name).mkdir()
        for number in range(8):
            level = 40 if name == "dark" else 200
            array = noise.integers(level - 20, level + 20, (28, 28)).astype(np.uint8)
            Image.fromarray(array).save(root / name / f"{number}.png")
    return root
