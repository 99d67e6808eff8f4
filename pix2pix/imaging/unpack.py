"""Strangers' pictures are unpacked in processes of their own, which end where one takes too much time or memory.

A file of some kilobytes can keep Pillow busy for hours (a JPEG of many scans) or fill the memory (a TIFF whose tags
overlap), in every format in another way, and a thread can't be stopped. The processes serve one picture after the
other, and import neither PyTorch nor Gradio: they start in a fifth of a second and take 40 MB each.
"""

import contextlib
import io
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

from PIL import AvifImagePlugin, Image

from ..errors import DataError
from .rgb import FORMATS, to_rgb

MOST_PIXELS = 64_000_000  # checked before they are unpacked; 48 MP phones pass
SECONDS = 10  # of a processor, for one picture; the slowest of 64 megapixels take three
PATIENCE = 60  # seconds by the clock, for a machine that is busy, and for Windows, which has no such timer
MEMORY = 2 * 2**30  # bytes, where the system can bound them; 64 megapixels take 0.7
PROCESSES = 2

# The package without its `__init__`, which would import PyTorch.
PROGRAM = """
import sys, types
package = types.ModuleType("pix2pix")
package.__path__ = [sys.argv[1]]
sys.modules["pix2pix"] = package
from pix2pix.imaging.unpack import serve
serve(float(sys.argv[2]))
"""


class Unpacker:
    """Bytes of a picture file -> RGB image, see `rgb.to_rgb`; with `alpha`, RGBA. Callable from any thread; the others
    wait.

    Args:
        seconds: of a processor, for one picture.
        processes: so many pictures at the same time.

    Raises:
        DataError: not a picture of `rgb.FORMATS`, cut, empty or too large, or one that takes too long to unpack.
    """

    def __init__(self, seconds: float = SECONDS, processes: int = PROCESSES):
        self.seconds = seconds
        self.free: queue.LifoQueue[subprocess.Popen | None] = queue.LifoQueue()
        for _ in range(processes):
            self.free.put(None)  # they start when they are needed

    def __call__(self, data: bytes, alpha: bool = False) -> Image.Image:
        process = self.free.get()
        try:
            if process is None or process.poll() is not None:
                process = self.start()
            return ask(process, data, alpha)
        finally:
            self.free.put(process)

    def start(self) -> subprocess.Popen:
        words = [sys.executable, "-P", "-c", PROGRAM, str(Path(__file__).parents[1]), str(self.seconds)]
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # NumPy's, of which each takes memory
        pipe = subprocess.PIPE
        return subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment)


def ask(process: subprocess.Popen, data: bytes, alpha: bool) -> Image.Image:
    assert process.stdin
    assert process.stdout
    mode = "RGBA" if alpha else "RGB"
    clock = threading.Timer(PATIENCE, process.kill)
    clock.start()
    try:
        process.stdin.write(bytes([alpha]) + len(data).to_bytes(8, "big") + data)
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if "size" in answer:
            width, height = answer["size"]
            return Image.frombytes(mode, (width, height), process.stdout.read(len(mode) * width * height))
    except (OSError, ValueError):  # it has come to its end, before or in the middle of an answer
        process.kill()
        process.wait()
        raise DataError("The image takes too much time or memory to unpack: save it anew, as a PNG or JPEG") from None
    finally:
        clock.cancel()
    raise DataError(answer["problem"])


def serve(seconds: float) -> None:
    """The life of such a process: whether alpha is wanted, a length of 8 bytes and a file come in, a line of JSON and
    the pixels' bytes go out.
    """
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each takes memory
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows; a lower limit is there already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while head := sys.stdin.buffer.read(9):
        data = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
        with at_most(seconds):
            answer, pixels = unpacked(data, bool(head[0]))
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pixels)
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def at_most(seconds: float):
    """The system ends the process, whatever it is at, when it has had so much of a processor."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
    yield
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0)


def unpacked(data: bytes, alpha: bool) -> tuple[dict, bytes]:
    """({"size": [width, height]}, bytes of RGB or RGBA), or ({"problem": a sentence}, nothing)."""
    too_large = {"problem": f"The image is too large: at most {MOST_PIXELS // 10**6} million pixels"}
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            return too_large, b""
        image = image.convert("RGBA") if alpha else to_rgb(image)
        return {"size": image.size}, image.tobytes()
    except Image.DecompressionBombError:
        return too_large, b""
    except DataError as error:
        return {"problem": str(error)}, b""
    except Exception:  # whatever the bytes make Pillow's readers raise
        return {"problem": "The file is not an image that can be read (nor is SVG): send a PNG, JPEG or WebP"}, b""
