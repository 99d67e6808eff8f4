"""What one step of the upscaler's training is: photos at half their size, to be brought back."""

import copy
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from .. import checkpoint
from ..checkpoint.fetch import fetch
from ..data.augment import redrawn
from ..imaging.sheets import grid, save_image
from ..networks.upscaler import Upscaler
from . import parallel
from .adam import adam
from .average import update_average
from .losses import total
from .options import UpscalerOptions
from .paired import PairedBatches
from .perceptual import ImageNetView, perceptual_loss
from .precision import Precision

MOST_BLUR = 0.9  # pixels of the small picture: generators paint softer edges than photos have


class UpscalerTraining(PairedBatches):
    """The network, its optimiser and its step: L1, and a perceptual loss where there is one.

    Args:
        options: those of `train.py upscaler`.
        device: where the network runs.
    """

    def __init__(self, options: UpscalerOptions, device: torch.device):
        self.options: UpscalerOptions = options
        self.device, self.precision = device, Precision(options.precision, device)
        lines = partial(redrawn, width=options.line_width)
        self.open_pairs(lines)
        network = checkpoint.load(Upscaler, fetch(options.generator)) if options.generator else Upscaler(options.width)
        self.generator = network.train().requires_grad_(True).to(device).to(memory_format=torch.channels_last)
        self.networks = {"generator": self.generator}
        self.optimizers = {"generator": adam(self.generator, options)}
        self.replica = parallel.replica(self.generator)
        self.ema = copy.deepcopy(self.generator) if options.ema else None
        self.view = ImageNetView(device) if options.lambda_perceptual else None
        examples = self.held_out(8, lines)
        pairs = [examples[i, 0] for i in range(len(examples))]
        self.examples = [torch.stack(images).to(device) for images in zip(*pairs, strict=True)]

    @property
    def record(self) -> dict[str, Any]:
        """The options with what was really used."""
        return self.options.record() | {"width": self.generator.width, "workers": self.workers}

    def step(self, batch: list[Tensor]) -> dict[str, Tensor]:
        lines, target = batch
        small = halved(target)
        if torch.rand(()) < 0.7:
            small = TF.gaussian_blur(small, [5, 5], [0.1 + MOST_BLUR * float(torch.rand(()))])
        with self.precision.autocast:
            found = self.replica(small, lines[:, :1])
        terms = {"L1": (self.options.lambda_l1, F.l1_loss(found.float(), target))}
        if self.view:
            with self.precision.autocast:
                look = self.view(found, target, lines)
            terms["perceptual"] = self.options.lambda_perceptual, perceptual_loss(look)
        self.precision.descend(self.optimizers["generator"], total(factor * loss for factor, loss in terms.values()))
        self.precision.update()
        if self.ema:
            update_average(self.ema, self.generator, self.options.ema)
        return {f"loss_{name}": loss.detach() for name, (_, loss) in terms.items()}

    def served(self) -> Upscaler:
        return copy.deepcopy(self.ema or self.generator).eval()

    @torch.no_grad()
    def samples(self, generator: Upscaler) -> Image.Image:
        """Rows of bicubic interpolation, output and photo."""
        lines, target = self.examples
        small = halved(target)
        plain = F.interpolate(small, scale_factor=2, mode="bicubic").clamp(-1, 1)
        return grid(torch.cat([plain, generator(small, lines[:, :1]), target]), columns=len(target))

    def snapshot(self, generator: Upscaler, folder: Path, images_seen: int) -> None:
        save_image(self.samples(generator), folder / f"images_{images_seen:07d}.webp")

    def save(self, generator: Upscaler, folder: Path, **facts) -> None:
        checkpoint.save(generator, folder, self.options.half, line_width=self.options.line_width, **facts)


def halved(pictures: Tensor) -> Tensor:
    return F.interpolate(pictures, scale_factor=0.5, mode="bicubic", antialias=True).clamp(-1, 1)
