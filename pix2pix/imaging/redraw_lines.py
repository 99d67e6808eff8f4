"""Redraws any drawing as the network knows drawings: black lines of one width on white.

People draw with pens of every width, in pencil, on dark paper or on none; edge maps have lines of one pixel.
`redraw` gives them all one form, in training (after data/drawn_by_hand.py has made them look drawn) and in use. So the
network reads the kind of lines that it was trained on. Coloured ink is a hint, not a line, and is kept.
"""

import functools

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from .rgb import fit

WIDEST = 16  # pixels: the widest lines that a network may be trained on
COLORED = 40  # difference of the largest and smallest channel; from here on ink is coloured
DARKEST_HINT = 77  # least value of a hint's largest channel; a darker one would read as a line
FAINT = 0.7  # where between the darkest ink (0) and the paper (1) a line ends
PALE = 12  # least distance of a tint from white; paper and JPEG are never quite white


def redraw(drawing: Image.Image, size: int, width: int) -> Image.Image:
    """Draws the lines again in one width, and keeps the colour hints.

    Args:
        drawing: RGB of any size: dark lines on light paper or light lines on dark paper, coloured hints.
        size: side of the square result in pixels; the drawing is scaled as a whole and centred.
        width: of the lines, in pixels of the result.

    Returns:
        RGB image, `size` square: lines (0, 0, 0), hints in their colours, all else white.
    """
    pixels = np.asarray(drawing)
    pixels = on_white(shrunk(pixels, max(drawing.size) // (4 * size)))
    if max(pixels.shape) > 2 * size:
        pixels = keep_thin_lines(pixels, max(pixels.shape) / size)
    pixels = np.asarray(fit(Image.fromarray(pixels), size))
    red, green, blue = np.moveaxis(pixels, 2, 0)  # numpy is slow along an axis of three
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    colored = high - low > COLORED
    darkest = int(high[~colored].min(initial=255))
    ink = ~colored & (high < darkest + FAINT * (255 - darkest)) & (low < 255 - PALE)
    redrawn = np.full_like(pixels, 255)
    redrawn[colored] = brightened(pixels[colored])
    redrawn[one_width(ink, width)] = 0
    return Image.fromarray(redrawn)


def one_width(ink: np.ndarray, width: int) -> np.ndarray:
    """Lines of any width, (H, W) bool -> the same lines `width` pixels wide, with round ends."""
    return widened(skeletonize(ink), width)


def widened(lines: np.ndarray, width: int) -> np.ndarray:
    """Sets the pen's point on every pixel of the lines. Like `ndimage.binary_dilation`, in a tenth of the time."""
    height, length = lines.shape
    padded = np.pad(lines, ((width - 1) // 2, width // 2))
    drawn = np.zeros_like(lines)
    for down, right in np.argwhere(pen_point(width)):
        drawn |= padded[down : down + height, right : right + length]
    return drawn


def pen_point(width: int) -> np.ndarray:
    """The round point of a pen: (width, width) bool."""
    y, x = np.mgrid[:width, :width] - (width - 1) / 2
    return x * x + y * y <= (width / 2) ** 2


def paper_shade(pixels: np.ndarray) -> int:
    """Lightness of the paper, 0 to 255: the most common one at the border of the image."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(int)
    return int(np.median(border.max(1) + border.min(1))) // 2


def shrunk(pixels: np.ndarray, factor: int) -> np.ndarray:
    """Shrinks (H, W, 3) to (H // factor, W // factor, 3). Each block keeps the value farthest from the paper: lines
    stay.

    Without this, the rest would take seconds on a photo from a phone.
    """
    if factor < 2 or min(pixels.shape[:2]) < factor:
        return pixels
    farthest = np.maximum if paper_shade(pixels) < 128 else np.minimum
    height, width = (side // factor * factor for side in pixels.shape[:2])
    blocks = [pixels[y:height:factor, x:width:factor] for y in range(factor) for x in range(factor)]
    return functools.reduce(farthest, blocks)


def on_white(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 with its paper made white.

    On dark paper only the lightness is inverted: a red stroke stays red.
    """
    paper = paper_shade(pixels)
    if paper < 128:
        extremes = pixels.max(2, keepdims=True).astype(np.int16) + pixels.min(2, keepdims=True)
        pixels, paper = (255 - extremes + pixels).astype(np.uint8), 255 - paper
    if paper < 255:
        shade = np.minimum(np.arange(256) * 255 / paper, 255).astype(np.uint8)
        pixels = shade[pixels]
    return pixels


def keep_thin_lines(pixels: np.ndarray, shrink: float) -> np.ndarray:
    """Takes the darkest of neighbours, so that a line thinner than a pixel of the small picture is not lost."""
    width = int(shrink) // 2 * 2 - 1
    if width < 3:
        return pixels
    return ndimage.minimum_filter(pixels, (width, width, 1))


def brightened(colors: np.ndarray) -> np.ndarray:
    """Brightens colours (..., 3) uint8 so that no hint reads as a line."""
    lack = np.maximum(DARKEST_HINT - colors.max(-1, keepdims=True).astype(int), 0)
    return (colors + lack).astype(np.uint8)
