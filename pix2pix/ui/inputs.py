"""Checks the inputs of the named endpoints before they reach a network. Wrong ones get a clear `gr.Error`."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from math import isfinite
from pathlib import Path

import gradio as gr
from gradio.data_classes import ImageData
from PIL import Image

from ..errors import UserError, some_of
from ..imaging.unpack import Unpacker

unpack = Unpacker()


def as_html(message: str) -> str:
    """Escapes a sentence for Gradio's toasts, which show HTML.

    The sentence may quote a visitor or a checkpoint. Lone surrogates are replaced, because they would break the answer.
    """
    return escape(message.encode("utf-8", "replace").decode(), quote=False)


def refusal(message: str) -> gr.Error:
    """An error for a visitor's mistake. The visitor sees it; the server's log has no traceback."""
    return gr.Error(as_html(message), print_exception=False)


@contextmanager
def clear_errors(*mistakes: type[Exception]) -> Iterator[None]:
    """Shows errors of the code below the UI to the visitor, as one sentence.

    These are data and checkpoint errors, and the types in `mistakes`.
    """
    try:
        yield
    except (UserError, *mistakes) as error:
        raise refusal(f"{str(error).rstrip('.')}.") from None


def image_input(**kwargs) -> gr.Image:
    """An input for an uploaded picture, read as RGB. Files that are no picture get a clear error.

    It replaces the component's `preprocess`, because for a subclass Gradio would write a stub file beside the source.
    """
    component = gr.Image(type="pil", image_mode=None, sources=["upload"], **kwargs)
    component.preprocess = read_upload
    return component


def read_upload(payload: ImageData | None, alpha: bool = False) -> Image.Image:
    """Reads an upload as RGB, or as RGBA with `alpha`. An animation gives its first frame.

    Raises:
        gr.Error: there is no picture, it is cut or too large, or it takes too long to unpack.
    """
    if payload is None:
        raise refusal("image is missing: send a PNG, JPEG or WebP picture.")
    head, _, body = (payload.url or "").partition(";base64,")
    try:
        data = base64.b64decode(body) if head.startswith("data:") else Path(payload.path or "").read_bytes()
    except (OSError, TypeError, ValueError):
        data = b""  # not a picture, so the error below is raised
    with clear_errors():
        return unpack(data, alpha)


def hints_input(**kwargs) -> gr.Image:
    """An input for a picture with transparency, read as RGBA, or None. Opaque pictures get a clear error."""
    component = image_input(**kwargs)

    def preprocess(payload: ImageData | None) -> Image.Image | None:
        hints = None if payload is None else read_upload(payload, alpha=True)
        if hints and hints.getchannel("A").getextrema() == (255, 255):
            raise refusal("hints has no transparency: send a PNG or WebP that is transparent where there is no hint.")
        return hints

    component.preprocess = preprocess
    return component


def class_choice(names: list[str], parameter: str = "digit", **kwargs) -> gr.Dropdown:
    """A dropdown of class names that also takes a number, so that programs may ask for 3 as for "3".

    A number is first looked up as a name. If not all names are numbers, it can also be the index of a class.
    `parameter` is the name of this input in error messages.
    """
    component = gr.Dropdown(names, **kwargs)
    by_number: dict[float, str] = {int(name): name for name in names if name.isascii() and name.isdecimal()}
    if len(by_number) < len(names):
        by_number = dict(enumerate(names)) | by_number

    def preprocess(payload):
        if isinstance(payload, int | float) and not isinstance(payload, bool):
            payload = by_number.get(payload, payload)
        if payload not in names:
            raise refusal(f"{parameter} is {str(payload)[:40]}: expected one of {some_of(names)}.")
        return payload

    component.preprocess = preprocess
    return component


def count_input(most: int, **kwargs) -> gr.Slider:
    """A slider from 1. The function that reads it checks with `whole_number`, whose errors are plainer."""
    component = gr.Slider(1, most, step=1, **kwargs)
    component.preprocess = lambda payload: payload
    return component


def seed_input(value: int = 0, **kwargs) -> gr.Number:
    """A field for a whole number, checked in the same way."""
    component = gr.Number(value, precision=0, **kwargs)
    component.preprocess = lambda payload: payload
    return component


def from_digits(value: object) -> object:
    """A text of a few digits, such as "3", as an int; anything else as it is. Python refuses thousands of digits."""
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdecimal():
        return int(value)
    return value


LOWEST, HIGHEST = -(2**63), 2**63 - 1  # of seeds


def nearest_whole(name: str, value: float, low: int = LOWEST, high: int = HIGHEST) -> int:
    """Rounds a number typed on the page to the nearest whole number from `low` to `high`.

    Programs get an error instead, see `whole_number`.

    Raises:
        gr.Error: `value` is not a number.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        value = min(max(round(value), low), high)
    return whole_number(name, value, low, high)


def whole_number(name: str, value: object, low: int = LOWEST, high: int = HIGHEST) -> int:
    """Returns `value` as an int.

    Raises:
        gr.Error: `value` is not a whole number from `low` to `high`.
    """
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None or not low <= number <= high or number != int(number):  # NaN is out of bounds too
        bounds = f" from {low} to {high}" if (low, high) != (LOWEST, HIGHEST) else ""
        raise refusal(f"{name} is {str(value)[:40]}: expected a whole number{bounds}.")
    return int(number)
