"""What the page's scripts ask the server for: pictures, swatches, styles and outlines of photos."""

import functools
import logging
import threading
import time
from collections.abc import Callable

import anyio
import numpy as np

from ...errors import CheckpointError, DataError
from ...imaging.polylines import polylines
from ...imaging.trace_outline import outline
from ...pipelines import Pix2PixPipeline
from ...pipelines.network_thread import Overtaken
from ..device import Exports
from ..drawings import read_drawing, read_style
from ..examples import SIDE
from ..models import Loading, Models
from ..pictures import LARGEST_SIDE, BadPicture, data_url, decode
from .choices import cover
from .swatches import style_numbers, swatches
from .turns import Spare, Turns, turn_of

# Most frames at once; a page that draws has one or two. At 100 ms each the last one waits for 6 seconds, which is less
# than the script's patience (painter.js).
MOST_WAITING = 64
LARGEST_SCALE = 4  # of a picture to keep
THREADS = 8  # of Gradio's threads for functions; the others are left for the other tabs


def largest(pipe: Pix2PixPipeline) -> int:
    """Side of the largest picture that a frame may ask for."""
    return max(min(LARGEST_SCALE * pipe.image_size, LARGEST_SIDE), pipe.image_size)


def size_of(payload: dict, pipe: Pix2PixPipeline) -> int:
    """Side of the picture that a frame asks for: `scale` times that of the network, but at most the largest one.

    Raises:
        BadPicture: not such a scale.
    """
    scale = payload.get("scale", 1)
    if type(scale) is not int or not 1 <= scale <= LARGEST_SCALE:
        raise BadPicture("not the scale of a picture")
    return min(scale * pipe.image_size, largest(pipe))


def failure(error: Exception) -> dict:
    """The error for the script to show: the name of a text, or a sentence. Unexpected errors are logged."""
    if isinstance(error, CheckpointError):
        return {"error": str(error)}
    if isinstance(error, Loading):
        return {"error": "frame_loading"}
    if isinstance(error, Overtaken):
        return {"error": "frame_overtaken"}  # ignored by the page
    if isinstance(error, KeyError | TypeError | BadPicture | DataError):
        return {"error": "frame_bad"}
    logging.getLogger(__name__).error("the live canvas failed", exc_info=error)
    return {"error": "frame_failed"}


def bounded(work: Callable[[dict], dict], at_once: int = THREADS) -> Callable:
    """Runs `work` in one of `at_once` threads. If `MOST_WAITING` callers wait or are served, the next gets "busy" at
    once.

    Gradio calls the server functions of a component outside its queue, without a limit.
    """
    threads, waiting = anyio.CapacityLimiter(at_once), 0

    @functools.wraps(work)
    async def answer(payload: dict) -> dict:
        nonlocal waiting  # only changed in the event loop's thread
        if waiting >= MOST_WAITING:
            return {"error": "frame_busy"}
        waiting += 1
        try:
            return await anyio.to_thread.run_sync(work, payload, limiter=threads)
        finally:
            waiting -= 1

    return answer


def answered(work: Callable[..., dict]) -> Callable[..., dict]:
    """Errors become values, because the script gets `undefined` for an exception."""

    @functools.wraps(work)
    def answer(self, payload: dict) -> dict:
        try:
            return work(self, payload)
        except Exception as error:
            return failure(error)

    return answer


class Answers:
    """The functions of the server that the canvas calls, each from a JSON object to another.

    Args:
        models: those that frames may name.
        on_device: pages may fetch the app's own models, and paint by themselves.
    """

    def __init__(self, models: Models, on_device: bool = False):
        self.models, self.on_device = models, on_device
        self.turns, self.exports = Turns(), Exports()
        self.spare = Spare(self.turns)
        self.making, self.pictures = threading.Lock(), {}  # of `covers`

    def functions(self) -> list[Callable]:
        one = bounded(self.sample, at_once=1)
        many = [self.paint, self.trace, self.like, self.device, self.covers]
        return [*map(bounded, many), one]

    def pipe(self, payload: dict) -> Pix2PixPipeline:
        return self.models.get(payload["model"], wait=False)  # waiting frames would stop everybody's canvas

    @answered
    def paint(self, payload: dict) -> dict:
        """Paints one frame."""
        drawing, pipe = read_drawing(payload), self.pipe(payload)
        start = time.perf_counter()
        with self.turns.take(*turn_of(payload)) as overtaken:
            picture = pipe(drawing.condition(pipe), unless=overtaken, size=size_of(payload, pipe))
        ms = 1000 * (time.perf_counter() - start)
        return {"img": data_url(picture, bool(payload.get("lossless"))), "ms": ms}

    @answered
    def sample(self, payload: dict) -> dict:
        """Paints the drawing small in several styles. Frames of any page come first; then styles are left out."""
        drawing, styles = read_drawing(payload), [read_style(style) for style in payload["styles"]]
        pictures = swatches(self.pipe(payload), drawing, styles, unless=self.spare.gives_way)
        if pictures:
            self.spare.finish()
        return {"imgs": [data_url(picture, lossless=False) for picture in pictures]}

    @answered
    def like(self, payload: dict) -> dict:
        """Measures the style of the object in a photo."""
        style = style_numbers(self.pipe(payload), decode(payload["image"]))
        return {"style": style} if style else {"error": "style_nothing"}

    @answered
    def trace(self, payload: dict) -> dict:
        """Traces a photo; returns lines, each as [x, y, x, y, ...] in pixels of the canvas."""
        lines = outline(decode(payload["image"]), size=SIDE, detail=payload.get("detail", 0.5))
        return {"strokes": [[v + 0.5 for xy in line for v in xy] for line in polylines(np.asarray(lines)[..., 0] == 0)]}

    @answered
    def covers(self, payload: dict) -> dict:
        """Small pictures of the app's own models, by name."""
        with self.making:
            for name, folder in self.models.sources.items():
                if name not in self.pictures:
                    self.pictures[name] = data_url(cover(folder), lossless=False)
        return {"imgs": self.pictures}

    @answered
    def device(self, payload: dict) -> dict:
        """What the visitor's own device needs to paint with a model of the app; strangers' models stay here."""
        own = self.on_device and payload["model"] in self.models.sources
        return self.exports(self.pipe(payload)) if own else {"none": True}
