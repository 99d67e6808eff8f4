"""Perceptual loss: pictures are compared in what an ImageNet network sees in them.

L1 compares pixel by pixel, and its best answer where a colour or a texture can't be known is a dull, smooth average.
Features forgive a texture that is moved, and punish one that is missing.

References:
  Johnson, Alahi, Li: Perceptual Losses, ECCV 2016, https://arxiv.org/abs/1603.08155
  Zhang, Isola, Efros, Shechtman, Wang: LPIPS, CVPR 2018, https://arxiv.org/abs/1801.03924 (features of unit length)
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..networks.efficientnet import EfficientNetLite

STAGES = (1, 2, 4, 6)  # 24, 40, 112 and 320 channels; maps of 1/4, 1/8, 1/16 and 1/32 of the side


class PerceptualLoss:
    """Distance of painted pictures to their targets in the features of EfficientNet-Lite1.

    Of whole pictures, the network costs more than the rest of a step. So it looks at a part of them, which lies
    anywhere: its convolutions of stride 2 see even and odd pixels with different taps, and always in the same place
    their gradients would draw a grid.
    """

    PART = 128  # pixels a side

    def __init__(self, device: torch.device):
        self.network = EfficientNetLite.pretrained(1).to(device, memory_format=torch.channels_last)

    def maps(self, pictures: Tensor) -> list[Tensor]:
        return [F.normalize(features.float(), dim=1) for features in self.network.maps(pictures, STAGES)]

    def __call__(self, painted: Tensor, target: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] each -> scalar from 0 to 16, summed over the four levels.

        Of each, the squared distance of unit vectors, 0 to 4, mean over its map.
        """
        top, left = (int(torch.randint(max(side - self.PART, 0) + 1, ())) for side in target.shape[2:])
        painted, target = (x[:, :, top : top + self.PART, left : left + self.PART] for x in (painted, target))
        with torch.no_grad():
            wanted = self.maps(target)
        pairs = zip(self.maps(painted), wanted, strict=True)
        return sum((have - want).square().sum(1).mean() for have, want in pairs)
