"""Python programs that start at once: forked from a process that has PyTorch and other large packages in memory.

They run as `python -c ...` or `python train.py ...` would, in an environment of their own: what reads its settings when
it is imported (the Hub's client, Gradio, tqdm, this project) is not among those packages.
"""

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType

import torch

ROOT = Path(__file__).parents[1]

LARGE = """
torch torchvision.transforms.v2 scipy.ndimage skimage.feature safetensors.torch httpx fastapi pandas mcp.server
"""
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([*LARGE.split(), "pytest", "warm"])


class Python:
    """`python *words` in the project's folder; a part of `subprocess.Popen`.

    Args:
        words: "-c" and a program, "-m" and a module, or a script; then its arguments.
        output: an open file for all that it prints; `errors` for what goes to stderr, where that is to be apart.
        env: all variables of its environment; ours, if there are none.
    """

    def __init__(self, *words, output=None, errors=None, env: dict[str, str] | None = None):
        places = [Connection(os.dup(file.fileno())) if file else None for file in (output, errors or output)]
        words = [str(word) for word in words]
        self.process = CONTEXT.Process(target=child, args=(words, dict(env or os.environ), *places))
        self.process.start()
        self.pid, self.terminate, self.kill = self.process.pid, self.process.terminate, self.process.kill
        atexit.register(self.kill)  # or else our end would wait for it

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired("python", timeout)
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def child(words: list[str], environment: dict[str, str], *places: Connection | None) -> None:
    for stream, place in enumerate(places, start=1):
        if place:
            os.dup2(place.fileno(), stream)
            place.close()
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    sys.stdout = open(1, "w", buffering=1, encoding=encoding, closefd=False)  # noqa: SIM115 -- as Python starts
    sys.stderr = open(2, "w", buffering=1, encoding=encoding, errors="backslashreplace", closefd=False)  # noqa: SIM115
    for name in [name for name in sys.modules if name.partition(".")[0] == "tqdm"]:
        del sys.modules[name]  # it came along; it has settings, and a lock that would be shared with what is killed
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    if threads := environment.get("OMP_NUM_THREADS"):  # PyTorch has looked for it already
        torch.set_num_threads(int(threads))
    first, *sys.argv[:] = words if words[0] in ("-c", "-m") else ("", *words)
    if first == "-c":
        program, sys.argv[0] = sys.argv[0], first
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(program, "<string>", "exec"), vars(main))
    elif first == "-m":
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")


def run(*words, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Runs it to its end, five minutes at most; gives its exit status, `stdout` and `stderr`."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        status = Python(*words, output=output, errors=errors, env=env).wait(300)
        for file in (output, errors):
            file.seek(0)
        return subprocess.CompletedProcess(words, status, output.read(), errors.read())
