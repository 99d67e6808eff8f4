"""Picture sheets of tensors in [-1, 1]."""

from pathlib import Path

import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as TF
from torchvision.utils import make_grid

from ..atomic_files import replacing


def grid(images: Tensor, columns: int, side: int | None = None) -> Image.Image:
    """Puts images (N, 1 | 3, H, W) in [-1, 1] on one sheet, `columns` in a row, each of `side` pixels if given."""
    images = images.detach().float().cpu()
    if side:
        images = F.interpolate(images, (side, side), mode="bilinear", antialias=True)
    images = (images.clamp(-1, 1) + 1) / 2
    return TF.to_pil_image(make_grid(images, nrow=columns, padding=2 if side is None else 0, pad_value=1.0))


def save_image(image: Image.Image, file: Path) -> None:
    """Saves a picture under another name, then renames it, so that nobody sees half a file."""
    with replacing(file) as aside:
        image.save(aside, format=file.suffix[1:].upper(), quality=80)
