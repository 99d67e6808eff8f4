"""The receptive field of the PatchGAN: the patch of the image that one cell of its output depends on.

Section numbers are those of the paper, https://arxiv.org/abs/1611.07004.
"""

from dataclasses import dataclass

from torch import nn

from .pix2pix import PatchDiscriminator


@dataclass(frozen=True)
class PatchLayer:
    """One convolution of a discriminator, and the receptive field of a cell of its output.

    Cell (x, y) of the output sees a square of side `receptive_field`. Its upper left corner lies at (start + x * jump,
    start + y * jump) pixels; a negative corner lies in the padding.
    """

    name: str  # C64: a convolution with 64 filters, as section 6.1 writes it
    kernel: int
    stride: int
    receptive_field: int  # pixels
    jump: int  # pixels between neighbouring cells
    start: int  # pixels
    map_size: int  # cells a side


def patch_arithmetic(discriminator: PatchDiscriminator, image_size: int = 256) -> list[PatchLayer]:
    """How the patch grows from the first layer to the last (sections 3.2.2 and 6.1.2).

    A convolution widens the patch by (kernel - 1) steps of the map it reads, and a stride makes the
    steps of all later maps longer. The last row's `receptive_field` is the patch: 70 for `n_layers=3`.
    """
    rows, field, jump, start, size = [], 1, 1, 0, image_size
    for conv in discriminator.modules():
        if isinstance(conv, nn.Conv2d):
            kernel, stride, padding = conv.kernel_size[0], conv.stride[0], int(conv.padding[0])
            field += (kernel - 1) * jump
            start -= padding * jump
            jump *= stride
            size = (size + 2 * padding - kernel) // stride + 1
            rows.append(PatchLayer(f"C{conv.out_channels}", kernel, stride, field, jump, start, size))
    return rows
