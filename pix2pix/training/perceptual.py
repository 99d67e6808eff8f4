"""Perceptual loss: pictures are compared in what an ImageNet network sees in them.

L1 compares pixel by pixel, and its best answer where a colour or a texture can't be known is a dull, smooth average.
Features forgive a texture that is moved, and punish one that is missing.

References:
  Johnson, Alahi, Li: Perceptual Losses, ECCV 2016, https://arxiv.org/abs/1603.08155
  Zhang, Isola, Efros, Shechtman, Wang: LPIPS, CVPR 2018, https://arxiv.org/abs/1801.03924 (features of unit length)
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..networks.efficientnet import EfficientNetLite
from .losses import total

STAGES = (1, 2, 4, 6)
CHANNELS = (24, 40, 112, 320)  # of the maps of these stages, of 1/4, 1/8, 1/16 and 1/32 of the side
PART = 128  # pixels a side


@dataclass(frozen=True)
class Look:
    """What the network sees in a part of a batch.

    Attributes:
        painted, target: its maps (N, C, h, w), one for each of `STAGES`; gradients flow through `painted`.
        condition: the same part of the condition, (N, C, PART, PART).
    """

    painted: list[Tensor]
    target: list[Tensor]
    condition: Tensor


class ImageNetView:
    """Looks at painted pictures and their targets through EfficientNet-Lite1.

    Of whole pictures, the network costs more than the rest of a step. So it looks at a part of them, which lies
    anywhere: its convolutions of stride 2 see even and odd pixels with different taps, and always in the same place
    their gradients would draw a grid.
    """

    def __init__(self, device: torch.device):
        self.network = EfficientNetLite.pretrained(1).to(device).to(memory_format=torch.channels_last)

    def __call__(self, painted: Tensor, target: Tensor, condition: Tensor) -> Look:
        """(N, 3, H, W) in [-1, 1], twice, and their condition (N, C, H, W)."""
        top, left = (place_of_part(side) for side in target.shape[2:])
        part = (..., slice(top, top + PART), slice(left, left + PART))
        with torch.no_grad():
            wanted = self.network.maps(target[part], STAGES)
        return Look(self.network.maps(painted[part], STAGES), wanted, condition[part])


def place_of_part(side: int) -> int:
    """Where a part begins, at random: its first row or column.

    If all places were equally probable, the middle of a picture would nearly always be looked at and its rim hardly
    ever, and networks paint the two differently in the end. So two thirds of the parts lie at a rim, give or take the
    few pixels that make their places even and odd.
    """
    last = max(side - PART, 0)
    rim = int(torch.randint(min(8, last // 2 + 1), ()))
    return min(max(int(torch.randint(-last, 2 * last + 1, ())), rim), last - rim)


def perceptual_loss(look: Look) -> Tensor:
    """Scalar from 0 to 16: of each level the squared distance of unit vectors, 0 to 4, mean over its map; their sum."""
    pairs = zip(look.painted, look.target, strict=True)
    unit = ((F.normalize(have.float(), dim=1), F.normalize(want.float(), dim=1)) for have, want in pairs)
    return total((have - want).square().sum(1).mean() for have, want in unit)
