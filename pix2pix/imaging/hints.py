"""Colour hints: separates strokes of colour from the lines of a drawing, and puts them together again."""

import numpy as np
from PIL import Image, ImageOps

from .redraw_lines import COLORED
from .rgb import WHITE, scaled

OPAQUE = 128  # least alpha of a pixel that belongs to a stroke


def take_apart(drawing: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Splits an RGB drawing into lines, (H, W, 3) uint8 without coloured ink, and coloured ink, (H, W, 4)."""
    pixels = np.asarray(drawing)
    colored = pixels.max(2).astype(np.int16) - pixels.min(2) > COLORED
    lines = np.where(colored[..., None], np.uint8(255), pixels)
    return lines, np.dstack([pixels, np.where(colored, np.uint8(255), np.uint8(0))])


def fit_hints(hints: Image.Image, size: int) -> np.ndarray:
    """Scales RGBA hints to (size, size, 4), placed as `rgb.fit` places the drawing, without mixing colours."""
    small = scaled(hints.convert("RGBA"), size, Image.Resampling.NEAREST)
    return np.asarray(ImageOps.pad(small, (size, size), color=(0, 0, 0, 0)))


def over(hints: np.ndarray, more: np.ndarray) -> np.ndarray:
    """`more` drawn over `hints`; (H, W, 4) each."""
    return np.where(more[..., 3:] >= OPAQUE, more, hints)


def under(lines: np.ndarray, hints: np.ndarray) -> Image.Image:
    """The drawing as people see it: lines (H, W, 3) on strokes of colour on white."""
    colors = np.where(hints[..., 3:] >= OPAQUE, hints[..., :3], np.uint8(WHITE[0]))
    return Image.fromarray(np.minimum(colors, lines))
