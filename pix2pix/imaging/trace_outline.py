"""Traces the outline of a photo, for people who would rather use a photo than draw.

The paper's edges2handbags edges come from HED (Xie & Tu 2015) in Caffe, thinned in MATLAB. scikit-image's Canny
detector gives similar lines, one pixel thin on white, in milliseconds and without weights.
"""

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.feature import canny
from skimage.measure import label
from skimage.morphology import remove_small_objects, skeletonize

from ..errors import DataError
from .rgb import fit, scaled, to_rgb

PLAIN = 12.0  # Lab units; a border with a smaller spread of colours is a plain background


def outline(photo: Image.Image | np.ndarray, size: int = 256, detail: float = 0.5) -> Image.Image:
    """Black lines of one pixel on white.

    Args:
        photo: any size and mode.
        size: side of the square result in pixels; the photo is scaled as a whole and centred.
        detail: from 0 (only the strongest edges) to 1 (fine texture too).

    Returns:
        RGB image, `size` square, black and white only.
    """
    if not 0 <= detail <= 1:
        raise DataError(f"detail is {detail}; expected 0 to 1")
    photo = scaled(to_rgb(photo), size)  # not on white paper, whose edge would become a line
    lab = rgb2lab(np.asarray(photo))
    subject = find_subject(lab)
    scale = size / 256
    high = 0.95 - 0.15 * detail  # quantile of the gradient: lines start at the strongest 5 to 20% of pixels
    edges = np.zeros(lab.shape[:2], bool)
    for channel, weight in enumerate((1.0, 0.7, 0.7)):  # some borders show in colour only
        values = lab[..., channel] * weight / 100
        edges |= canny(values, 1.6 * scale, low_threshold=high - 0.12, high_threshold=high, use_quantiles=True) & (
            ndimage.gaussian_gradient_magnitude(values, 1.6 * scale) > 0.006 / scale
        )
    if subject is not None:
        edges &= ndimage.binary_erosion(subject, iterations=round(3 * scale))
        edges |= subject & ~ndimage.binary_erosion(subject)
    # Edges of the channels at one border lie a pixel apart: merge them, then remove specks.
    edges = skeletonize(ndimage.binary_closing(np.pad(edges, 2), np.ones((3, 3)))[2:-2, 2:-2])
    edges = remove_small_objects(edges, max_size=int(24 * scale * (1.5 - detail)), connectivity=2)
    return fit(Image.fromarray(np.where(edges, 0, 255).astype(np.uint8)).convert("RGB"), size)


def find_subject(lab: np.ndarray) -> np.ndarray | None:
    """The object before a plain background, (H, W, 3) Lab -> (H, W) bool; None if the background is not plain."""
    size = max(lab.shape)
    rim = max(2, size // 64)
    sides = lab[:rim], lab[-rim:], lab[:, :rim], lab[:, -rim:]
    border = np.concatenate([side.reshape(-1, 3) for side in sides])
    background = np.median(border, 0)
    if np.percentile(np.linalg.norm(border - background, axis=1), 75) > PLAIN:
        return None
    distance = ndimage.gaussian_filter(np.linalg.norm(lab - background, axis=2), size / 256)
    mask = ndimage.binary_fill_holes(ndimage.binary_closing(distance > PLAIN, iterations=2))
    pieces = label(ndimage.binary_opening(mask, iterations=2))
    if not pieces.any():
        return None
    largest = 1 + np.bincount(pieces.ravel())[1:].argmax()
    subject = pieces == largest
    return subject if 0.02 < subject.mean() < 0.95 else None
