"""Measures styles: how near the output comes to a photo in the photo's own style, and how much styles differ."""

import random
from collections.abc import Sequence

from PIL import Image
from tqdm import tqdm

from .judges import PhotoJudge
from .painter import Painter
from .photos import Pair, Rows, distances


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
