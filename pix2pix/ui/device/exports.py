"""The app's own models as files for browsers: made once for each, in a process of its own, and kept in memory."""

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from ...pipelines import Pix2PixPipeline
from .files import RUNTIMES, keep

NEEDED = ("onnx", "onnxscript", "onnxruntime")  # see export.py; an app without them paints on the server alone
PATIENCE = 600  # seconds; it takes ten, on a machine with nothing else to do
ROOT = Path(__file__).parents[3]


class Exports:
    """Callable with a pipeline: `{"wait": True}` while its file is being made, `{"none": True}` where there is none.

    Else what the page's Worker needs (worker.js): "network", "runtimes": addresses; "bytes" of the network's file;
    "model": how a drawing is prepared; "styles": the numbers of the built-in ones.
    """

    def __init__(self):
        self.known: dict[str, dict] = {}
        self.lock = threading.Lock()

    def __call__(self, pipe: Pix2PixPipeline) -> dict:
        with self.lock:
            if pipe.name not in self.known:
                possible = pipe.path is not None and all(map(importlib.util.find_spec, NEEDED))
                self.known[pipe.name] = {"wait": True} if possible else {"none": True}
                if possible:
                    threading.Thread(target=self.make, args=(pipe,), name="export", daemon=True).start()
            return self.known[pipe.name]

    def make(self, pipe: Pix2PixPipeline) -> None:
        try:
            content = exported(Path(str(pipe.path)).resolve())
        except (OSError, subprocess.SubprocessError) as error:
            words = getattr(error, "stderr", None) or str(error)
            logging.getLogger(__name__).warning("visitors' devices can't paint %s: %s", pipe.name, words.strip()[-300:])
            self.known[pipe.name] = {"none": True}
            return
        self.known[pipe.name] = {
            "network": keep("network.onnx", content),
            "runtimes": RUNTIMES,
            "bytes": len(content),
            **preparation(pipe),
        }


def preparation(pipe: Pix2PixPipeline) -> dict:
    """What the page needs to prepare a drawing: "model", see condition.js, and "styles", the built-in ones' numbers."""
    return {
        "model": {
            "size": pipe.image_size,
            "channels": pipe.input_nc,
            "line_width": pipe.line_width,
            "labels": pipe.subject.colors if pipe.subject and pipe.labels else None,
        },
        "styles": [style.numbers for style in pipe.built_in_styles],
    }


def exported(checkpoint: Path) -> bytes:
    """The checkpoint as ONNX, its weights in half precision. It leaves the processor to those who draw.

    Raises:
        OSError, subprocess.SubprocessError: it can't be made; `stderr` says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        gently = ["nice", "-n", "5"] if shutil.which("nice") else []
        command = [*gently, sys.executable, "-m", "pix2pix.export", str(checkpoint), str(file), "--half"]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE)
        return file.read_bytes()
