"""Where the object of a photo is, before a white background."""

import numpy as np
from scipy import ndimage
from torch import Tensor


def silhouette(picture: Tensor, threshold: float = 0.94) -> np.ndarray:
    """(3, H, W) photo on white -> (H, W) bool: the object, its holes filled; found at half the resolution."""
    mask = (picture[:, ::2, ::2].amin(0) < threshold).numpy()
    mask = ndimage.binary_opening(ndimage.binary_fill_holes(ndimage.binary_closing(mask)))
    return mask.repeat(2, 0).repeat(2, 1)[: picture.shape[1], : picture.shape[2]]
