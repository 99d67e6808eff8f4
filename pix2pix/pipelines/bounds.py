"""Limits the size of networks, because visitors of an app may name strangers' checkpoints."""

from collections.abc import Iterable, Iterator

from torch import nn

from ..checkpoint.fetch import HubId
from ..errors import CheckpointError
from ..networks import PatchDiscriminator, UNetGenerator
from ..networks.pix2pix import SmoothTransposed2d
from ..networks.upscaler import Upscaler

LARGEST_MAP = 2**26  # numbers in one layer's output
# Limits of models that visitors name. Larger ones would take seconds for a picture, in which everybody waits, and could
# fill the memory. A U-Net for 256 pixels with ngf 64 has 54 million parameters and takes 6 billion multiplications, one
# for 512 pixels with ngf 32 as many, and the paper's discriminator 13 billion for 512 pixels. The app doubles
# pictures up to twice this side.
MOST_PARAMETERS, MOST_WORK, LARGEST_SIDE = 64_000_000, 14_000_000_000, 512

Convolution = nn.Conv2d | nn.ConvTranspose2d


def parameters(*networks: nn.Module) -> int:
    return sum(parameter.numel() for network in networks for parameter in network.parameters())


def sides(layers: Iterable[nn.Module], size: int) -> Iterator[tuple[Convolution, int, int]]:
    """Yields the convolutions of layers that run one after the other, each with the sides of its input and output.

    Args:
        size: side of the picture in pixels.
    """
    for conv in layers:
        if not isinstance(conv, Convolution):
            continue
        assert not isinstance(conv.padding, str)  # our networks give the padding in pixels, never as "same"
        before, kernel, stride, padding = size, conv.kernel_size[0], conv.stride[0], conv.padding[0]
        if isinstance(conv, nn.ConvTranspose2d):
            size = (size - 1) * stride - 2 * padding + kernel
        else:
            size = (size + 2 * padding - kernel) // stride + 1
        yield conv, before, size


def in_order(network: nn.Module) -> list[nn.Module]:
    """Returns the layers of one of our networks in the order in which they run."""
    if isinstance(network, UNetGenerator):
        return [layer for level in [*network.down, *reversed(network.up)] for layer in level.children()]
    assert isinstance(network.layers, nn.Sequential)
    return list(network.layers)


def multiplications(network: nn.Module, size: int) -> int:
    """Counts the multiplications of all convolutions for a picture of `size` pixels square, from shapes alone."""
    total = 0
    for conv, before, after in sides(in_order(network), size):
        taps = 36 if isinstance(conv, SmoothTransposed2d) else conv.kernel_size[0] ** 2
        side = before if isinstance(conv, nn.ConvTranspose2d) else after
        total += conv.in_channels * conv.out_channels * taps * side**2
    return total


def work_of(network: nn.Module, size: int) -> int:
    """Counts the multiplications for a picture; of an upscaler, those of all doublings that the app asks for."""
    sizes = [side for side in (size, 2 * size) if side <= LARGEST_SIDE] if isinstance(network, Upscaler) else [size]
    return sum(multiplications(network, side) for side in sizes)


def check_maps(name: str, discriminator: PatchDiscriminator, size: int) -> None:
    """Raises CheckpointError for a discriminator that can't judge pictures of `size` pixels.

    A discriminator of a few kilobytes can have maps of gigabytes. One of many layers can have maps of no pixel.
    """
    found = list(sides(discriminator.layers, size))
    if max(conv.out_channels * side**2 for conv, _, side in found) > LARGEST_MAP:
        raise CheckpointError(f"the discriminator of {name} is too wide: its ndf is {found[0][0].out_channels}")
    *inner, last = [side for _, _, side in found]
    if min(inner) < 2 or last < 1:  # batch norm needs more than one number
        raise CheckpointError(f"the discriminator of {name} has too many layers for pictures of {size} pixels")


def check_stranger(name: HubId, generator: UNetGenerator, *others: nn.Module) -> None:
    """Raises CheckpointError for networks that are too large to be loaded for a visitor."""
    if generator.image_size > LARGEST_SIDE:
        raise CheckpointError(f"{name} paints {generator.image_size} pixels: this app takes {LARGEST_SIDE} at most")
    if (count := parameters(generator, *others)) > MOST_PARAMETERS:
        most = MOST_PARAMETERS // 10**6
        raise CheckpointError(f"{name} has {count / 1e6:.0f} million parameters: this app takes {most} million at most")
    work = max(work_of(network, generator.image_size) for network in (generator, *others))
    if work > MOST_WORK:
        most = MOST_WORK // 10**9
        raise CheckpointError(
            f"{name} takes {work / 1e9:.0f} billion multiplications a picture: this app takes {most} billion at most"
        )
