"""Where which colour is wanted: from strokes of colour to a map that gives every pixel one.

The mean colour of a style need not be the same everywhere. A stroke of colour sets it where it is: in all of the
panel around it, as far as closed lines reach; between two strokes in one panel, each pixel takes the nearer one.
"""

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from .hints import OPAQUE

SMALLEST_PANEL = 0.004  # of the picture: smaller ones belong to the stroke beside them
GAP = 2  # pixels: narrower gaps in a line are closed

OWN = 1  # label of all that no stroke reaches


def regions(lines: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Divides a drawing among the strokes of colour in it.

    Args:
        lines: (H, W) bool, the drawing's lines.
        seeds: (H, W) int, 0 where there is no stroke, else a number from 2 on: pixels of one number are one colour.

    Returns:
        (H, W) int: for every pixel the number of the stroke that colours it, or `OWN`.
    """
    if not seeds.any():
        return np.full(lines.shape, OWN)
    walls = ndimage.binary_dilation(lines, iterations=GAP)
    panels, _ = ndimage.label(~walls)
    sizes = np.bincount(panels.ravel())
    met = np.zeros(len(sizes), bool)
    met[np.unique(panels[seeds > 0])] = True
    free = ~met & (sizes >= SMALLEST_PANEL * lines.size)
    free[0] = False  # the walls
    markers = np.where(free[panels] & (seeds == 0), OWN, seeds)
    # Panels fill at even speed from all strokes in them, and walls last.
    return watershed(walls.astype(np.uint8), markers)


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
