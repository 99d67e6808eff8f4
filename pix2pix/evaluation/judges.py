"""The networks that judge outputs. None of them is used to train or to select a generator.

`PhotoJudge` uses up to three networks trained on ImageNet: EfficientNet-Lite0, whose sibling is used in training (see
networks/efficientnet.py); VGG16, which has no sibling there (see networks/vgg.py); and Inception, which papers use (see
inception.py).

`DigitJudge` judges handwritten digits. `python -m pix2pix.evaluate classifier` trains it (see training/digit_judge.py);
the repository has it in checkpoints/digit-judge.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .. import checkpoint
from ..errors import CheckpointError, note
from ..networks.digit_judge import DigitJudge
from ..networks.efficientnet import EfficientNetLite
from ..networks.vgg import ShiftTolerantVGG
from . import metrics
from .inception import Inception

Figures = dict[str, float]
Features = dict[str, Tensor]  # name of a distance -> features of pictures (N, D)

BATCH = 20  # pictures

# Indices of the ILSVRC 2012 classes (synsets in alphabetical order, from 0) that are a bag.
BAG_CLASSES = {414: "backpack", 636: "mailbag", 748: "purse", 893: "wallet"}


def load_digit_judge(folder: str | Path) -> DigitJudge:
    """Loads the classifier of `folder`, in evaluation mode.

    Raises:
        CheckpointError: the folder has no classifier, or a damaged one.
    """
    if not Path(folder).is_dir():
        raise CheckpointError(
            f"no digit classifier at {folder}; train one: python -m pix2pix.evaluate classifier --output {folder}"
        )
    return checkpoint.load(DigitJudge, Path(folder))


@torch.inference_mode()
def in_batches(function: Callable[[Tensor], Tensor], images: Tensor, size: int = 100) -> Tensor:
    """Calls `function` on bytes (N, C, H, W) as floats in [-1, 1], a few at a time to save memory."""
    return torch.cat([function(part.float() / 127.5 - 1) for part in images.split(size)])


def as_bytes(images: Sequence[Image.Image]) -> Tensor:
    """Turns pictures of one size and mode into uint8 (N, C, H, W)."""
    arrays = np.stack([np.asarray(image) for image in images])
    return torch.from_numpy(arrays.reshape(*arrays.shape[:3], -1)).permute(0, 3, 1, 2)


class PhotoJudge:
    """Compares pictures with real photos (PIL RGB of one size).

    Figures: `kid`, `kid_vgg` and `kid_inception` are kernel distances (x1000) to the photos in the features of
        EfficientNet-Lite0, VGG16 and Inception; `fid` is the Fréchet distance in Inception's features. `kid_train`
        and so on are the distances to training photos. `bag_at_5` is the share of pictures with a bag among their five
        most probable ImageNet classes. It is given only if most of the photos are bags.

    Args:
        photos: held-out ones.
        vgg: whether VGG16 judges too.
        fid: whether Inception judges too.
        training_photos: some of the training photos; none, or at least two.

    If EfficientNet-Lite0 is not installed, a note says so, and `kid` and `bag_at_5` are left out.

    Raises:
        CheckpointError: a network that was asked for is not installed, or its weights can't be loaded.
    """

    def __init__(
        self,
        photos: Sequence[Image.Image],
        vgg: bool = False,
        fid: bool = False,
        training_photos: Sequence[Image.Image] = (),
    ):
        self.networks: dict[str, EfficientNetLite | ShiftTolerantVGG | Inception] = {}
        try:
            self.lite = self.networks["kid"] = EfficientNetLite.pretrained(0)
        except CheckpointError as error:
            self.lite = None
            note(f"kid and bag_at_5 are left out: {error}")
        if vgg:
            self.networks["kid_vgg"] = self.vgg
        if fid:
            self.networks["kid_inception"] = Inception.pretrained()
        self.photos = self.features(photos)
        self.training = self.features(training_photos) if training_photos else {}
        self.of_bags = self.lite is not None and self.bag_at_5(self.photos) > 0.5

    @cached_property
    def vgg(self) -> ShiftTolerantVGG:
        return ShiftTolerantVGG.pretrained()

    def features(self, images: Sequence[Image.Image]) -> Features:
        pictures = as_bytes(images)
        return {name: in_batches(network.features, pictures, BATCH) for name, network in self.networks.items()}

    def bag_at_5(self, features: Features) -> float:
        assert self.lite is not None  # otherwise `of_bags` is false, and this is not called
        best = self.lite.classify(features["kid"]).topk(5).indices
        return float(torch.isin(best, torch.tensor(list(BAG_CLASSES))).any(1).float().mean())

    def bags(self, features: Features) -> Figures:
        return {"bag_at_5": self.bag_at_5(features)} if self.of_bags else {}

    def compare(self, images: Sequence[Image.Image]) -> Figures:
        return self.compare_features(self.features(images))

    def compare_features(self, features: Features) -> Figures:
        figures = {name: metrics.kid(of_name, self.photos[name]) for name, of_name in features.items()}
        figures |= self.to_training(features)
        if (seen := features.get("kid_inception")) is not None:
            figures["fid"] = metrics.frechet(seen, self.photos["kid_inception"])
        return figures | self.bags(features)

    def to_training(self, features: Features) -> Figures:
        return {f"{name}_train": metrics.kid(features[name], of_name) for name, of_name in self.training.items()}

    def real(self) -> Figures:
        """Figures of the photos themselves, for comparison.

        Distances between two halves, as the mean of 20 splits (for `kid` also the range), the distance to the training
        photos, and the share of bags.
        """
        figures = self.bags(self.photos) | self.to_training(self.photos)
        for name, features in self.photos.items():
            if len(features) >= 4:
                halves = metrics.kid_of_halves(features)
                figures[name] = float(np.mean(halves))
                figures |= {"kid_min": min(halves), "kid_max": max(halves)} if name == "kid" else {}
        return figures

    def lpips(self, images: Sequence[Image.Image], targets: Sequence[Image.Image]) -> float:
        """Mean LPIPS between pictures and their targets, all of one size."""
        pairs = torch.cat([as_bytes(images), as_bytes(targets)], 1)
        return float(in_batches(lambda both: self.vgg.distance(*both.split(3, 1)), pairs, BATCH // 2).mean())
