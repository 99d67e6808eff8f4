"""Inputs of the named endpoints, checked before they reach a network; a wrong one gets a clear `gr.Error`."""

import math
import warnings

import gradio as gr
from PIL import Image

# Beyond this a picture is refused before its pixels are unpacked (a decompression bomb); 48 MP phones pass.
MOST_PIXELS = 64_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class ImageInput(gr.Image):
    """An uploaded picture as PIL image, in its own mode."""

    is_template = True  # the front end is that of gr.Image

    def __init__(self, **kwargs):
        super().__init__(type="pil", image_mode=None, sources=["upload"], **kwargs)

    def preprocess(self, payload):
        if payload is None:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                image = super().preprocess(payload)
                image.load()
        except gr.Error:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise gr.Error(f"The image is too large: at most {MOST_PIXELS // 10**6} million pixels.") from None
        except Exception:  # whatever the bytes make PIL's readers raise
            raise gr.Error("The file is not an image that can be read: send a PNG, JPEG or WebP picture.") from None
        return image


def whole_number(name: str, value: float, low: int = -(2**63), high: int = 2**63 - 1) -> int:
    """`value` as an int.

    Raises:
        gr.Error: not a whole number from `low` to `high`.
    """
    wrong = isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    if wrong or value != int(value) or not low <= value <= high:
        bounds = f" from {low} to {high}" if (low, high) != (-(2**63), 2**63 - 1) else ""
        raise gr.Error(f"{name} is {str(value)[:40]}: expected a whole number{bounds}.")
    return int(value)


class ClassChoice(gr.Dropdown):
    """A dropdown of class names that also takes a class number, so that programs may ask for 3 as for "3"."""

    is_template = True

    def preprocess(self, payload):
        names = [value for _, value in self.choices]
        if payload in range(len(names)) and not isinstance(payload, bool):
            payload = names[int(payload)]
        if payload not in names:
            raise gr.Error(f"digit is {str(payload)[:40]}: expected one of {', '.join(names)}.")
        return payload
