"""Aligned pairs: one image file holds condition and picture side by side (A left, B right)."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms import v2
from torchvision.transforms.v2.functional import rgb_to_grayscale

from ..errors import DataError
from ..imaging.rgb import fit, open_rgb
from .image_files import Listing, list_folder

# From (condition, picture) to (condition, picture, ...): float tensors of shape (3, H, W) in [0, 1].
Augmentation = Callable[[Tensor, Tensor], tuple[Tensor, ...]]


def list_pairs(folder: Path) -> Listing:
    """The image files of `folder`, sorted with numbers in numeric order (2_AB before 10_AB, cat_9 before cat_10).

    Raises:
        DataError: the folder does not exist or has no image.
    """
    if not folder.is_dir():
        raise DataError(
            f"no such folder: {folder}; pairs are expected in DATAROOT/train (or another, see --phase), as "
            "`train.py combine` puts them there"
        )
    listing = list_folder(folder)
    if not listing.images:
        raise DataError(
            f"no image in {folder}: expected files such as 1.jpg, with A and B side by side"
            + (f" ({listing.left_out})" if listing.left_out else "")
        )
    return listing


def open_pair(file: Path, direction: str = "AtoB") -> tuple[Image.Image, Image.Image]:
    """Opens the two halves of a file, (condition, picture), as RGB images. BtoA swaps them.

    Raises:
        DataError: the file is no image, is truncated, or has an odd width.
    """
    image = open_rgb(file)
    width, height = image.size
    if width % 2:
        raise DataError(f"{file} is {width} pixels wide: a pair holds two images of one width side by side")
    a, b = image.crop((0, 0, width // 2, height)), image.crop((width // 2, 0, width, height))
    return (a, b) if direction == "AtoB" else (b, a)


class PairedImages(Dataset):
    """The pairs of one or more folders, augmented as in the paper (section 6.2), both halves in the same way.

    They are resized to `load_size`, cropped at random to `crop_size`, and flipped at random. `dataset[index, seed]`
    (see `ShuffledBatches`) gives (condition, picture): float tensors of shape (input_nc, crop_size, crop_size) and
    (output_nc, crop_size, crop_size) in [-1, 1].

    Args:
        input_nc, output_nc: channels of condition and picture: 3, or 1 for grey.
        augmentation: applied after crop and flip, for training on drawings (see drawn_by_hand.py and augment.py).
        folders: one or several; their files follow each other.
        max_images: use only the first so many files, such as 400 of the 137,000 pairs of a full set.
        flip: mirror half of the samples; off for evaluation.

    Attributes:
        files: the pairs.
        left_out: sentences about files in the folders that are no pairs.
    """

    def __init__(
        self,
        folders: Path | Sequence[Path],
        direction: str = "AtoB",
        load_size: int = 286,
        crop_size: int = 256,
        max_images: int | None = None,
        augmentation: Augmentation | None = None,
        flip: bool = True,
        input_nc: int = 3,
        output_nc: int = 3,
    ):
        if load_size < crop_size:
            raise DataError(f"load_size {load_size} is smaller than crop_size {crop_size}; no crop fits")
        listings = [list_pairs(folder) for folder in ([folders] if isinstance(folders, Path) else folders)]
        self.files = [file for listing in listings for file in listing.images][:max_images]
        self.left_out = [listing.left_out for listing in listings if listing.left_out]
        self.direction, self.augmentation = direction, augmentation
        self.input_nc, self.output_nc = input_nc, output_nc
        self.largest = 4 * load_size
        open_pair(self.files[0], direction)  # so that a wrong folder is noticed at once
        self.transform = v2.Compose(
            [
                v2.ToImage(),
                v2.Resize((load_size, load_size), v2.InterpolationMode.BICUBIC, antialias=True),
                v2.RandomCrop(crop_size),
                v2.RandomHorizontalFlip(0.5 if flip else 0.0),
                v2.ToDtype(torch.float32, scale=True),
            ]
        )

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, ...]:
        index, seed = key
        # Pictures that are not square are placed on white, as pipelines do. Large ones are shrunk first, because a thin
        # picture of 64 MB would become a square of gigabytes.
        halves = open_pair(self.files[index], self.direction)
        pair = [fit(half, min(max(half.size), self.largest)) for half in halves]
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed is slow: it looks for GPUs
            sample = self.transform(*pair)  # in one call, so that both get the same crop and flip
            if self.augmentation is not None:
                sample = self.augmentation(*sample)
        condition, picture, *style = sample
        return to_signed(condition, self.input_nc), to_signed(picture, self.output_nc), *style


def to_signed(image: Tensor, channels: int) -> Tensor:
    """Turns (3, H, W) in [0, 1] into (1 | 3, H, W) in [-1, 1]."""
    image = image.as_subclass(Tensor)
    return (image if channels == 3 else rgb_to_grayscale(image)) * 2 - 1
