"""What a pix2pix network reads: a drawing, and for some networks a style and strokes of colour beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..checkpoint import CONFIG
from ..errors import CheckpointError, DataError
from ..imaging.color_map import color_map
from ..imaging.style import COLOR, NUMBERS

MOST_STYLES, LONGEST_NAME, LARGEST_NUMBER = 64, 40, 8.0
DARK = 128  # lightness below which a pixel belongs to a line

Style = int | str | Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Condition:
    """A prepared drawing, which pipelines and all that looks inside them take in place of one.

    Attributes:
        image: RGB, as people see it: lines on strokes of colour.
        tensor: (1, C, S, S) in [-1, 1], as the network reads it: lines, behind them the style as planes.
    """

    image: Image.Image
    tensor: Tensor


@dataclass(frozen=True)
class BuiltInStyle:
    """A style that comes with a checkpoint: its name for people, and its numbers (see imaging/style.py)."""

    name: str
    numbers: tuple[float, ...]


def read_styles(config: dict, style_dim: int) -> list[BuiltInStyle]:
    """The built-in styles of a checkpoint's config.json.

    Raises:
        CheckpointError: they are no styles for a network with `style_dim` numbers.
    """
    if style_dim == 0:
        return []
    if style_dim != NUMBERS:
        raise CheckpointError(f"{CONFIG} has style_dim {style_dim}: this version knows styles of {NUMBERS} numbers")
    entries = config.get("styles", [])
    try:
        styles = [BuiltInStyle(entry["name"], tuple(map(float, entry["numbers"]))) for entry in entries[:MOST_STYLES]]
    except (TypeError, ValueError, KeyError):
        styles = None
    if styles is None or not all(map(fits, styles)):
        raise CheckpointError(
            f"{CONFIG} has styles that can't be read: expected a list of name (up to {LONGEST_NAME} letters) and "
            f"{NUMBERS} numbers each"
        )
    return styles or [BuiltInStyle("plain", (0.0,) * NUMBERS)]


def fits(style: BuiltInStyle) -> bool:
    numbers = all(isfinite(x) and abs(x) <= LARGEST_NUMBER for x in style.numbers) and len(style.numbers) == NUMBERS
    return numbers and isinstance(style.name, str) and 0 < len(style.name) <= LONGEST_NAME


def numbers_of(style: Style, built_in: list[BuiltInStyle]) -> np.ndarray:
    """A style, its number or its name -> (16,) float32.

    Raises:
        DataError: there is no such style.
    """
    if isinstance(style, str):
        found = next((entry for entry in built_in if entry.name == style), None)
        if found is None:
            raise DataError(f"there is no style {style[:LONGEST_NAME]!r}: the names are in pipe.style_names")
        return np.float32(found.numbers)
    if isinstance(style, int | np.integer) and not isinstance(style, bool):
        if not 0 <= style < len(built_in):
            raise DataError(f"there is no style {style}: they are numbered from 0 to {len(built_in) - 1}")
        return np.float32(built_in[style].numbers)
    try:
        numbers = np.asarray(style, dtype=np.float32)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != (NUMBERS,) or not (np.abs(numbers) <= LARGEST_NUMBER).all():  # NaN is not
        raise DataError(f"a style is a number, a name or {NUMBERS} numbers up to {LARGEST_NUMBER:g}, see style_of")
    return numbers


def style_planes(numbers: np.ndarray, lines: np.ndarray, hints: np.ndarray) -> Tensor:
    """(1, 16, S, S): the style for every pixel; its colour is that of the strokes where there are some.

    Args:
        numbers: (16,).
        lines: (S, S, 3) uint8, dark on white.
        hints: (S, S, 4) uint8, the strokes of colour.
    """
    planes = np.broadcast_to(numbers[:, None, None], (NUMBERS, *lines.shape[:2])).copy()
    planes[COLOR] = color_map(lines.min(2) < DARK, hints, numbers[COLOR])
    return torch.from_numpy(planes)[None]
