"""The networks in the form in which export.py writes them: what is constant or random in the pipeline is inside."""

import torch
from torch import Tensor, nn

from ..imaging.style import COLOR
from ..networks.pix2pix import fixed_noise
from .digits import DigitPipeline
from .fast_unet import FoldedUNet
from .pix2pix import Pix2PixPipeline


class ExportedUNet(nn.Module):
    """The generator as it is used; a style is a separate input."""

    noise: Tensor
    colors: Tensor
    inputs: Tensor

    def __init__(self, pipe: Pix2PixPipeline):
        super().__init__()
        self.network = FoldedUNet(pipe.generator, torch.float32)
        self.register_buffer("noise", fixed_noise(pipe.generator.noise_nc, pipe.image_size, pipe.image_size))
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
        if style is not None and colors is not None:
            rest = style[:, COLOR.stop :, None, None].expand(-1, -1, *sketch.shape[2:])
            sketch = torch.cat([sketch, colors, rest], 1)
        if self.noise.shape[1]:
            # A sum, because `expand` would fix the number of pictures.
            sketch = torch.cat([sketch, self.noise + 0 * sketch[:, :1]], 1)
        return self.network(sketch).contiguous()


class ExportedDCGAN(nn.Module):
    """The DCGAN's generator, which reads the share of each class."""

    def __init__(self, pipe: DigitPipeline):
        super().__init__()
        self.layers = pipe.generator.net

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        return self.layers(torch.cat([z, label], 1)[:, :, None, None]).contiguous()
