"""What `python -m pix2pix.evaluate` measures: functions from a pipeline and data to figures and a sheet.

A painter is anything that maps a PIL image to a PIL RGB image, such as a Pix2PixPipeline. Figures come as
rows, {name of row: {name of figure: number}}, which print as a table and are kept as JSON.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw
from scipy import ndimage
from torch import Tensor
from tqdm import tqdm

from ..data.classes import LabelledImages
from ..data.quickdraw import Drawing, render
from ..imaging.palette import HINT_COLORS
from ..imaging.silhouette import silhouette
from ..networks.digit_judge import DigitJudge
from ..networks.efficientnet import EfficientNetLite
from ..pipelines import DigitPipeline
from . import metrics
from .judges import BAG_CLASSES, in_batches

Painter = Callable[[Image.Image], Image.Image]
Figures = dict[str, float]

PENS = (2, 6, 12)  # pixels, on a canvas of 512
PALETTE = {name: ImageColor.getrgb(color) for name, color in HINT_COLORS.items()}
SCRIBBLE = (36, 8)  # length and width in pixels of a 256 pixel picture
AROUND = 28  # how far from the scribble its colour should reach


def as_bytes(images: Sequence[Image.Image]) -> Tensor:
    """Pictures of one size and mode -> uint8 (N, C, H, W)."""
    arrays = np.stack([np.asarray(image) for image in images])
    return torch.from_numpy(arrays.reshape(*arrays.shape[:3], -1)).permute(0, 3, 1, 2)


# --- handbags -----------------------------------------------------------------------------------------------------


class PhotoJudge:
    """Compares sets of pictures with real photos (PIL RGB of one size), in the features of an ImageNet network."""

    def __init__(self, photos: Sequence[Image.Image]):
        self.network = EfficientNetLite.pretrained(0)
        self.photos = self.features(photos)
        self.of_bags = self.bag_at_5(self.photos) > 0.5  # of other things than bags the share would mean nothing

    def features(self, images: Sequence[Image.Image]) -> Tensor:
        return in_batches(self.network.features, as_bytes(images))

    def bag_at_5(self, features: Tensor) -> float:
        """Share of pictures with a bag among their five most probable ImageNet classes."""
        best = self.network.classify(features).topk(5).indices
        return float(torch.isin(best, torch.tensor(list(BAG_CLASSES))).any(1).float().mean())

    def bags(self, features: Tensor) -> Figures:
        return {"bag_at_5": self.bag_at_5(features)} if self.of_bags else {}

    def compare(self, images: Sequence[Image.Image]) -> Figures:
        features = self.features(images)
        return {"kid": metrics.kid(features, self.photos)} | self.bags(features)

    def real(self) -> Figures:
        """Of the photos themselves: KID of one half against the other (mean and range of 20 splits), share of bags."""
        figures = self.bags(self.photos)
        if len(self.photos) >= 4:
            halves = metrics.kid_of_halves(self.photos)
            figures |= {"kid": float(np.mean(halves)), "kid_min": min(halves), "kid_max": max(halves)}
        return figures


def measure_pairs(
    paint: Painter, pairs: Sequence[tuple[Image.Image, Image.Image]], judge: PhotoJudge
) -> tuple[dict[str, Figures], list[Image.Image]]:
    """Outputs for the inputs of (input, photo) pairs, and for reference the bare inputs and the real photos.

    Returns:
        rows, and the outputs in the order of the pairs.
    """
    inputs, photos = zip(*pairs, strict=True)
    outputs = [paint(sketch) for sketch in tqdm(inputs, desc="painting", unit="images", leave=False)]

    def mean_distance(images: Sequence[Image.Image]) -> Figures:
        each = [metrics.paired(image, photo) for image, photo in zip(images, photos, strict=True)]
        return {key: float(np.mean([figures[key] for figures in each])) for key in each[0]}

    rows = {
        "outputs": mean_distance(outputs) | judge.compare(outputs),
        "inputs as outputs": mean_distance(inputs) | judge.compare(inputs),
        "real photos": judge.real(),
    }
    return rows, outputs


def measure_sketches(
    paint: Painter, drawings: dict[str, list[Drawing]], judge: PhotoJudge
) -> tuple[dict[str, Figures], list[Image.Image]]:
    """Outputs for drawings by people with thin, middle and thick pens; a row for each pen over all words, and
    for each pen and word.

    Args:
        drawings: by word, such as {"backpack": [...]}.

    Returns:
        rows, and pictures for a sheet: drawing and output with each pen, six pictures a drawing.
    """
    rows, columns = {}, []
    total = len(PENS) * sum(map(len, drawings.values()))
    with tqdm(total=total, desc="drawings", unit="images", leave=False) as progress:
        for pen in PENS:
            everything = []
            by_word = {}
            for word, of_word in drawings.items():
                sketches = [render(drawing, pen) for drawing in of_word]
                outputs = []
                for sketch in sketches:
                    outputs.append(paint(sketch))
                    progress.update()
                everything += zip(sketches, outputs, strict=True)
                by_word[f"{word}, pen {pen}"] = judge.compare(outputs)
            rows[f"drawings, pen {pen}"] = judge.compare([output for _, output in everything])
            rows |= by_word if len(drawings) > 1 else {}
            columns.append(everything)
    size = columns[0][0][1].size
    return rows, [image.resize(size) for pens in zip(*columns, strict=True) for pair in pens for image in pair]


def scribble(sketch: Image.Image, center: tuple[float, float], color: tuple[int, int, int]) -> Image.Image:
    """A copy of the drawing with a short level scribble around `center`, drawn over it as with the app's pen."""
    length, width = (value * sketch.width / 256 for value in SCRIBBLE)
    x, y = center
    image = sketch.copy()
    box = [x - length / 2, y - width / 2, x + length / 2, y + width / 2]
    ImageDraw.Draw(image).rounded_rectangle(box, radius=width / 2, fill=color)
    return image


