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

    def __init__(self, conv: nn.Conv2d):
        super().__init__(conv.in_channels, conv.out_channels, 4, 2, 1, bias=False, device="meta")
        self.weight, self.bias = conv.weight, conv.bias

    def reset_parameters(self) -> None:
        """Draws nothing: the weights are those of the convolution."""

    def forward(self, x: Tensor) -> Tensor:
        patches = F.unfold(x, 4, padding=1, stride=2).transpose(1, 2)
        y = F.linear(patches, self.weight.flatten(1), self.bias)
        return y.transpose(1, 2).unflatten(2, (x.shape[2] // 2, x.shape[3] // 2))


class TransposedAsProduct(nn.ConvTranspose2d):
    """A 4x4 transposed convolution of stride 2 as one product of its pixels, (N * H * W, C), with its weights."""

    def __init__(self, conv: nn.ConvTranspose2d):
        super().__init__(conv.in_channels, conv.out_channels, 4, 2, 1, bias=False, device="meta")
        self.weight, self.bias = conv.weight, conv.bias

    def reset_parameters(self) -> None:
        """Draws nothing: the weights are those of the convolution."""

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
        for level in (*generator.down[-INNER:], *generator.up[-INNER:]):
            as_products(level)


def dense_gradient(_module: nn.Module, gradients: tuple[Tensor, ...] | Tensor) -> tuple[Tensor, ...]:
    """That of one half of a concatenation is a slice, for which batch norm's backward pass is 20 times slower."""
    return tuple(gradient.contiguous(memory_format=torch.channels_last) for gradient in gradients)


def as_products(level: nn.Module) -> None:
    """On maps of a few pixels, a convolution spends most of its time on putting its weights into another order."""
    for name, conv in level.named_children():
        if type(conv) is nn.Conv2d:
            product = ConvolutionAsProduct(conv)
        elif type(conv) is nn.ConvTranspose2d:
            product = TransposedAsProduct(conv)
        else:
            continue
        product.weight.data = product.weight.data.contiguous()  # as the product reads them
        setattr(level, name, product.train(conv.training))
