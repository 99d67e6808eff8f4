"""The networks in the form in which export.py writes them: what is constant or random in the pipeline is inside."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..imaging.style import COLOR
from ..networks.pix2pix import fixed_noise
from .digits import DigitPipeline
from .fast_unet import FoldedUNet
from .pix2pix import Pix2PixPipeline


def stretched(plane: Tensor, dim: int, side: int) -> Tensor:
    """Three rows or columns as `side` of them: the middle one is repeated."""
    first, middle, last = plane.split(1, dim)
    size = [-1] * plane.dim()
    size[dim] = side - 2
    return torch.cat([first, middle.expand(size), last], dim)


def spare_channels(image_nc: int) -> int:
    """How many channels of zeros a convolution needs beside these, for graphics cards to compute it right.

    ONNX Runtime's WebGPU reads three channels at once where it can, and then reads the wrong ones, but for three in
    all (onnxruntime issue 29651).
    """
    return int(image_nc % 3 == 0 and image_nc % 4 > 0 and image_nc > 3)


class FirstLevel(nn.Module):
    """The generator's first convolution, with less work for what is the same everywhere or always.

    A number of the style is a constant plane. Its convolution is constant too, except at the borders, where the kernel
    reads zeros. So a plane of 6x6 tells all of it: the middle is repeated. What the noise adds never changes:
    runtimes compute it once, when they load the file.

    Args:
        conv: reads `image_nc` channels of an image, then the constant ones, then those of `noise` (1, C, S, S).
    """

    noise: Tensor
    constant: Tensor

    def __init__(self, conv: nn.Conv2d, image_nc: int, noise: Tensor):
        super().__init__()
        noise_nc = noise.shape[1]
        parts = conv.weight.split([image_nc, conv.in_channels - image_nc - noise_nc, noise_nc], 1)
        image, constant, self.grain = (nn.Parameter(part.clone(), requires_grad=False) for part in parts)
        self.spare = spare_channels(image_nc)
        self.image = nn.Parameter(F.pad(image, (0, 0, 0, 0, 0, self.spare)), requires_grad=False)
        planes = torch.eye(constant.shape[1])[:, :, None, None].expand(-1, -1, 6, 6)
        self.register_buffer("constant", F.conv2d(planes, constant, None, 2, 1))  # (numbers, outputs, 3, 3)
        self.bias = conv.bias
        self.register_buffer("noise", noise)

    def forward(self, parts: tuple[Tensor, Tensor | None]) -> Tensor:
        """Images (N, image_nc, S, S) and numbers (N, C) -> (N, outputs, S / 2, S / 2)."""
        image, numbers = parts
        if self.spare:
            image = F.pad(image, (0, 0, 0, 0, 0, self.spare))
        y = F.conv2d(image, self.image, self.bias, 2, 1)
        same = F.conv2d(self.noise, self.grain, None, 2, 1) if self.noise.shape[1] else None
        if numbers is not None:
            plane = (numbers @ self.constant.flatten(1)).view(-1, *self.constant.shape[1:])
            plane = stretched(stretched(plane, 3, y.shape[3]), 2, y.shape[2])
            same = plane if same is None else same + plane
        return y if same is None else y + same


class ExportedUNet(nn.Module):
    """The generator as it is used; a style is a separate input."""

    colors: Tensor
    inputs: Tensor

    def __init__(self, pipe: Pix2PixPipeline):
        super().__init__()
        unet = pipe.generator
        noise = fixed_noise(unet.noise_nc, pipe.image_size, pipe.image_size)
        image_nc = unet.input_nc + (COLOR.stop if unet.style_dim else 0)
        self.network = FoldedUNet(unet, torch.float32)
        conv, *rest = self.network.down[0].children()
        assert isinstance(conv, nn.Conv2d)
        self.network.down[0] = nn.Sequential(FirstLevel(conv, image_nc, noise), *rest)
        self.labels = pipe.labels is not None
        if pipe.labels:
            for name in ("colors", "inputs"):
                self.register_buffer(name, torch.from_numpy(getattr(pipe.labels, name)) / 127.5 - 1)

    def as_read(self, sketch: Tensor) -> Tensor:
        """Labels in the colours that the network reads in their place (see imaging/labels.py)."""
        apart = (sketch[:, None] - self.colors[None, :, :, None, None]).abs().sum(2)
        return self.inputs[apart.argmin(1)].permute(0, 3, 1, 2)

    def forward(self, sketch: Tensor, style: Tensor | None = None, colors: Tensor | None = None) -> Tensor:
        if self.labels:
            sketch = self.as_read(sketch)
        if style is None or colors is None:
            return self.network((sketch, None)).contiguous()
        return self.network((torch.cat([sketch, colors], 1), style[:, COLOR.stop :])).contiguous()


class ExportedDCGAN(nn.Module):
    """The DCGAN's generator, which reads the share of each class."""

    def __init__(self, pipe: DigitPipeline):
        super().__init__()
        self.layers = pipe.generator.net

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        return self.layers(torch.cat([z, label], 1)[:, :, None, None]).contiguous()
