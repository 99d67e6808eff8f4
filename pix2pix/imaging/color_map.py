"""Turns strokes of colour into a map of the colour that is wanted at every pixel.

A stroke of colour sets the mean colour of the panel that it lies in, up to the closed lines around it. Where a panel
has several strokes, each pixel takes the colour of the nearest.

Small gaps count as closed, so that no colour leaks from an outline drawn by hand. Stitches and folds are lines with
gaps too: a stroke among them is meant for the body that they lie on. So a stroke in a small panel goes on through its
gaps, but never to the paper around the object.
"""

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from .hints import OPAQUE

COARSE = 2  # pixels: side of the blocks in which panels are found; a quarter of the time, and lines are wider
SMALLEST_PANEL = 0.05  # share of the picture; smaller panels (straps, seams) take the nearest stroke's colour

OWN = 1  # label of the pixels that no stroke reaches


def blocks(values: np.ndarray) -> np.ndarray:
    """The largest value of each block: (H, W) -> (ceil(H / COARSE), ceil(W / COARSE))."""
    height, width = values.shape
    values = np.pad(values, ((0, -height % COARSE), (0, -width % COARSE)))
    return values.reshape(-(-height // COARSE), COARSE, -(-width // COARSE), COARSE).max((1, 3))


def through_gaps(lines: np.ndarray, panels: np.ndarray, marks: np.ndarray, large: np.ndarray) -> np.ndarray:
    """The cells that strokes in small panels reach through gaps in lines, without the paper around the object.

    Where a large panel has a stroke of its own, its gaps stay closed.

    Args:
        lines: (h, w) bool, without the margin that closes their gaps.
        panels: (h, w) int, 0 on walls, else the number of the panel.
        marks: (h, w) int, above 0 where there is a stroke.
        large: bool for each panel.

    Returns:
        (h, w) bool.
    """
    around = np.concatenate([panels[0], panels[-1], panels[:, 0], panels[:, -1]])
    paper = ndimage.binary_dilation((panels > 0) & np.isin(panels, around))
    parts, _ = ndimage.label(~lines & ~paper)
    in_small, in_large = (parts[(marks > 0) & (large[panels] == size)] for size in (False, True))
    return (parts > 0) & np.isin(parts, np.setdiff1d(in_small, in_large))


def regions(lines: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Divides the pixels of a drawing among its strokes of colour.

    Args:
        lines: (H, W) bool, the drawing's lines; gaps of up to about four pixels count as closed.
        seeds: (H, W) int, 0 where there is no stroke, else the number of its colour, 2 or more.

    Returns:
        (H, W) int: for every pixel the number of the stroke that colours it, or `OWN`.
    """
    if not seeds.any():
        return np.full(lines.shape, OWN)
    thin, marks = blocks(lines), blocks(seeds)
    walls = ndimage.binary_dilation(thin)
    panels, _ = ndimage.label(~walls)
    large = np.bincount(panels.ravel()) >= SMALLEST_PANEL * walls.size
    large[0] = False  # the walls
    met = np.isin(np.arange(len(large)), panels[marks > 0])
    opened = through_gaps(thin, panels, marks, large)
    met[panels[opened]] = True
    walls &= ~opened
    free = large & ~met
    markers = np.where(free[panels] & (marks == 0), OWN, marks)
    # Panels fill evenly from all their strokes; walls are filled last.
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
        there = core  # without the rim of the stroke, which may be mixed with white
    colors, labels = np.unique(hints[there][:, :3], axis=0, return_inverse=True)
    seeds = np.zeros(lines.shape, np.int32)
    seeds[there] = labels.ravel() + OWN + 1
    table = np.vstack([own, own, colors / 127.5 - 1]).astype(np.float32)
    return np.moveaxis(table[regions(lines, seeds)], 2, 0)
