"""Unpacks strangers' pictures in processes of their own, which end when a picture takes too much time or memory.

A file of a few kilobytes can keep Pillow busy for hours (a JPEG of many scans) or fill the memory (a TIFF whose tags
overlap), and a thread can't be stopped. Each process serves one picture after the other. It imports neither PyTorch nor
Gradio, so it starts in a fifth of a second and takes 40 MB.
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

MOST_PIXELS = 64_000_000  # checked before unpacking; enough for photos of 48-megapixel phones
# Larger pictures are halved here, or a few of 200 MB each would fill the app's memory. A line of one pixel stays dark
# enough to be found, and hints of the same size are halved too.
MOST_GIVEN = 16_000_000
SECONDS = 10  # of processor time for one picture; the slowest with 64 megapixels take 3
PATIENCE = 60  # seconds of real time, for busy machines and for Windows, which has no timer of processor time
MEMORY = 2 * 2**30  # bytes, where the system can limit them; 64 megapixels take 0.7 * 2**30
PROCESSES = 2

# Imports modules of the package without its `__init__`, which would import PyTorch.
PROGRAM = """
import sys, types
package = types.ModuleType("pix2pix")
package.__path__ = [sys.argv[1]]
sys.modules["pix2pix"] = package
from pix2pix.imaging.unpack import serve
serve(float(sys.argv[2]))
"""


class Unpacker:
    """Turns the bytes of a picture file into an RGB image (see `rgb.to_rgb`), or RGBA with `alpha`.

    Pictures of more than `MOST_GIVEN` pixels come in half their size. Any thread may call it, and waits for a free
    process.

    Args:
        seconds: of processor time for one picture.
        processes: how many pictures are unpacked at the same time.

    Raises:
        DataError: not a picture of `rgb.FORMATS`, cut, empty or too large, or one that takes too long to unpack.
    """

    def __init__(self, seconds: float = SECONDS, processes: int = PROCESSES):
        self.seconds = seconds
        self.free: queue.LifoQueue[subprocess.Popen | None] = queue.LifoQueue()
        for _ in range(processes):
            self.free.put(None)  # a process starts when it is first needed

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
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # NumPy's threads take memory
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
    except (OSError, ValueError):  # it ended before or during an answer
        process.kill()
        process.wait()
        raise DataError("The image takes too much time or memory to unpack: save it anew, as a PNG or JPEG") from None
    finally:
        clock.cancel()
    raise DataError(answer["problem"])


def serve(seconds: float) -> None:
    """The main loop of such a process.

    It reads whether alpha is wanted, a length of 8 bytes and a file; it writes a line of JSON and the pixels' bytes.
    """
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread takes memory
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows, or a lower limit is already set
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
    """Lets the system end the process after so many seconds of processor time."""
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
        if image.width * image.height > MOST_GIVEN:
            image = image.reduce(2)
        return {"size": image.size}, image.tobytes()
    except Image.DecompressionBombError:
        return too_large, b""
    except DataError as error:
        return {"problem": str(error)}, b""
    except Exception:  # whatever the bytes make Pillow's readers raise
        return {"problem": "The file is not an image that can be read (nor is SVG): send a PNG, JPEG or WebP"}, b""
