"""Turns any picture into the square RGB image that a network reads."""

import contextlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ..errors import DataError

WHITE = (255, 255, 255)
# The formats that people use. Pillow reads more, but old readers are unsafe; the one for EPS starts Ghostscript.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
LONGEST_SIDE = 65_535  # pixels, the most that a JPEG can have; resizing a longer side takes gigabytes


def open_rgb(file: str | Path) -> Image.Image:
    """Opens an image file of one of `FORMATS`, whatever its name ends in, as RGB; see `to_rgb`.

    Raises:
        DataError: the file is no such image, is truncated, or has too long a side; the message names it.
    """
    try:
        with Image.open(file, formats=FORMATS) as image:
            return to_rgb(image)
    except Exception as error:  # whatever the bytes make Pillow's readers raise; a MemoryError has no message
        why = str(error) or type(error).__name__
        raise DataError(f"{file} can't be read as an image, or is truncated: {why}") from error


def to_rgb(image: Image.Image | np.ndarray) -> Image.Image:
    """PIL image or uint8 array of any size and mode -> PIL RGB of the same size.

    Transparent pixels become white, photos are turned upright by their EXIF tag, and an animation gives its current
    frame. Grey images of more than 8 bits become 8 bits, see `eight_bits`.

    Args:
        image: PIL image, or uint8 array of shape (H, W) or (H, W, 1 | 2 | 3 | 4).

    Raises:
        DataError: not an image, or an array of another shape or type; a side longer than `LONGEST_SIDE`.
    """
    if isinstance(image, np.ndarray):
        image = from_array(image)
    if not isinstance(image, Image.Image):
        raise DataError(f"expected a PIL image or a uint8 array, not {type(image).__name__}")
    if 0 in image.size:
        raise DataError(f"the image is empty: {image.width}x{image.height} pixels")
    if max(image.size) > LONGEST_SIDE:
        raise DataError(f"the image is too long: {image.width}x{image.height} pixels, at most {LONGEST_SIDE} a side")
    image.load()
    with contextlib.suppress(Exception):  # any error for a damaged EXIF
        image = ImageOps.exif_transpose(image)
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(eight_bits(np.asarray(image))).convert("RGB")
    if image.mode == "RGB":
        return image
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, WHITE)
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    return image.convert("RGB")


def eight_bits(values: np.ndarray) -> np.ndarray:
    """Turns the numbers of a grey image into bytes. The largest one tells how many bits they use.

    Whole numbers up to 255 are kept, as they may be labels. Numbers up to 4095 are read as 12 bits, as cameras and
    scanners write them, larger ones as 16, 24 or 32 bits. Fractions from 0 to 1 are scaled to 255.

    Raises:
        DataError: negative numbers or fractions beyond 1, for which black and white are not known.
    """
    low, high = values.min(), values.max()
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        return (values * 255).round().astype(np.uint8)
    if values.dtype.kind == "f" or low < 0:
        raise DataError(f"the image holds numbers from {low:.6g} to {high:.6g}: save it with 8 or 16 bits, from 0 on")
    bits = next(bits for bits in (8, 12, 16, 24, 32) if high < 2**bits)
    return (values >> (bits - 8)).astype(np.uint8)


def from_array(array: np.ndarray) -> Image.Image:
    if array.dtype != np.uint8:
        raise DataError(f"expected an array of type uint8 with values from 0 to 255, not {array.dtype}")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (2, 3, 4))) or 0 in array.shape:
        raise DataError(f"expected an array of shape (H, W), (H, W, 3) or (H, W, 4), not {array.shape}")
    return Image.fromarray(array)


def fit(image: Image.Image, size: int) -> Image.Image:
    """Scales an RGB image to fit `size` x `size`, and centres it on white."""
    if image.size == (size, size):
        return image
    return ImageOps.pad(scaled(image, size), (size, size), color=WHITE)


def scaled(image: Image.Image, size: int, resample: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    """Scales an RGB or RGBA image so that its longer side has `size` pixels; the shorter one has at least one."""
    width, height = (max(1, round(side / max(image.size) * size)) for side in image.size)
    return image.resize((width, height), resample)
