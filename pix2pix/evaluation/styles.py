"""Measures styles: how near the output comes to a photo in the photo's own style, and how much styles differ."""

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from tqdm import tqdm

from ..imaging.style import PARTS
from .judges import PhotoJudge
from .painter import Painter
from .photos import Pair, Rows, distances

CHANGES = (-1.5, -0.75, 0, 0.75, 1.5)  # what is added to a part of a style


def measure_own_style(paint: Painter, pairs: Sequence[Pair], judge: PhotoJudge) -> tuple[Rows, list[Image.Image]]:
    """Measures outputs for the inputs of pairs, each in the style of its own photo.

    Returns:
        a row with the figures of `measure_pairs`, and the outputs.
    """
    progress = tqdm(pairs, desc="own styles", unit="images", leave=False)
    outputs = [paint(sketch, paint.style_of(photo)) for sketch, photo in progress]
    figures = distances(outputs, [photo for _, photo in pairs], judge) | judge.compare(outputs)
    return {"in the style of the photo": figures}, outputs


def measure_variety(paint: Painter, pairs: Sequence[Pair], judge: PhotoJudge) -> Rows:
    """Measures how different two styles of one outline look.

    Returns:
        rows of `lpips`: the mean LPIPS between two built-in styles of each outline (drawn at random, with the number of
        the pair as seed), and between each photo and another one, half the set away. `share` is the first divided by
        the second.
    """
    ones, others = [], []
    for i, (sketch, _) in enumerate(tqdm(pairs, desc="two styles", unit="pairs", leave=False)):
        one, other = random.Random(i).sample(range(paint.styles), 2)
        ones.append(paint(sketch, one))
        others.append(paint(sketch, other))
    photos = [photo for _, photo in pairs]
    half = len(photos) // 2
    painted, real = judge.lpips(ones, others), judge.lpips(photos, photos[half:] + photos[:half])
    return {"two styles": {"lpips": painted, "share": painted / real}, "two real photos": {"lpips": real}}


def style_sheet(paint: Painter, sketches: Sequence[Image.Image], styles: int = 8) -> list[Image.Image]:
    """Each drawing followed by its outputs in `styles` styles. Drawings take turns through all built-in ones."""
    pictures = []
    for i, sketch in enumerate(tqdm(sketches, desc="styles", unit="drawings", leave=False)):
        outputs = [paint(sketch, i * styles + k) for k in range(styles)]
        pictures += [sketch.resize(outputs[0].size), *outputs]
    return pictures


def parts_sheet(paint: Painter, sketch: Image.Image, numbers: Sequence[float]) -> list[Image.Image]:
    """What each part of a style does: its name, then the drawing's outputs while it grows from left to right.

    Args:
        sketch: the drawing.
        numbers: a style of 16 numbers; in the middle of each row it is unchanged.
    """
    pictures = []
    for name, part in PARTS.items():
        styles = np.tile(np.array(numbers, np.float32), (len(CHANGES), 1))
        styles[:, part] += np.array(CHANGES)[:, None]
        outputs = [paint(sketch, style) for style in styles]
        title = Image.new("RGB", outputs[0].size, "white")
        ImageDraw.Draw(title).text((title.width // 2, title.height // 2), name, "black", font_size=40, anchor="mm")
        pictures += [title, *outputs]
    return pictures
