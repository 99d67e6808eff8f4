"""What makes the generator's step quicker on a CPU; the mathematics stays the same.

A profile of the step on two cores (`benchmarks/training.py` times it) shows two places where PyTorch's CPU kernels
take far longer than their arithmetic.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..networks import UNetGenerator

INNER = 4  # levels whose maps have 16 pixels a side or fewer


class ConvolutionAsProduct(nn.Conv2d):
    """A 4x4 convolution of stride 2 as one product of its patches, (N * H/2 * W/2, 16 * C), with its weights."""

    def forward(self, x: Tensor) -> Tensor:
        patches = F.unfold(x, 4, padding=1, stride=2).transpose(1, 2)
        y = F.linear(patches, self.weight.flatten(1), self.bias)
        return y.transpose(1, 2).unflatten(2, (x.shape[2] // 2, x.shape[3] // 2))


class TransposedAsProduct(nn.ConvTranspose2d):
    """A 4x4 transposed convolution of stride 2 as one product of its pixels, (N * H * W, C), with its weights."""

    def forward(self, x: Tensor) -> Tensor:
        patches = (x.flatten(2).transpose(1, 2) @ self.weight.flatten(1)).transpose(1, 2)
        y = F.fold(patches, (2 * x.shape[2], 2 * x.shape[3]), 4, padding=1, stride=2)
        return y if self.bias is None else y + self.bias.view(-1, 1, 1)


def quicken(generator: UNetGenerator, bfloat16: bool) -> None:
    """Makes training steps of the generator quicker on a CPU. Parameters, their names and results are the same.

    Args:
        bfloat16: whether steps run in it.
    """
    for up in generator.up[1:]:
        up.register_full_backward_pre_hook(dense_gradient)
    if bfloat16:  # in float32 the convolutions are as quick
        for down, up in zip(generator.down[-INNER:], generator.up[-INNER:], strict=True):
            as_product(down, nn.Conv2d, ConvolutionAsProduct)
            as_product(up, nn.ConvTranspose2d, TransposedAsProduct)


def dense_gradient(_module: nn.Module, gradients: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """That of one half of a concatenation is a slice, for which batch norm's backward pass is 20 times slower."""
    return tuple(gradient.contiguous(memory_format=torch.channels_last) for gradient in gradients)


def as_product(level: nn.Sequential, convolution: type[nn.Module], product: type[nn.Module]) -> None:
    """On maps of a few pixels, a convolution spends most of its time on putting its weights into another order."""
    for module in level:
        if type(module) is convolution:
            module.__class__ = product
            module.weight.data = module.weight.data.contiguous()  # as the product reads them
