"""The networks that judge outputs. Neither takes part in training a generator, nor in picking one.

`EfficientNetLite` of version 0 (see networks/efficientnet.py) knows the 1000 classes of ImageNet and judges photos.
`DigitJudge` judges handwritten digits; `python -m pix2pix.evaluate classifier` trains it (see
training/digit_judge.py), and the repository ships it in checkpoints/digit-judge.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from .. import checkpoint
from ..errors import CheckpointError
from ..networks.digit_judge import DigitJudge

# Indices of the ILSVRC 2012 classes (synsets in alphabetical order, from 0) that are a bag.
BAG_CLASSES = {414: "backpack", 636: "mailbag", 748: "purse", 893: "wallet"}


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
