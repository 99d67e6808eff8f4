"""From any drawing to lines as the network knows them: black, of one width, on white.

People draw with pens of every width, in pencil, on dark paper or on none; edge maps have lines of one pixel.
`redraw` brings them all to one form, in training (where conditions are made to look drawn first, see
data/augment.py) and in use, so that what the network meets is what it was trained on. Coloured ink is no line but
a hint, and stays.
"""

import functools

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from .rgb import fit

WIDEST = 16  # pixels: the widest lines that a network may be trained on
COLORED = 40  # difference of the largest and smallest channel from which ink counts as a colour
DARKEST_HINT = 77  # of its largest channel: a hint is never so dark that it reads as a line
FAINT = 0.7  # ink up to so far from the darkest to the paper belongs to a line
PALE = 12  # how far from white a tint must be to be one: paper and JPEG are never quite white


def redraw(drawing: Image.Image, size: int, width: int) -> Image.Image:
    """The drawing's lines anew, in one width, and its colour hints.

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
    """The pen's point set down on every pixel: as `ndimage.binary_dilation` with it, in a tenth of the time."""
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
    """Lightness of the paper, 0 to 255: the most common one of the border."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(int)
    return int(np.median(border.max(1) + border.min(1))) // 2


def shrunk(pixels: np.ndarray, factor: int) -> np.ndarray:
    """(H, W, 3) -> (H // factor, W // factor, 3): of each block what is farthest from the paper, so that lines stay.

    All that follows would take seconds on the picture of a phone's camera.
    """
    if factor < 2 or min(pixels.shape[:2]) < factor:
        return pixels
    farthest = np.maximum if paper_shade(pixels) < 128 else np.minimum
    height, width = (side // factor * factor for side in pixels.shape[:2])
    blocks = [pixels[y:height:factor, x:width:factor] for y in range(factor) for x in range(factor)]
    return functools.reduce(farthest, blocks)


def on_white(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 with its paper made white.

    Lightness alone is turned over on dark paper: a red stroke stays red.
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
    """Darkest of neighbours, so that a line thinner than a pixel of the small picture is not lost in it."""
    width = int(shrink) // 2 * 2 - 1
    if width < 3:
        return pixels
    return ndimage.minimum_filter(pixels, (width, width, 1))


def brightened(colors: np.ndarray) -> np.ndarray:
    """Colours as hints: never so dark that they read as a line. (..., 3) uint8 -> the same."""
    lack = np.maximum(DARKEST_HINT - colors.max(-1, keepdims=True).astype(int), 0)
    return (colors + lack).astype(np.uint8)
