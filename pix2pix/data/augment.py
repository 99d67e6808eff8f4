"""Augmentation: gives lines the form that they have in use, hides details of labels, and adds colour hints.

`ColorHints` draws strokes in the picture's own colours under the lines, so that the generator learns to use coloured
ink as a hint. All take and return (condition, picture), float tensors of shape (3, H, W) in [0, 1], dark lines on
white, and use torch's random state.
"""

import colorsys
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw
from scipy import ndimage
from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from ..imaging.labels import Labels, rgb_of
from ..imaging.palette import HINT_COLORS
from ..imaging.redraw_lines import COLORED, DARKEST_HINT, FAINT, one_width
from ..imaging.silhouette import silhouette
from .chance import chance, integer, uniform
from .drawn_by_hand import ink_of


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
