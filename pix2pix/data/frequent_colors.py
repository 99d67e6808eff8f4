"""The colours that conditions are drawn in: the palette of a subject whose drawings are labels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.color import lab2rgb, rgb2lab

from ..errors import DataError
from .pairs import open_pair

SIDE = 256  # pixels, of what is looked at
FLAT = 8  # the most that a channel differs within 3 x 3 pixels of an area of one colour
BIN = 1.5  # in Lab units, the side of the cells in which colours are counted
NEAR = 4.2  # CIE76 distance up to which two colours are taken for one
RARE = 0.001  # of the flat pixels: colours of fewer are left out


def frequent_colors(files: Sequence[Path], direction: str = "AtoB", most: int = 16, sample: int = 60) -> list[str]:
    """The most frequent colours of the conditions of some pairs, as "#rrggbb", the most frequent first.

    Only areas of one colour count, not the mixtures along their edges.

    Args:
        files: pairs, of which `sample` are looked at, evenly spread.
        most: how many colours to return at most.

    Raises:
        DataError: a pair can't be read, or the conditions have no areas of one colour, as photos have none.
    """
    chosen = [files[i] for i in np.unique(np.linspace(0, len(files) - 1, min(sample, len(files))).round().astype(int))]
    pixels = [
        flat_pixels(np.asarray(open_pair(file, direction)[0].resize((SIDE, SIDE), Image.Resampling.NEAREST)))
        for file in chosen
    ]
    if sum(map(len, pixels)) < 0.05 * SIDE**2 * len(pixels):
        raise DataError(
            f"the conditions, such as that of {files[0]}, have no areas of one colour to make a palette of: list the "
            "colours in the subject's file"
        )
    return merged(rgb2lab(np.concatenate(pixels)[None])[0], most)


def flat_pixels(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 -> (N, 3), those pixels whose neighbours have almost their colour."""
    size = (3, 3, 1)
    differs = ndimage.maximum_filter(picture, size).astype(np.int16) - ndimage.minimum_filter(picture, size)
    return picture[differs.max(2) <= FLAT]


def merged(pixels: np.ndarray, most: int) -> list[str]:
    """Lab (N, 3) -> the colours of the fullest cells; each takes those near to it, and is their mean."""
    numbers = ((pixels + 128) / BIN).round().astype(np.int64) @ [10**6, 10**3, 1]  # of cells; unique rows are slow
    _, cell_of, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(cell_of, pixels[:, i]) for i in range(3)], axis=1)
    means, left, found = sums / counts[:, None], counts.astype(float), []
    while len(found) < most and left.any():
        near = (np.linalg.norm(means - means[left.argmax()], axis=1) <= NEAR) & (left > 0)
        if left[near].sum() >= RARE * len(pixels):
            found.append((left[near].sum(), np.average(means[near], axis=0, weights=left[near])))
        left[near] = 0
    found.sort(key=lambda entry: -entry[0])
    return ["#" + bytes((255 * lab2rgb(color)).round().astype(np.uint8)).hex() for _, color in found]
