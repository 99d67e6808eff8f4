"""Finds the object of a photo on a white background."""

import numpy as np
from scipy import ndimage
from torch import Tensor


def silhouette(picture: Tensor, threshold: float = 0.94) -> np.ndarray:
    """The object of a photo (3, H, W) on white, with its holes filled: (H, W) bool. Computed at half the resolution."""
    mask = (picture[:, ::2, ::2].amin(0) < threshold).numpy()
    mask = ndimage.binary_opening(ndimage.binary_fill_holes(ndimage.binary_closing(mask)))
    return mask.repeat(2, 0).repeat(2, 1)[: picture.shape[1], : picture.shape[2]]


def body_of(picture: Tensor) -> np.ndarray:
    """The silhouette without the background inside it, such as in the loop of a handle: (H, W) bool."""
    paper, count = ndimage.label((picture.amin(0) > 0.985).numpy())
    sizes = np.bincount(paper.ravel(), minlength=count + 1)
    large = sizes > 150  # smaller white spots are highlights
    large[0] = False
    return silhouette(picture) & ~large[paper]
