"""Compares samples of a conditional DCGAN with real digits."""

import torch
from torch import Tensor
from tqdm import tqdm

from ..data.classes import LabelledImages
from ..networks.digit_judge import DigitJudge
from ..pipelines import DigitPipeline
from . import metrics
from .judges import Figures, as_bytes, in_batches


def to_28(digits: Tensor) -> Tensor:
    """Fits bytes (N, 1, S, S) to (N, 1, 28, 28). 32 pixels lose their border of 2, other sizes are scaled."""
    if digits.shape[-1] == 32:
        return digits[:, :, 2:-2, 2:-2]
    if digits.shape[-1] != 28:
        smaller = torch.nn.functional.interpolate(digits.float(), (28, 28), mode="bicubic", antialias=True)
        return smaller.round().clamp(0, 255).byte()
    return digits


def sample_digits(pipe: DigitPipeline, per_class: int, seed: int, batch: int = 500) -> LabelledImages:
    """Paints `per_class` pictures of every class. Batch i of 500 has the seed `1000 * seed + i`."""
    labels = torch.arange(len(pipe.class_names)).repeat_interleave(per_class)
    parts = tqdm(labels.split(batch), desc="sampling", unit="batches", leave=False)
    images = [as_bytes(pipe(part.tolist(), seed=1000 * seed + i)) for i, part in enumerate(parts)]
    return LabelledImages(torch.cat(images), labels, pipe.class_names)


def measure_digits(
    judge: DigitJudge, samples: LabelledImages, train: LabelledImages, test: LabelledImages
) -> dict[str, Figures]:
    """Compares samples with the test images; for reference also as many training images, and the test images.

    agreement, worst_class: share of samples that the judge recognises as the asked class, overall and in the worst
        class.
    frechet: Fréchet distance to the test images in the judge's features.
    spread, spread_worst: standard deviation of the features within each class relative to the test images,
        mean over classes and in the worst class.
    nearest_min, nearest_1, nearest_50: distance to the nearest training image (pixels in [0, 1]): the
        least, the first percentile, the median. too_near: share of samples nearer to a training image than any test
        image is.
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
