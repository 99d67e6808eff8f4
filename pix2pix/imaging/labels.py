"""Drawings whose colours are labels: every pixel has one colour of a palette, and edges are hard."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor, ImageOps
from scipy import ndimage

from .hints import over
from .rgb import scaled

EXACT = 9  # the most that a channel of a pixel that has a colour may differ from it: JPEG changes thin lines
LEAST = 4.5  # of 3 x 3 pixels that have a colour, where it is no mixture that happens to be like it
AROUND = 5  # pixels, side of the square in which a mixture looks for the colours that it is made of


class Labels:
    """The colours of a palette, and pictures drawn in them.

    Args:
        colors: "#rrggbb" each.
        paper: one of them, that of empty paper.
        inputs: what a network reads in place of each colour; the colours themselves if left out.
    """

    def __init__(self, colors: Sequence[str], paper: str, inputs: Sequence[str] = ()):
        self.colors, self.inputs = rgb_of(colors), rgb_of(inputs or colors)
        self.paper = paper

    def read(self, drawing: Image.Image, size: int, strokes: Image.Image | None = None) -> Image.Image:
        """Any RGB drawing -> `size` square, on paper where it is not square, in the palette's colours alone.

        Args:
            strokes: RGBA of the drawing's size, which lie on it where they are opaque.
        """
        if strokes is not None:
            drawing = Image.fromarray(over(np.asarray(drawing.convert("RGBA")), np.asarray(strokes))[..., :3])
        if drawing.size != (size, size):
            drawing = ImageOps.pad(scaled(drawing, size), (size, size), color=self.paper)
        return Image.fromarray(self.snap(np.asarray(drawing)))

    def as_read(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 3) uint8 in the palette's colours -> the same shape, as the network reads them."""
        return replaced(pixels, self.colors, self.inputs)

    def as_seen(self, pixels: np.ndarray) -> np.ndarray:
        """The inverse of `as_read`."""
        return replaced(pixels, self.inputs, self.colors)

    def snap(self, pixels: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 -> the same shape, each pixel in the nearest colour of the palette.

        A mixture along an edge may be nearest to a third colour. So it becomes one of those colours that pixels around
        it have without mixing, where there are any.
        """
        codes = packed(pixels)
        if np.logical_or.reduce([codes == own for own in packed(self.colors)]).all():
            return pixels
        codes, number = np.unique(codes, return_inverse=True)
        different = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.int16)
        apart = np.abs(different[:, None] - self.colors)  # (different colours, palette, 3)
        has, distance = np.all(apart <= EXACT, axis=-1), np.square(apart, dtype=np.int32).sum(-1)
        number = number.reshape(pixels.shape[:2])
        if has.any(-1).all():
            return self.colors[distance.argmin(1)][number]
        has = has[number]  # (H, W, palette)
        has &= ndimage.uniform_filter(has.astype(np.float32), (3, 3, 1)) > LEAST / 9
        near = ndimage.maximum_filter(has, (AROUND, AROUND, 1))
        near |= ~near.any(-1, keepdims=True)
        return self.colors[np.where(near, distance[number], np.iinfo(np.int32).max).argmin(-1)]


def rgb_of(colors: Sequence[str]) -> np.ndarray:
    """Colours as "#rrggbb" -> (N, 3) uint8."""
    return np.array([ImageColor.getrgb(color) for color in colors], np.uint8)


def replaced(pixels: np.ndarray, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """(..., 3) uint8, whose colours are all in `old` (N, 3) -> the colours at their places in `new` (N, 3)."""
    codes = packed(old)
    order = codes.argsort()
    return new[order[np.searchsorted(codes[order], packed(pixels))]]


def packed(pixels: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 -> (...) uint32, one number for each colour."""
    red, green, blue = np.moveaxis(pixels.astype(np.uint32), -1, 0)
    return red << 16 | green << 8 | blue
