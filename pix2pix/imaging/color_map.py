"""Where which colour is wanted: from strokes of colour to a map that gives every pixel one.

The mean colour of a style need not be the same everywhere. A stroke of colour sets it where it is: in all of the
panel around it, as far as closed lines reach; between two strokes in one panel, each pixel takes the nearer one.
"""

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from .hints import OPAQUE

COARSE = 2  # pixels: panels are found in blocks of this side, as lines are wider, and in a quarter of the time
SMALLEST_PANEL = 0.05  # of the picture, as a flap: smaller ones (straps, seams) take the colour of the next stroke

OWN = 1  # label of all that no stroke reaches


def blocks(values: np.ndarray) -> np.ndarray:
    """(H, W) -> (ceil(H / COARSE), ceil(W / COARSE)): the largest of each block."""
    height, width = values.shape
    values = np.pad(values, ((0, -height % COARSE), (0, -width % COARSE)))
    return values.reshape(-(-height // COARSE), COARSE, -(-width // COARSE), COARSE).max((1, 3))


def regions(lines: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Divides a drawing among the strokes of colour in it.

    Args:
        lines: (H, W) bool, the drawing's lines; gaps of up to about four pixels count as closed.
        seeds: (H, W) int, 0 where there is no stroke, else a number from 2 on: pixels of one number are one colour.

    Returns:
        (H, W) int: for every pixel the number of the stroke that colours it, or `OWN`.
    """
    if not seeds.any():
        return np.full(lines.shape, OWN)
    walls, marks = ndimage.binary_dilation(blocks(lines)), blocks(seeds)
    panels, _ = ndimage.label(~walls)
    sizes = np.bincount(panels.ravel())
    met = np.zeros(len(sizes), bool)
    met[np.unique(panels[marks > 0])] = True
    free = ~met & (sizes >= SMALLEST_PANEL * walls.size)
    free[0] = False  # the walls
    markers = np.where(free[panels] & (marks == 0), OWN, marks)
    # Panels fill at even speed from all strokes in them, and walls last.
    found = watershed(walls.astype(np.uint8), markers)
    return found.repeat(COARSE, 0).repeat(COARSE, 1)[: lines.shape[0], : lines.shape[1]]


def color_map(lines: np.ndarray, hints: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The colour wanted at every pixel.

    Args:
        lines: (H, W) bool.
        hints: (H, W, 4) uint8, strokes of colour; their alpha says where there is one.
        own: (3,) in [-1, 1], the colour where no stroke asks for another.

    Returns:
        (3, H, W) float32 in [-1, 1].
    """
    there = hints[..., 3] >= OPAQUE
    if (core := ndimage.binary_erosion(there)).any():
        there = core  # the rim of a stroke may be mixed with the paper's white
    colors, labels = np.unique(hints[there][:, :3], axis=0, return_inverse=True)
    seeds = np.zeros(lines.shape, np.int32)
    seeds[there] = labels.ravel() + OWN + 1
    table = np.vstack([own, own, colors / 127.5 - 1]).astype(np.float32)
    return np.moveaxis(table[regions(lines, seeds)], 2, 0)
