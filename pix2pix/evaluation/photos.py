"""Compares pictures painted from edges of photos and from people's drawings with real photos."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from tqdm import tqdm

from ..data.quickdraw import Drawing, render
from . import metrics
from .judges import Figures, PhotoJudge
from .painter import Painter

Pair = tuple[Image.Image, Image.Image]  # input and photo, RGB, of the network's size
Rows = dict[str, Figures]

PENS = (2, 6, 12)  # pixels, on a canvas of 512


def distances(images: Sequence[Image.Image], photos: Sequence[Image.Image], judge: PhotoJudge) -> Figures:
    """Mean distances of pictures to their photos; with LPIPS if the judge has VGG16."""
    each = [metrics.paired(image, photo) for image, photo in zip(images, photos, strict=True)]
    figures = {key: float(np.mean([of_one[key] for of_one in each])) for key in each[0]}
    return figures | ({"lpips": judge.lpips(images, photos)} if "kid_vgg" in judge.networks else {})


def measure_pairs(paint: Painter, pairs: Sequence[Pair], judge: PhotoJudge) -> tuple[Rows, list[Image.Image]]:
    """Measures outputs for the inputs of pairs, the i-th in style i; for reference also the bare inputs and the photos.

    Returns:
        rows, and the outputs in the order of the pairs.
    """
    inputs, photos = zip(*pairs, strict=True)
    outputs = [paint(sketch, i) for i, sketch in enumerate(tqdm(inputs, desc="painting", unit="images", leave=False))]
    rows = {
        "outputs": distances(outputs, photos, judge) | judge.compare(outputs) | metrics.grid_score(outputs),
        "inputs as outputs": distances(inputs, photos, judge) | judge.compare(inputs),
        "real photos": judge.real() | metrics.grid_score(photos),
    }
    return rows, outputs


def measure_sketches(
    paint: Painter, drawings: dict[str, list[Drawing]], judge: PhotoJudge
) -> tuple[Rows, list[Image.Image]]:
    """Measures outputs for people's drawings with thin, medium and thick pens. There is a row for each pen, and one for
    each pen and word. The i-th drawing has style i with each pen.

    Args:
        drawings: by word, such as {"backpack": [...]}.

    Returns:
        rows, and pictures for a sheet: drawing and output with each pen, six pictures a drawing.
    """
    words = np.array([word for word, of_word in drawings.items() for _ in of_word])
    every = [drawing for of_word in drawings.values() for drawing in of_word]
    rows: Rows = {}
    columns = []
    with tqdm(total=len(PENS) * len(every), desc="drawings", unit="images", leave=False) as progress:
        for pen in PENS:
            sketches, outputs = [render(drawing, pen) for drawing in every], []
            for i, sketch in enumerate(sketches):
                outputs.append(paint(sketch, i))
                progress.update()
            features = judge.features(outputs)
            rows[f"drawings, pen {pen}"] = judge.compare_features(features) | metrics.grid_score(outputs)
            for word in drawings if len(drawings) > 1 else ():
                of_word = {name: rows_of[words == word] for name, rows_of in features.items()}
                rows[f"{word}, pen {pen}"] = judge.compare_features(of_word)
            columns.append(list(zip(sketches, outputs, strict=True)))
    size = columns[0][0][1].size
    return rows, [image.resize(size) for pens in zip(*columns, strict=True) for pair in pens for image in pair]
