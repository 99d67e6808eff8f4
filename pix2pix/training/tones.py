"""Gives a generator's pictures the brightness and contrast of the photos that it learned from.

What a pixel shows can't be known, and L1 answers with the median: where photos are mostly dark, with few bright roofs,
that is dark and flat. Brightness and contrast of all pixels together are known. So one factor and one shift for each
channel, before the last tanh, give them to the pictures; the last layer holds both.
"""

import copy
from collections.abc import Iterable

import torch
from torch import Tensor

from ..networks import UNetGenerator

LARGEST = 1 - 1 / 128  # of a value in [-1, 1]: before tanh, pure white would be endless


def before_tanh(values: Tensor) -> Tensor:
    """(N, C, H, W) in [-1, 1] -> (C, N * H * W)."""
    return values.float().clamp(-LARGEST, LARGEST).atanh().transpose(0, 1).flatten(1)


@torch.no_grad()
def with_matched_tones(network: UNetGenerator, samples: Iterable[tuple[Tensor, Tensor]]) -> UNetGenerator:
    """A copy whose pictures have the mean and the standard deviation of the targets in each channel, before tanh.

    Args:
        network: in evaluation mode.
        samples: batches of what it reads, and of targets (N, C, S, S) in [-1, 1].
    """
    network = copy.deepcopy(network)
    pairs = [(before_tanh(network(read)).cpu(), before_tanh(target).cpu()) for read, target in samples]
    painted, wanted = (torch.cat(values, 1) for values in zip(*pairs, strict=True))
    factor = wanted.std(1) / painted.std(1)
    shift = wanted.mean(1) - factor * painted.mean(1)
    for name, values in network.up[0].named_parameters():  # one convolution, with a bias
        values.mul_(factor.view(-1, *[1] * (values.dim() - 2)).to(values))
        if name.endswith("bias"):
            values.add_(shift.to(values))
    return network
