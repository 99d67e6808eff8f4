"""Measures the styles of the pictures in a data set, for a generator that reads styles."""

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy import ndimage
from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from ..imaging.color_map import OWN, regions
from ..imaging.palette import HINT_COLORS, MORE_COLORS
from ..imaging.silhouette import body_of
from ..imaging.style import COLOR, LEAST, NUMBERS, describe, far_apart, style_of
from .augment import random_color, stroke
from .chance import chance, integer, uniform
from .drawn_by_hand import ink_of
from .pairs import PairedImages

COLORS = [*HINT_COLORS.values(), *MORE_COLORS.values()]


def repainted(picture: Tensor, mask: np.ndarray, color: tuple[float, ...]) -> Tensor:
    """Gives the object another colour in the same light: shade darkens it, highlights whiten it, its border is soft."""
    soft = torch.from_numpy(ndimage.gaussian_filter(mask.astype(np.float32), 1.2))
    soft = soft * ((1 - picture.amin(0)) / 0.1).clamp(0, 1)
    gray = TF.rgb_to_grayscale(picture)[0]
    shade = (gray + 0.12) / (gray[torch.from_numpy(mask)].mean() + 0.12)
    target = torch.tensor(color).view(3, 1, 1)
    lit = target + (1 - target) * ((shade - 1) * uniform(0.3, 0.7)).clamp(0, 0.9)
    return picture + soft * (torch.where(shade > 1, lit, target * shade) - picture)


class Styled:
    """An augmentation that adds the picture's style, and the map of its colours, to a sample.

    The colour of a style is a map (see color_map.py). In use, strokes of colour set it for the panel that they lie in.
    So each sample is divided as random strokes would divide it, and each part has its own mean colour in the map.

    Args:
        recolor: share of samples whose object first gets one or two other colours.
        plain: share of samples whose map has one colour everywhere, as without strokes.
        noise: standard deviation of noise added to the numbers, so that styles between those of photos work too.
    """

    def __init__(self, recolor: float = 0.3, plain: float = 0.35, noise: float = 0.05):
        self.recolor, self.plain, self.noise = recolor, plain, noise

    def __call__(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, ...]:
        """Returns condition, picture, style (16,) and colours (3, H, W), the last two in the networks' units."""
        body = body_of(picture)
        lines = ink_of(condition)[0].numpy() > 0.3
        labels = np.full(body.shape, OWN)
        if body.sum() >= LEAST:
            if not chance(self.plain):
                labels = regions(lines if chance(0.6) else np.zeros_like(lines), strokes_on(body))
            if chance(self.recolor):
                parts = np.unique(labels) if chance(0.6) else [None]
                for part in parts:
                    mask = body if part is None else body & (labels == part)
                    if mask.sum() > 100:
                        picture = repainted(picture, mask, random_color(COLORS))
        style = style_of(picture, body)
        colors = means_of(2 * picture - 1, body, labels, style[COLOR])
        return condition, picture, style + self.noise * torch.randn(NUMBERS), colors


def strokes_on(body: np.ndarray) -> np.ndarray:
    """One to four strokes at random places of the body, (H, W) int, as seeds of `color_map.regions`."""
    spots = np.argwhere(body)
    seeds = Image.new("L", body.shape[::-1])
    draw = ImageDraw.Draw(seeds)
    for number in range(integer(1, 4)):
        y, x = spots[integer(0, len(spots) - 1)]
        stroke(draw, x, y, OWN + 1 + number)
    return np.asarray(seeds).astype(np.int32) * body


def means_of(picture: Tensor, body: np.ndarray, labels: np.ndarray, own: Tensor) -> Tensor:
    """(3, H, W): each pixel has the mean colour of its part of the body, slightly changed."""
    table = own.expand(labels.max() + 1, 3).clone()
    for label in np.unique(labels):
        part = torch.from_numpy(body & (labels == label))
        if part.sum() >= 30:
            table[label] = picture[:, part].mean(1)
    table += 0.03 * torch.randn(table.shape)
    return table.T[:, torch.from_numpy(labels).long()]


def built_in_styles(pairs: PairedImages, count: int = 24, looked_at: int = 400) -> list[dict]:
    """Styles for a checkpoint's config.json, {"name", "numbers"}: those of pictures that differ most (see `far_apart`).

    Args:
        looked_at: how many pairs, evenly spread over the set, are measured.
    """
    chosen = range(0, len(pairs), max(1, len(pairs) // looked_at))
    pictures = [(pairs[index, 0][1] + 1) / 2 for index in chosen]
    styles = torch.stack([style_of(picture, body_of(picture)) for picture in pictures])
    named = {}
    for index in far_apart(styles, count):
        name = describe(styles[index])
        alike = sum(other.startswith(name) for other in named)
        named[f"{name} {alike + 1}" if alike else name] = styles[index]
    return [{"name": name, "numbers": [round(x, 3) for x in style.tolist()]} for name, style in named.items()]
