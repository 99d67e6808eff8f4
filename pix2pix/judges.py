"""The two networks that judge outputs. Neither takes part in training a generator, nor in picking one.

`EfficientNetLite` of version 0 (see efficientnet.py) knows the 1000 classes of ImageNet and judges photos.
`DigitJudge` judges handwritten digits; `python -m pix2pix.evaluate classifier` trains it (see
train_judge.py), and the repository ships it in checkpoints/digit-judge.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from . import checkpoint
from .errors import CheckpointError

# Indices of the ILSVRC 2012 classes (synsets in alphabetical order, from 0) that are a bag.
BAG_CLASSES = {414: "backpack", 636: "mailbag", 748: "purse", 893: "wallet"}


class DigitJudge(nn.Module, PyTorchModelHubMixin, library_name="pix2pix", license="mit", tags=["mnist"]):
    """A small convolutional classifier of handwritten digits; its pooled features measure distances."""

    def __init__(self, width: int = 32, num_classes: int = 10):
        super().__init__()

        def conv(inputs: int, outputs: int) -> list[nn.Module]:
            return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

        w = width
        self.trunk = nn.Sequential(
            *conv(1, w), *conv(w, w), nn.MaxPool2d(2),
            *conv(w, 2 * w), *conv(2 * w, 2 * w), nn.MaxPool2d(2),
            *conv(2 * w, 4 * w), *conv(4 * w, 4 * w), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(4 * w, num_classes)

    def features(self, digits: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [-1, 1], white ink on black -> (N, 4 * width)."""
        return self.trunk(digits)

    def forward(self, digits: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [-1, 1] -> logits (N, num_classes)."""
        return self.head(self.features(digits))


def load_digit_judge(folder: str | Path) -> DigitJudge:
    """The classifier of `folder`, in eval mode.

    Raises:
        CheckpointError: the folder holds none, or a damaged one.
    """
    if not Path(folder).is_dir():
        raise CheckpointError(
            f"no digit classifier at {folder}; train one: python -m pix2pix.evaluate classifier --output {folder}"
        )
    return checkpoint.load(DigitJudge, Path(folder))


@torch.inference_mode()
def in_batches(function: Callable[[Tensor], Tensor], images: Tensor, size: int = 100) -> Tensor:
    """`function` of bytes (N, C, H, W), given as floats in [-1, 1] and few at a time, so that memory stays small."""
    return torch.cat([function(part.float() / 127.5 - 1) for part in images.split(size)])