def middle(photo: Image.Image) -> tuple[float, float]:
    """Centre (x, y) of the thing on the photo; of the photo, where nothing stands out from white."""
    mask = silhouette(as_bytes([photo])[0].float() / 255)
    if not mask.any():
        return photo.width / 2, photo.height / 2
    y, x = ndimage.center_of_mass(mask)
    return float(x), float(y)


def color_around(image: Image.Image, center: tuple[float, float]) -> np.ndarray:
    """Mean Lab colour (3,) of the pixels at most AROUND from the scribble."""
    reach, half = AROUND * image.width / 256, SCRIBBLE[0] * image.width / 512
    y, x = np.ogrid[: image.height, : image.width]
    beside = np.maximum(np.abs(x - center[0]) - half, 0)
    return metrics.lab(image)[beside**2 + (y - center[1]) ** 2 <= reach**2].mean(0)


def measure_colors(
    paint: Painter, pairs: Sequence[tuple[Image.Image, Image.Image]]
) -> tuple[dict[str, Figures], list[Image.Image]]:
    """Whether a scribble in the middle of the bag gives its colour to the bag around it, in six colours.

    Args:
        pairs: (input, photo), in the size that the network reads.

    Returns:
        rows of `obeyed` (share of outputs whose mean colour around is nearest to the asked one of the six, in
        the Lab a-b plane) and `cie76` (mean distance), and pictures for a sheet: plain output, then for each
        colour input and output.
    """
    results = {name: [] for name in PALETTE}
    sheet = []
    for sketch, photo in tqdm(pairs, desc="colours", unit="pairs", leave=False):
        center = middle(photo)
        sheet.append(paint(sketch))
        for name, color in PALETTE.items():
            hinted = scribble(sketch, center, color)
            output = paint(hinted)
            results[name].append(metrics.color_obeyed(color_around(output, center), name, PALETTE))
            sheet += [hinted, output]

    def figures(each: list[tuple[bool, float]]) -> Figures:
        obeyed, distance = np.mean(each, axis=0)
        return {"obeyed": float(obeyed), "cie76": float(distance)}

    rows = {"all colours": figures([result for each in results.values() for result in each])}
    return rows | {name: figures(each) for name, each in results.items()}, sheet


