"""A running app on tiny checkpoints, and a browser: shared by the tests of the app."""

import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from pix2pix import DCGANGenerator, UNetGenerator

ROOT = Path(__file__).parents[1]

# The app as `python app.py` runs it, but with another folder in place of checkpoints/.
START = """
import sys, pathlib, pix2pix.ui.models as models
models.CHECKPOINTS = pathlib.Path(sys.argv.pop(1))
import app
app.main()
"""


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> Path:
    """A folder with two small pix2pix models and a DCGAN, all untrained."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for name in ("handbags", "shoes"):
        generator = UNetGenerator(ngf=8)
        for parameter in generator.parameters():
            if parameter.dim() == 4:  # an untrained network paints grey; louder, it shows every line
                parameter.data.mul_(5)
        generator.save_pretrained(folder / name)
    DCGANGenerator(ngf=8).save_pretrained(folder / "digits")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The app in a process of its own; `start` returns when it answers."""

    def __init__(self, checkpoints: Path, *options: str):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-u", "-c", START, str(checkpoints), "--port", str(self.port), *options]
        self.process = None

    def start(self) -> "Server":
        self.output = []
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        ready = threading.Event()

        def read():
            for line in self.process.stdout:
                self.output.append(line)
                if "Running on local URL" in line:
                    ready.set()
            ready.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        ready.wait(120)
        if self.process.poll() is not None:
            raise RuntimeError("the app did not start:\n" + "".join(self.output))
        return self

    def stop(self) -> str:
        """Kills the process; returns what it had printed since it started."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        return "".join(self.output)


@pytest.fixture(scope="session")
def app_url(checkpoints):
    server = Server(checkpoints).start()
    yield server.url
    assert "Traceback" not in server.stop()


@pytest.fixture
def own_server(checkpoints):
    """A server that the test may stop and start again."""
    server = Server(checkpoints).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        yield p.chromium.launch(executable_path=shutil.which("chromium"), args=quiet)
