"""A light network that doubles the size of a painted picture. It also reads the drawing's lines, which are sharp."""

import itertools

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from .pix2pix import HUB


def bicubic_weights() -> Tensor:
    """(12, 3, 5, 5): how the four pixels that become of one depend on it and its neighbours, for each channel."""
    impulse = torch.zeros(1, 1, 9, 9)
    impulse[..., 4, 4] = 1
    response = F.interpolate(impulse, scale_factor=2, mode="bicubic", align_corners=False)
    taps = F.pixel_unshuffle(response, 2)[0, :, None, 2:7, 2:7].flip(2, 3)
    return torch.einsum("ij,pkyx->ipjyx", torch.eye(3), taps).reshape(12, 3, 5, 5)


BICUBIC = bicubic_weights()


class Upscaler(nn.Module, PyTorchModelHubMixin, **HUB):
    """Bicubic interpolation plus the detail that it lacks, from sub-pixel convolutions (Shi et al., CVPR 2016, ESPCN).

    All convolutions run at the picture's own size, where they are cheap. The last one gives four numbers for each pixel
    and channel, which `pixel_shuffle` arranges as four pixels. `pixel_unshuffle` does the opposite with the lines,
    which have twice the size. The interpolation is a convolution as well, since `F.interpolate` took half of
    the time.

    Args:
        upscaler_width: channels of the inner layers.
        depth: number of inner convolutions.
    """

    def __init__(self, upscaler_width: int = 32, depth: int = 2):
        super().__init__()
        if not (1 <= upscaler_width <= 256 and 0 <= depth <= 16):
            raise ValueError(f"upscaler_width {upscaler_width}, depth {depth}: expected up to 256 and 16")
        self.width = upscaler_width
        widths = [3 + 4] + [upscaler_width] * (depth + 1)
        layers = [
            layer
            for inputs, outputs in itertools.pairwise(widths)
            for layer in (nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(0.2, inplace=True))
        ]
        last = nn.Conv2d(upscaler_width, 3 * 4, 3, padding=1)
        if not last.weight.is_meta:
            for parameter in last.parameters():
                nn.init.zeros_(parameter)  # so training starts from bicubic interpolation
        self.layers = nn.Sequential(*layers, last)

    def forward(self, picture: Tensor, lines: Tensor) -> Tensor:
        """(N, 3, S, S) and (N, 1, 2S, 2S), in [-1, 1] each, lines -1 -> (N, 3, 2S, 2S)."""
        detail = self.layers(torch.cat([picture, F.pixel_unshuffle(lines, 2)], 1))
        plain = F.conv2d(F.pad(picture, (2, 2, 2, 2), mode="replicate"), BICUBIC.to(picture))
        return F.pixel_shuffle(plain + detail, 2).clamp(-1, 1)