# --- digits -------------------------------------------------------------------------------------------------------


def to_28(digits: Tensor) -> Tensor:
    """(N, 1, S, S) bytes -> (N, 1, 28, 28): 32 pixels lose the border of 2 that they were given, others are resized."""
    if digits.shape[-1] == 32:
        return digits[:, :, 2:-2, 2:-2]
    if digits.shape[-1] != 28:
        smaller = torch.nn.functional.interpolate(digits.float(), (28, 28), mode="bicubic", antialias=True)
        return smaller.round().clamp(0, 255).byte()
    return digits


def sample_digits(pipe: DigitPipeline, per_class: int, seed: int, batch: int = 500) -> LabelledImages:
    """`per_class` pictures of every class. Batch i of 500 is drawn with seed `1000 * seed + i`."""
    labels = torch.arange(len(pipe.class_names)).repeat_interleave(per_class)
    parts = tqdm(labels.split(batch), desc="sampling", unit="batches", leave=False)
    images = [as_bytes(pipe(part.tolist(), seed=1000 * seed + i)) for i, part in enumerate(parts)]
    return LabelledImages(torch.cat(images), labels, pipe.class_names)


def measure_digits(
    judge: DigitJudge, samples: LabelledImages, train: LabelledImages, test: LabelledImages
) -> dict[str, Figures]:
    """Samples against the test images, and for reference as many real training images, and the test images.

    agreement, worst_class: share that the judge names as asked, over all and in the worst class.
    frechet: Fréchet distance to the test images in the judge's features.
    spread, spread_worst: standard deviation of the features within each class relative to the test images,
        mean over classes and in the worst class.
    nearest_min, nearest_1, nearest_50: distance to the nearest training image (pixels in [0, 1]): the
        least, the first percentile, the median. too_near: share of samples that are nearer to a training
        image than any test image is.
    """
    chosen = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))[: len(samples)]
    real = LabelledImages(train.images[chosen], train.labels[chosen], train.class_names)
    classes = len(test.class_names)
    features = {name: in_batches(judge.features, to_28(data.images), 500)
                for name, data in (("samples", samples), ("training", real), ("test", test))}  # fmt: skip
    spread = metrics.spread(features["test"], test.labels, classes)

    def named(key: str, labels: Tensor) -> Figures:
        hits = (judge.head(features[key]).argmax(1) == labels).float()
        worst = min(hits[labels == c].mean().item() for c in range(classes))
        return {"agreement": hits.mean().item(), "worst_class": worst}

    def distances(key: str, labels: Tensor) -> Figures:
        relative = metrics.spread(features[key], labels, classes) / spread
        return {
            "frechet": metrics.frechet(features[key], features["test"]),
            "spread": relative.mean().item(),
            "spread_worst": relative.min().item(),
        }

    def flat(data: LabelledImages) -> Tensor:
        return to_28(data.images).flatten(1).float() / 255

    def to_training(data: LabelledImages) -> Tensor:
        return metrics.nearest_distance(flat(data), flat(train))

    def near(distance: Tensor) -> Figures:
        percentiles = torch.quantile(distance, torch.tensor([0, 0.01, 0.5])).tolist()
        return dict(zip(("nearest_min", "nearest_1", "nearest_50"), percentiles, strict=True))

    of_samples, of_test = to_training(samples), to_training(test)
    rows = {
        "samples": named("samples", samples.labels) | distances("samples", samples.labels) | near(of_samples),
        "real training digits": distances("training", real.labels),
        "real test digits": named("test", test.labels) | near(of_test),
    }
    rows["samples"]["frechet_ratio"] = rows["samples"]["frechet"] / rows["real training digits"]["frechet"]
    rows["samples"]["too_near"] = (of_samples < of_test.min()).float().mean().item()
    return rows
