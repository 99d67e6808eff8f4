"""The live canvas: a `gr.HTML` component, and the functions of the server that it calls."""

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import gradio as gr
import numpy as np

from ...errors import CheckpointError, DataError
from ...imaging.polylines import polylines
from ...imaging.trace_outline import outline
from ...pipelines import Pix2PixPipeline
from ...pipelines.network_thread import Overtaken, never
from ..device import Exports
from ..drawings import read_drawing, read_style
from ..examples import SIDE
from ..models import Loading, Models
from ..pictures import LARGEST_SIDE, BadPicture, data_url, decode
from ..scripts import on_load
from .swatches import style_numbers, swatches

HERE = Path(__file__).parent
# Most frames at once; a page that draws has one or two. At 100 ms each the last one waits for 6 seconds, which is less
# than the script's patience (painter.js).
MOST_WAITING = 64
LARGEST_SCALE = 4  # of a picture to keep
MOST_PATIENCE = 5  # seconds, in which swatches give way to frames
THREADS = 8  # of Gradio's threads for functions; the others are left for the other tabs


def where(pipe: Pix2PixPipeline) -> str:
    """The model, its device and its size, as the page shows them."""
    return f"{pipe.name} · {pipe.device.type.upper()} · {pipe.image_size} px"


def model_props(pipe: Pix2PixPipeline) -> dict:
    """The properties of the canvas that depend on the model."""
    return {
        "model_name": pipe.name,
        "model_size": pipe.image_size,
        "model_where": where(pipe),
        "model_hints": pipe.takes_hints,
        "model_styles": pipe.style_names,
        "model_upscales": pipe.upscaler is not None,
    }


class Turns:
    """Remembers the newest frame of each page that is being served, so that older ones can be given up."""

    def __init__(self):
        self.newest: dict[str, int] = {}
        self.lock = threading.Lock()

    @contextmanager
    def take(self, page: str | None, turn: int) -> Iterator[Callable[[], bool]]:
        """Yields a function that tells whether a later turn of the same page was taken; false if there is no page."""
        if page is None:
            yield never
            return
        with self.lock:
            self.newest[page] = max(turn, self.newest.get(page, turn))
        try:
            yield lambda: self.newest.get(page, turn) > turn
        finally:
            with self.lock:
                if self.newest.get(page) == turn:
                    del self.newest[page]


class Spare:
    """Work that gives way to frames, but not for ever. Otherwise a page that draws without end would stop it."""

    def __init__(self, turns: Turns):
        self.turns, self.done = turns, time.monotonic()

    def gives_way(self) -> bool:
        return bool(self.turns.newest) and time.monotonic() < self.done + MOST_PATIENCE

    def finish(self) -> None:
        self.done = time.monotonic()


def turn_of(payload: dict) -> tuple[str | None, int]:
    """The page that sent a frame, and the number of the frame. A single frame has no page."""
    page, turn = payload.get("page"), payload.get("turn", 0)
    if not isinstance(page, str | None) or len(page or "") > 40 or type(turn) is not int:
        raise BadPicture("not the turn of a page")
    return page, turn


def size_of(payload: dict, pipe: Pix2PixPipeline) -> int:
    """Side of the picture that a frame asks for: `scale` times that of the network, but at most 1024 pixels.

    Raises:
        BadPicture: not such a scale.
    """
    scale = payload.get("scale", 1)
    if type(scale) is not int or not 1 <= scale <= LARGEST_SCALE:
        raise BadPicture("not the scale of a picture")
    return max(min(scale * pipe.image_size, LARGEST_SIDE), pipe.image_size)


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


def live_canvas(models: Models, on_device: bool = False) -> gr.HTML:
    """The easel: canvas, picture, tools, examples. Its value is the drawing (see drawings.py), "" if it is empty.

    `on_device`: pages may fetch the app's own models, and paint by themselves.
    """

    turns, exports = Turns(), Exports()
    spare = Spare(turns)

    def paint(payload: dict) -> dict:
        """Paints one frame. Errors are returned as values, because the script gets `undefined` for an exception."""
        try:
            drawing = read_drawing(payload)
            pipe = models.get(payload["model"], wait=False)  # waiting frames would stop everybody's canvas
            start = time.perf_counter()
            with turns.take(*turn_of(payload)) as overtaken:
                picture = pipe(drawing.condition(pipe), unless=overtaken, size=size_of(payload, pipe))
            ms = 1000 * (time.perf_counter() - start)
            return {"img": data_url(picture, bool(payload.get("lossless"))), "ms": ms}
        except Exception as error:
            return failure(error)

    def sample(payload: dict) -> dict:
        """Paints the drawing small in several styles. Frames of any page come first; then styles are left out."""
        try:
            drawing, styles = read_drawing(payload), [read_style(style) for style in payload["styles"]]
            pipe = models.get(payload["model"], wait=False)
            pictures = swatches(pipe, drawing, styles, unless=spare.gives_way)
            if pictures:
                spare.finish()
            return {"imgs": [data_url(picture, lossless=False) for picture in pictures]}
        except Exception as error:
            return failure(error)

    def like(payload: dict) -> dict:
        """Measures the style of the object in a photo."""
        try:
            style = style_numbers(models.get(payload["model"], wait=False), decode(payload["image"]))
            return {"style": style} if style else {"error": "style_nothing"}
        except Exception as error:
            return failure(error)

    def trace(payload: dict) -> dict:
        """Traces a photo; returns lines, each as [x, y, x, y, ...] in pixels of the canvas."""
        try:
            lines = outline(decode(payload["image"]), size=SIDE, detail=payload.get("detail", 0.5))
            return {
                "strokes": [[v + 0.5 for xy in line for v in xy] for line in polylines(np.asarray(lines)[..., 0] == 0)]
            }
        except Exception as error:
            return failure(error)

    def device(payload: dict) -> dict:
        """What the visitor's own device needs to paint with a model of the app; strangers' models stay here."""
        try:
            name = payload["model"]
            own = on_device and name in models.sources
            return exports(models.get(name, wait=False)) if own else {"none": True}
        except Exception as error:
            return failure(error)

    pipe = models.get(models.default)
    return gr.HTML(
        value="",
        html_template=(HERE / "canvas.html").read_text(encoding="utf-8"),
        js_on_load=on_load("draw/start"),
        server_functions=[bounded(paint), bounded(trace), bounded(sample, at_once=1), bounded(like), bounded(device)],
        apply_default_css=False,
        elem_id="easel",
        on_device=on_device,
        foretaste=data_url(models.foretaste, lossless=False),
        foretaste_of=pipe.name if models.bags else None,  # the example is a bag
        **model_props(pipe),
    )
