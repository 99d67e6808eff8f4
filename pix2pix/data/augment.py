"""Augmentation: makes edge maps look drawn by hand, and adds colour hints.

Edge maps of the public data sets are one pixel thin, complete and exact. People draw thick, shaky, sparse outlines.
`DrawnByHand` changes a pair's lines so that they look drawn by a person. `ColorHints` draws strokes in the picture's
own colours under the lines, so that the generator learns to use coloured ink as a hint. Both take and return
(condition, picture), float tensors of shape (3, H, W) in [0, 1], dark lines on white. Both use torch's random state.
"""

import colorsys
from collections.abc import Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageColor, ImageDraw
from scipy import ndimage
from skimage.morphology import skeletonize
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as TF

from ..imaging.labels import Labels, rgb_of
from ..imaging.palette import HINT_COLORS
from ..imaging.redraw_lines import COLORED, DARKEST_HINT, FAINT, one_width, pen_point
from ..imaging.silhouette import body_of, silhouette


def uniform(low: float, high: float) -> float:
    return float(torch.empty(()).uniform_(low, high))


def chance(p: float) -> bool:
    return bool(torch.rand(()) < p)


def integer(low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, ()))


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
        crossed: float = 0.0,
        wobble: float = 3.0,
        widths: tuple[int, ...] = (1, 1, 2, 2, 3, 3, 4, 5, 6),
    ):
        self.place = v2.RandomAffine(0, (0.06, 0.06), scale, interpolation=v2.InterpolationMode.BILINEAR)
        self.outline_only, self.missing, self.single, self.crossed = outline_only, missing, single, crossed
        self.wobble, self.widths = wobble, widths

    def __call__(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
        if chance(0.6):
            # Transform the negatives, filled with 0; filling with 1 would leave a grey seam at the old border.
            negatives = tv_tensors.Image(1 - condition), tv_tensors.Image(1 - picture)
            condition, picture = (1 - moved.as_subclass(Tensor) for moved in self.place(*negatives))
        ink = ink_of(condition)
        if chance(self.outline_only):
            ink = keep_outline(ink, body_of(picture))
        if chance(self.single):
            ink = with_single_lines(ink, body_of(picture))
        if chance(self.missing):
            ink = drop_strokes(ink)
        if chance(self.crossed):
            ink = torch.maximum(ink, crossing_lines(body_of(picture)))
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


def redrawn(condition: Tensor, picture: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Redraws the lines in one width, as `imaging.redraw_lines.redraw` does with people's drawings."""
    ink = torch.from_numpy(one_width(ink_of(condition)[0].numpy() > 1 - FAINT, width))
    return 1 - ink.expand_as(condition).float(), picture


def snapped(condition: Tensor, picture: Tensor, labels: Labels) -> tuple[Tensor, Tensor]:
    """Gives every pixel of the condition a colour of the palette, as the network reads it (see `Labels`)."""
    pixels = (condition.as_subclass(Tensor) * 255).round().byte().permute(1, 2, 0).numpy()
    return torch.from_numpy(labels.as_read(labels.snap(pixels))).permute(2, 0, 1) / 255, picture


class WithoutDetails:
    """Hides details of labels in some samples, as people leave them out: there is paper in their place.

    Args:
        labels: the palette, of which conditions have the inputs.
        details: those of its colours that are hidden.
        share: of the samples.
    """

    def __init__(self, labels: Labels, details: Sequence[str], share: float = 0.5):
        self.details = as_numbers(labels, details)
        self.paper = as_numbers(labels, [labels.paper])[0]
        self.share = share

    def __call__(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
        if chance(self.share):
            for detail in self.details:
                condition = torch.where((condition == detail).all(0), self.paper, condition)
        return condition, picture


def as_numbers(labels: Labels, colors: Sequence[str]) -> Tensor:
    """Colours of the palette, (N, 3, 1, 1) in [0, 1] as conditions have them."""
    return torch.from_numpy(labels.as_read(rgb_of(colors)))[:, :, None, None] / 255


class ColorHints:
    """Adds strokes in the picture's local colours under the lines of some samples.

    Vivid objects are rare in photos, and the generator would hardly learn to use the hue of a hint. So in most samples
    with hints the object is recoloured first.

    Args:
        share: share of samples that get hints.
        recolor: share of the samples with hints whose object is recoloured.
    """

    def __init__(self, share: float = 0.55, recolor: float = 0.65):
        self.share, self.recolor = share, recolor

    def __call__(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
        if not chance(self.share):
            return condition, picture
        mask = silhouette(picture)
        spots = np.argwhere(ndimage.binary_erosion(mask, iterations=4))
        if len(spots) < 200:
            return condition, picture
        if chance(self.recolor):
            picture = recolor(picture, mask)
        paper = Image.new("RGB", (picture.shape[2], picture.shape[1]), "white")
        draw = ImageDraw.Draw(paper)
        for _ in range(integer(1, 2) if chance(0.5) else integer(3, 8)):
            y, x = spots[integer(0, len(spots) - 1)]
            color = local_color(picture, x, y)
            if float(color.max() - color.min()) > COLORED / 255:  # grey ink would look like a line
                stroke(draw, x, y, hint_color(color))
        hints = TF.to_dtype(TF.pil_to_tensor(paper), torch.float32, scale=True)
        outside = torch.from_numpy(~ndimage.binary_dilation(mask, iterations=2))
        hints = torch.where(outside, 1.0, hints)
        return torch.minimum(condition, hints), picture  # lines stay on top


def local_color(picture: Tensor, x: int, y: int, radius: int = 6) -> Tensor:
    """Mean colour (3,) of the square around a pixel."""
    return picture[:, max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1].mean((1, 2))


def hint_color(color: Tensor) -> tuple[int, ...]:
    """The colour as ink: not so dark that it looks like a line, not so light that it looks like paper."""
    color = color + max(0, DARKEST_HINT / 255 - float(color.max()))
    color = color.clamp(0, 0.93) if float(color.min()) > 0.93 else color
    return tuple(int(value) for value in (color.clamp(0, 1) * 255).round())


def stroke(draw: ImageDraw.ImageDraw, x: float, y: float, color: int | tuple[int, ...]) -> None:
    """A short curved stroke from (x, y), 4 to 16 pixels wide."""
    width, angle, bend = integer(4, 16), uniform(0, 2 * np.pi), uniform(-0.25, 0.25)
    points = [(float(x), float(y))]
    for _ in range(integer(3, 12)):
        x, y, angle = x + 5 * np.cos(angle), y + 5 * np.sin(angle), angle + bend
        points.append((float(x), float(y)))
    draw.line(points, fill=color, width=width, joint="curve")
    for px, py in (points[0], points[-1]):
        draw.ellipse([px - width / 2, py - width / 2, px + width / 2, py + width / 2], fill=color)


def recolor(picture: Tensor, mask: np.ndarray) -> Tensor:
    """Gives the object a random colour. Light and shade are kept, and its border is blended softly."""
    soft = torch.from_numpy(ndimage.gaussian_filter(mask.astype(np.float32), 1.2))
    # White inside the silhouette (between straps, at soft shadows) stays white.
    soft = soft * ((1 - picture.amin(0)) / 0.2).clamp(0, 1)
    gray = TF.rgb_to_grayscale(picture)[0]
    inside = torch.from_numpy(mask)
    shade = (gray - gray[inside].mean()) * uniform(0.6, 1.0)
    target = torch.tensor(random_color()).view(3, 1, 1)
    painted = (target + shade).clamp(0, 1)
    return picture + soft * (painted - picture)


def random_color(colors: Iterable[str] = HINT_COLORS.values()) -> tuple[float, ...]:
    """A random colour: half of the time near a pen of the app, which people use most, otherwise any."""
    if chance(0.5):
        pens = list(colors)
        pen = ImageColor.getrgb(pens[integer(0, len(pens) - 1)])
        return tuple(min(max(value / 255 + 0.06 * float(torch.randn(())), 0), 1) for value in pen)
    return colorsys.hsv_to_rgb(uniform(0, 1), uniform(0.3, 1.0), uniform(0.3, 1.0))
