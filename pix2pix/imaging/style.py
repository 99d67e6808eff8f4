"""The style of a picture: 16 numbers that describe what its outline does not.

One outline fits many bags. Without a style, a generator paints their average. In training the style is measured in the
target; in use it comes from a built-in list, or from a photo.

| numbers | name | of the object's pixels |
|---|---|---|
| 0 to 2 | color | mean colour; as a map, each region's own (see color_map.py) |
| 3 to 5 | contrast | mean of its lighter half minus that of its darker half |
| 6 | share | share of the lighter half: a few light spots, or a few dark ones |
| 7 to 10 | detail | mean contrast at about 1, 3, 7 and 15 pixels: smooth leather to bold prints |
| 11, 12 | stripes | horizontal against vertical edges; one diagonal against the other |
| 13 | motley | fine contrast of hue rather than lightness |
| 14 | shine | how far the lightest pixels stand out |
| 15 | sparse | few strong edges (studs, seams) against an even weave |

They are fixed statistics, not a learned encoder, so that people can read them.
"""

from itertools import pairwise

import numpy as np
import torch
from PIL import ImageColor
from scipy import ndimage
from skimage.color import rgb2lab
from torch import Tensor

from .palette import HINT_COLORS, MORE_COLORS

NUMBERS = 16
COLOR, CONTRAST = slice(0, 3), slice(3, 6)
PARTS = {  # by the names of the table above
    "red": slice(0, 1),
    "green": slice(1, 2),
    "blue": slice(2, 3),
    "contrast": CONTRAST,
    "share": slice(6, 7),
    "detail 1": slice(7, 8),
    "detail 3": slice(8, 9),
    "detail 7": slice(9, 10),
    "detail 15": slice(10, 11),
    "stripes": slice(11, 12),
    "diagonals": slice(12, 13),
    "motley": slice(13, 14),
    "shine": slice(14, 15),
    "sparse": slice(15, 16),
}
BOXES = (3, 7, 15, 31)  # pixels: sides of the blur windows that split detail into four bands
LEAST = 200  # pixels of an object; the statistics of a smaller one mean nothing


def blur(values: Tensor, mask: np.ndarray, side: int) -> Tensor:
    """Mean of (C, H, W) over squares of `side` pixels, counting only pixels inside `mask` (H, W)."""
    weight = mask.astype(np.float32)
    total = ndimage.uniform_filter(weight, side).clip(1e-3)
    return torch.from_numpy(ndimage.uniform_filter(values.numpy() * weight, side, axes=(1, 2)) / total)


def style_of(picture: Tensor, mask: np.ndarray) -> Tensor:
    """The style of a picture's object.

    Args:
        picture: (3, S, S) in [0, 1], in the size that the network paints, because detail is measured in pixels.
        mask: (S, S) bool, the object.

    Returns:
        (16,), each number about 1 in size; all zeros if there is hardly an object.
    """
    inside = torch.from_numpy(mask)
    if inside.sum() < LEAST:
        return torch.zeros(NUMBERS)
    picture = 2 * picture - 1
    pixels = picture[:, inside]
    color = pixels.mean(1)
    centred = pixels - color[:, None]
    axis = torch.linalg.eigh(centred @ centred.T)[1][:, -1]
    axis = axis * (1.0 if axis.sum() >= 0 else -1.0)
    light = axis @ centred > 0
    share = light.float().mean()
    contrast = pixels[:, light].mean(1) - pixels[:, ~light].mean(1) if 0 < share < 1 else torch.zeros(3)

    lightness = picture.mean(0, keepdim=True)
    levels = [lightness, *(blur(lightness, mask, side) for side in BOXES)]
    bands = [(fine - coarse)[:, inside].abs() for fine, coarse in pairwise(levels)]
    detail = torch.stack([band.mean() for band in bands])
    hue = torch.stack([picture[0] - picture[1], picture[2] - (picture[0] + picture[1]) / 2])
    motley = (hue - blur(hue, mask, 7))[:, inside].abs().mean()
    shine = lightness[0, inside].quantile(0.98) - lightness[0, inside].mean()
    sparse = bands[0].mean() / bands[0].square().mean().sqrt().clamp(min=1e-3)
    rest = torch.stack([*stripes(lightness[0], inside), 12 * motley, 2 * shine - 1, 4 * (0.6 - sparse)])
    fine = detail * torch.tensor([14.0, 12.0, 9.0, 8.0]) - 1
    return torch.cat([color, contrast, (4 * (share - 0.5))[None], fine, rest])


def stripes(lightness: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """How much more lightness changes down than across, and along one diagonal than the other; 0 if equal."""

    def change(down: int, right: int) -> Tensor:
        there = lambda x: x.roll((-down, -right), (0, 1))  # noqa: E731
        return (lightness - there(lightness))[inside & there(inside)].abs().mean()

    def more(a: Tensor, b: Tensor) -> Tensor:
        return 3 * (a - b) / (a + b).clamp(min=1e-3)

    return more(change(2, 0), change(0, 2)), more(change(2, 2), change(2, -2))


def far_apart(styles: Tensor, count: int) -> list[int]:
    """Indices of `count` styles of (N, 16) that are far apart: each is the farthest from those before it.

    The first is nearest to the mean. The darkest third is left out, because most photos are dark.
    """
    lightness = styles[:, COLOR].mean(1)
    light = (lightness >= lightness.quantile(1 / 3)).nonzero()[:, 0]
    points = styles[light].clone()
    points = (points - points.mean(0)) / points.std(0).clamp(min=1e-3)
    points[:, COLOR] *= 2  # colour counts double: people see it first
    common = points.norm(dim=1) <= points.norm(dim=1).quantile(0.9)  # the most extreme styles come from odd pictures
    light, points = light[common], points[common]
    chosen = [int(points.norm(dim=1).argmin())]
    while len(chosen) < min(count, len(points)):
        chosen.append(int(torch.cdist(points, points[chosen]).amin(1).argmax()))
    return light[chosen].tolist()


def describe(style: Tensor) -> str:
    """A short name of a style: the nearest colour, and the most unusual property of the surface."""
    named = {name: ImageColor.getrgb(color) for name, color in (HINT_COLORS | MORE_COLORS).items()}
    color = rgb2lab(((style[COLOR] + 1) * 127.5).clamp(0, 255).byte().numpy())
    name = min(named, key=lambda other: float(np.linalg.norm(rgb2lab(np.array(named[other], np.uint8)) - color)))
    two = style[CONTRAST].mean() - 0.8
    kinds = {"shiny": style[14] - 1.2, "printed": style[9] + 0.3, "woven": style[7], "two-tone": two}
    kind = max(kinds, key=lambda other: float(kinds[other]))
    return f"{name}, {kind if kinds[kind] > 0 else 'smooth'}"
