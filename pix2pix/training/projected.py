"""A second discriminator, which judges pictures by what an ImageNet network sees in them.

Small heads read fixed random mixes of the features that the perceptual loss computes anyway, from fine to coarse, and
beside them the condition, shrunk. Reference: Sauer, Chitta, Mueller, Geiger: Projected GANs Converge Faster, NeurIPS
2021, https://arxiv.org/abs/2111.01007. As heads judge patches, it goes well beside the PatchGAN of the paper.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from .losses import total
from .perceptual import CHANNELS

SCALES = (9.6, 9.2, 6.8, 2.7)  # root mean square of each stage's features, measured on 40 photos of bags


class ProjectedDiscriminator(nn.Module):
    """Maps of `perceptual.STAGES` and a condition -> logits, a map of them for each stage.

    Args:
        condition_nc: channels of the condition; 0 to hide it.
        width: channels of the mixes.
    """

    def __init__(self, condition_nc: int, width: int = 64):
        super().__init__()
        for stage, (channels, scale) in enumerate(zip(CHANNELS, SCALES, strict=True)):
            self.register_buffer(f"mix_{stage}", torch.randn(width, channels, 1, 1) / (scale * channels**0.5))

        def conv(inputs: int, outputs: int) -> nn.Module:
            return spectral_norm(nn.Conv2d(inputs, outputs, 3, padding=1))

        self.heads = nn.ModuleList(
            nn.Sequential(conv(width + condition_nc, width), nn.LeakyReLU(0.2), conv(width, 1)) for _ in CHANNELS
        )
        self.condition_nc = condition_nc

    def forward(self, maps: list[Tensor], condition: Tensor) -> list[Tensor]:
        mixes = [F.conv2d(features, getattr(self, f"mix_{stage}")) for stage, features in enumerate(maps)]
        for stage in reversed(range(len(mixes) - 1)):  # the coarse ones tell the fine ones what they belong to
            coarse = F.interpolate(mixes[stage + 1], mixes[stage].shape[2:], mode="bilinear")
            mixes[stage] = (mixes[stage] + coarse) / 2**0.5
        condition = condition[:, : self.condition_nc]
        shrunk = [F.adaptive_avg_pool2d(condition, (mix.shape[2], mix.shape[3])) for mix in mixes]
        return [
            head(torch.cat([mix, small.to(mix.dtype)], 1))
            for head, mix, small in zip(self.heads, mixes, shrunk, strict=True)
        ]


def heads_loss(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Hinge loss of the heads, their mean."""
    pairs = zip(real, fake, strict=True)
    return total(F.relu(1 - r.float()).mean() + F.relu(1 + f.float()).mean() for r, f in pairs) / (2 * len(real))


def fooled_loss(fake: list[Tensor]) -> Tensor:
    """The generator's: small where the heads take its pictures for real."""
    return -total(logits.float().mean() for logits in fake) / len(fake)
