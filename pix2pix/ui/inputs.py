"""Inputs of the named endpoints, checked before they reach a network; a wrong one gets a clear `gr.Error`."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from PIL import Image

from ..errors import CheckpointError, DataError

# Beyond this a picture is refused before its pixels are unpacked (a decompression bomb); 48 MP phones pass.
MOST_PIXELS = 64_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def refusal(message: str) -> gr.Error:
    """An error of the visitor's making: shown to the visitor, no traceback in the server's log."""
    return gr.Error(message, print_exception=False)


@contextmanager
def clear_errors(*mistakes: type[Exception]) -> Iterator[None]:
    """A visitor's mistake found below the UI reaches the visitor as its one sentence.

    Data and checkpoint errors are such mistakes; `mistakes` adds others.
    """
    try:
        yield
    except (CheckpointError, DataError, *mistakes) as error:
        raise refusal(f"{str(error).rstrip('.')}.") from None


def image_input(**kwargs) -> gr.Image:
    """An uploaded picture as PIL image, in its own mode; a file that is none gets a clear error.

    (The check replaces `preprocess` of this one component: for a subclass Gradio would write a stub file
    beside the source.)
    """
    component = gr.Image(type="pil", image_mode=None, sources=["upload"], **kwargs)
    plain = component.preprocess

    def preprocess(payload):
        if payload is None:
            raise refusal("image is missing: send a PNG, JPEG or WebP picture.")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                image = plain(payload)
                image.load()
            return image
        except gr.Error as error:  # such as for SVG
            raise refusal(error.message) from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise refusal(f"The image is too large: at most {MOST_PIXELS // 10**6} million pixels.") from None
        except Exception:  # whatever the bytes make PIL's readers raise
            raise refusal("The file is not an image that can be read: send a PNG, JPEG or WebP picture.") from None

    component.preprocess = preprocess
    return component


def class_choice(names: list[str], parameter: str = "digit", **kwargs) -> gr.Dropdown:
    """A dropdown of class names that also takes a class number, so that programs may ask for 3 as for "3".

    `parameter` is its name in the error for anything else.
    """
    component = gr.Dropdown(names, **kwargs)

    def preprocess(payload):
        if payload in range(len(names)) and not isinstance(payload, bool):
            payload = names[int(payload)]
        if payload not in names:
            raise refusal(f"{parameter} is {str(payload)[:40]}: expected one of {', '.join(names)}.")
        return payload

    component.preprocess = preprocess
    return component


def count_input(most: int, **kwargs) -> gr.Slider:
    """A slider from 1; the function behind checks by `whole_number`, in plainer words than the slider's."""
    component = gr.Slider(1, most, step=1, **kwargs)
    component.preprocess = lambda payload: payload
    return component


def whole_number(name: str, value: float, low: int = -(2**63), high: int = 2**63 - 1) -> int:
    """`value` as an int.

    Raises:
        gr.Error: not a whole number from `low` to `high`.
    """
    wrong = isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    if wrong or value != int(value) or not low <= value <= high:
        bounds = f" from {low} to {high}" if (low, high) != (-(2**63), 2**63 - 1) else ""
        raise refusal(f"{name} is {str(value)[:40]}: expected a whole number{bounds}.")
    return int(value)
