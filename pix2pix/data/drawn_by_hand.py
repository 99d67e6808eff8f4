"""Makes edge maps look drawn by hand.

Edge maps of the public data sets are one pixel thin, complete and exact. People draw thick, shaky, sparse outlines.
`DrawnByHand` changes a pair's lines so that they look drawn by a person. It takes and returns (condition, picture),
float tensors of shape (3, H, W) in [0, 1], dark lines on white.
"""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.morphology import skeletonize
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2

from ..imaging.redraw_lines import pen_point
from ..imaging.silhouette import body_of
from .chance import chance, integer, uniform


def ink_of(condition: Tensor) -> Tensor:
    """(3, H, W) -> (1, H, W): 1 where there is a line, 0 on white paper."""
    return 1 - condition.mean(0, keepdim=True)


class DrawnByHand:
    """Lines as a person might draw them: moved, scaled, sparse, shaky, broken, doubled, thick.

    Args:
        scale: range of factors for the object's size.
        outline_only: share of samples that keep only lines near the object's outline.
        missing: share of samples that lose some of their strokes.
        single: share of samples whose handles and straps are one line each, as people draw them.
        looped: share of samples whose upper part becomes a wide handle. Few photos have one, and most that look alike
            from outside are domes, so the network would fill every wide loop.
        crossed: share of samples with lines across the body that the photo does not have. People divide a bag into
            panels as they like, and every panel should be painted.
        wobble: largest displacement of lines in pixels.
        widths: widths of the lines in pixels, each equally probable.
    """

    def __init__(
        self,
        scale: tuple[float, float] = (0.75, 1.1),
        outline_only: float = 0.35,
        missing: float = 0.4,
        single: float = 0.0,
        looped: float = 0.0,
        crossed: float = 0.0,
        wobble: float = 3.0,
        widths: tuple[int, ...] = (1, 1, 2, 2, 3, 3, 4, 5, 6),
    ):
        self.place = v2.RandomAffine(0, (0.06, 0.06), scale, interpolation=v2.InterpolationMode.BILINEAR)
        self.outline_only, self.missing, self.single = outline_only, missing, single
        self.looped, self.crossed = looped, crossed
        self.wobble, self.widths = wobble, widths

    def __call__(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
        if chance(0.6):
            # Transform the negatives, filled with 0; filling with 1 would leave a grey seam at the old border.
            negatives = tv_tensors.Image(1 - condition), tv_tensors.Image(1 - picture)
            condition, picture = (1 - moved.as_subclass(Tensor) for moved in self.place(*negatives))
        ink = ink_of(condition)
        if chance(self.looped):
            ink, picture = with_loop(ink, picture)
        body = body_of(picture)
        if chance(self.outline_only):
            ink = keep_outline(ink, body)
        if chance(self.single):
            ink = with_single_lines(ink, body)
        if chance(self.missing):
            ink = drop_strokes(ink)
        if chance(self.crossed):
            ink = torch.maximum(ink, crossing_lines(body))
        if chance(0.15):  # draw the lines a second time, slightly moved
            ink = torch.maximum(shake(ink, self.wobble), ink)
        if chance(0.7):
            ink = shake(ink, self.wobble * uniform(0.2, 1))
        ink = widen(ink, self.widths[integer(0, len(self.widths) - 1)])
        return 1 - ink.expand_as(condition), picture


def keep_outline(ink: Tensor, mask: np.ndarray) -> Tensor:
    """Keeps only the lines near the border of the object and of its holes; all lines if no object is found."""
    border = ndimage.binary_dilation(mask, iterations=4) & ~ndimage.binary_erosion(mask, iterations=6)
    outline = ink * torch.from_numpy(border)
    return outline if outline.sum() > 0.15 * ink.sum() else ink


def with_loop(ink: Tensor, picture: Tensor, least: int = 400) -> tuple[Tensor, Tensor]:
    """Cuts a loop of at least so many pixels into the upper part of the object, which makes a handle of what is around.

    Objects with a flat top stay as they are: people draw flaps there.
    """
    body = body_of(picture)
    rows, widths = np.flatnonzero(body.any(1)), body.sum(1)
    if not len(rows):
        return ink, picture
    top, height = rows[0], rows[-1] - rows[0]
    if widths[top + height // 10] > 0.7 * widths.max():
        return ink, picture
    inside = ndimage.distance_transform_edt(body) > uniform(6, 22)
    inside[int(top + height * uniform(0.25, 0.5)) :] = False
    parts, _ = ndimage.label(inside)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    if sizes.max() < least:
        return ink, picture
    loop = parts == sizes.argmax()
    edge, paper = (torch.from_numpy(part) for part in (loop & ~ndimage.binary_erosion(loop), loop))
    return torch.where(edge, 1.0, torch.where(paper, 0.0, ink)), torch.where(paper, 1.0, picture)


def with_single_lines(ink: Tensor, body: np.ndarray, width: int = 18) -> Tensor:
    """Draws one line along every part of the body that is narrower than `width`, in place of its edges."""
    body = ndimage.gaussian_filter(body.astype(np.float32), 2) > 0.5  # a rough border gives a line with branches
    core = ndimage.distance_transform_edt(body) > width / 2
    if not core.any():
        return ink
    trunk = ndimage.distance_transform_edt(~core) <= width / 2 + 1
    strap = body & ~trunk
    parts, count = ndimage.label(strap)
    long = np.bincount(parts.ravel(), minlength=count + 1) > 4 * width  # smaller ones are corners of the trunk
    long[0] = False
    strap = long[parts]
    edges = ndimage.binary_dilation(strap, iterations=3) & ~trunk
    return torch.maximum(ink * torch.from_numpy(~edges), torch.from_numpy(skeletonize(strap)).float()[None])


def drop_strokes(ink: Tensor) -> Tensor:
    """Removes some of the connected lines, and makes a few gaps in the others."""
    labels, count = ndimage.label(ink[0].numpy() > 0.3, np.ones((3, 3)))
    if count > 1:
        sizes = ndimage.sum_labels(np.ones_like(labels), labels, range(1, count + 1))
        kept = torch.rand(count).numpy() > uniform(0.1, 0.6)
        kept |= sizes > 0.25 * sizes.sum()  # the main outline stays
        ink = ink * torch.from_numpy(np.r_[True, kept][labels])
    height, width = ink.shape[1:]
    for _ in range(integer(0, 5)):
        y, x, r = integer(0, height - 1), integer(0, width - 1), integer(3, 10)
        ink[:, max(0, y - r) : y + r, max(0, x - r) : x + r] = 0
    return ink


def crossing_lines(body: np.ndarray) -> Tensor:
    """Draws one to three thin lines within the body, (1, H, W): across or down it, or as a flap or a pocket."""
    height, width = body.shape
    drawing = Image.new("L", (width, height))
    rows, columns = np.nonzero(body)
    if len(rows):
        draw, top, bottom, left, right = (
            ImageDraw.Draw(drawing),
            *np.quantile(rows, (0.1, 0.95)),
            columns.min(),
            columns.max(),
        )
        for _ in range(integer(1, 3)):
            x, y = uniform(left, right), uniform(top, bottom)
            tilt = uniform(-12, 12)
            lines = (
                [(left, y - tilt), (right, y + tilt)],
                [(x - tilt, top), (x + tilt, bottom)],
                [(left, top), (x, y), (right, top)],
                [(left + 20, bottom - 12), (left + 20, y), (right - 20, y + tilt), (right - 20, bottom - 12)],
            )
            draw.line(lines[integer(0, 3)], fill=255)
    return torch.from_numpy((np.asarray(drawing) > 0) & body).float()[None]


def shake(ink: Tensor, amplitude: float) -> Tensor:
    """Displaces lines by a smooth random field of at most about `amplitude` pixels."""
    _, height, width = ink.shape
    nodes = integer(4, 14)
    field = F.interpolate(torch.randn(1, 2, nodes, nodes) / 2, (height, width), mode="bicubic", align_corners=True)
    field = field[0].clamp(-1, 1) * amplitude * 2 / torch.tensor([width, height]).view(2, 1, 1)
    grid = F.affine_grid(torch.eye(2, 3)[None], [1, 1, height, width], align_corners=False) + field.permute(1, 2, 0)
    shaken = F.grid_sample(ink[None], grid, align_corners=False, padding_mode="border")[0]
    return (1.5 * shaken).clamp(0, 1)  # interpolation made the line paler


def widen(ink: Tensor, width: int) -> Tensor:
    """Widens one-pixel lines to about `width` pixels, with round ends."""
    if width == 1:
        return ink
    return torch.from_numpy(ndimage.grey_dilation(ink[0].numpy(), footprint=pen_point(width)))[None]
