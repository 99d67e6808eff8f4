"""Limits the size of networks, because visitors of an app may name strangers' checkpoints."""

from collections.abc import Iterable

from torch import nn

from ..checkpoint.fetch import HubId
from ..errors import CheckpointError
from ..networks import UNetGenerator

LARGEST_MAP = 2**26  # numbers in one layer's output
# Limits of models that visitors name. Larger ones would take seconds for a drawing, and could fill the memory.
MOST_PARAMETERS, LARGEST_SIDE = 100_000_000, 512


def parameters(*networks: nn.Module) -> int:
    return sum(parameter.numel() for network in networks for parameter in network.parameters())


def largest_map(layers: Iterable[nn.Module], size: int) -> int:
    """How many numbers the largest output of these layers has, for a picture of `size` pixels square.

    A discriminator of a few kilobytes can have maps of gigabytes.
    """
    largest = 0
    for conv in layers:
        if isinstance(conv, nn.Conv2d):
            assert not isinstance(conv.padding, str)  # our networks give the padding in pixels, never as "same"
            size = (size + 2 * conv.padding[0] - conv.kernel_size[0]) // conv.stride[0] + 1
            largest = max(largest, conv.out_channels * size**2)
    return largest


def check_stranger(name: HubId, generator: UNetGenerator, *others: nn.Module) -> None:
    """Raises CheckpointError for networks that are too large to be loaded for a visitor."""
    if generator.image_size > LARGEST_SIDE:
        raise CheckpointError(f"{name} paints {generator.image_size} pixels: this app takes {LARGEST_SIDE} at most")
    if (count := parameters(generator, *others)) > MOST_PARAMETERS:
        most = MOST_PARAMETERS // 10**6
        raise CheckpointError(f"{name} has {count / 1e6:.0f} million parameters: this app takes {most} million at most")
