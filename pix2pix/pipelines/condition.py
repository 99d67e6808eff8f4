"""The input of a pix2pix network: a drawing, and for some networks a style and strokes of colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..checkpoint.styles import LARGEST_NUMBER, LONGEST_NAME, BuiltInStyle
from ..checkpoint.subject import Subject
from ..errors import CheckpointError, DataError
from ..imaging import rgb
from ..imaging.color_map import color_map
from ..imaging.labels import Labels
from ..imaging.style import COLOR, NUMBERS
from ..networks import UNetGenerator

DARK = 128  # pixels with a lower lightness belong to a line

Style = int | str | Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Condition:
    """A prepared drawing. Pipelines and the functions of anatomy/ take it in place of a drawing.

    Attributes:
        image: RGB, as people see it: lines on strokes of colour.
        tensor: (1, C, S, S) in [-1, 1], as the network reads it: lines, then style and noise as planes.
        sketch: the drawing in its own size, RGB.
    """

    image: Image.Image
    tensor: Tensor
    sketch: Image.Image


def numbers_of(style: Style, built_in: list[BuiltInStyle]) -> np.ndarray:
    """The 16 numbers of a style, given as numbers, as its index or by its name: (16,) float32.

    Raises:
        DataError: there is no such style.
    """
    if isinstance(style, str):
        found = next((entry for entry in built_in if entry.name == style), None)
        if found is None:
            raise DataError(f"there is no style {style[:LONGEST_NAME]!r}: the names are in pipe.style_names")
        return np.array(found.numbers, np.float32)
    if isinstance(style, int | np.integer) and not isinstance(style, bool):
        if not 0 <= style < len(built_in):
            raise DataError(f"there is no style {style}: they are numbered from 0 to {len(built_in) - 1}")
        return np.array(built_in[style].numbers, np.float32)
    try:
        numbers = np.asarray(style, dtype=np.float32)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != (NUMBERS,) or not (np.abs(numbers) <= LARGEST_NUMBER).all():  # NaN is not
        raise DataError(f"a style is a number, a name or {NUMBERS} numbers up to {LARGEST_NUMBER:g}, see style_of")
    return numbers


def style_planes(numbers: np.ndarray, lines: np.ndarray, hints: np.ndarray) -> Tensor:
    """The style of every pixel, (1, 16, S, S). Strokes set the colour of their panels.

    Args:
        numbers: (16,).
        lines: (S, S, 3) uint8, dark on white.
        hints: (S, S, 4) uint8, the strokes of colour.
    """
    planes = np.broadcast_to(numbers[:, None, None], (NUMBERS, *lines.shape[:2])).copy()
    planes[COLOR] = color_map(lines.min(2) < DARK, hints, numbers[COLOR])
    return torch.from_numpy(planes)[None]


def read_hints(hints: Image.Image | np.ndarray, size: tuple[int, int]) -> Image.Image:
    """Checks strokes of colour for a drawing of `size`, and returns them as an image.

    Raises:
        DataError: they are not RGBA, or have another size.
    """
    hints = rgb.from_array(hints) if isinstance(hints, np.ndarray) else hints
    if not isinstance(hints, Image.Image) or hints.mode != "RGBA" or hints.size != size:
        raise DataError(f"hints should be an RGBA image of the drawing's size, {size[0]}x{size[1]} pixels")
    return hints


def labels_of(name: str, generator: UNetGenerator, subject: Subject | None) -> Labels | None:
    """The colours of drawings that are areas of colour; None where drawings are lines.

    Raises:
        CheckpointError: the generator does not read such drawings.
    """
    labels = subject and subject.labels
    if not labels:
        return None
    if generator.style_dim or generator.input_nc != 3:
        raise CheckpointError(f"{name} has a subject drawn in labels: expected a network of 3 channels without styles")
    return labels
