"""Pictures with class labels for the conditional DCGAN: MNIST and similar sets, or a folder of class folders.

The pictures are small: they are decoded once and kept in memory as bytes (MNIST: 47 MB), even on the GPU. So training
needs no worker processes.

  mnist            LeCun, Cortes, Burges: 60,000 + 10,000 digits
  fashion-mnist    Xiao, Rasul, Vollgraf 2017, https://arxiv.org/abs/1708.07747, MIT licence
  emnist-letters   Cohen et al. 2017, https://arxiv.org/abs/1702.05373: 26 letters, both cases in one class
  emnist-balanced  the same: 47 classes, digits and letters, where cases that look alike share a class
"""

import os
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.datasets import EMNIST, MNIST, FashionMNIST, ImageFolder
from torchvision.transforms.v2.functional import resize
from tqdm import tqdm

from ..errors import DataError, note
from ..imaging.rgb import open_rgb
from .image_files import is_hidden, is_image, list_folder, same_name, split_folder


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """images: uint8 (N, C, S, S), C is 1 or 3; labels: int64 (N,), from 0; class_names: a name for each class."""

    images: Tensor
    labels: Tensor
    class_names: list[str]

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str) -> "LabelledImages":
        return LabelledImages(self.images.to(device), self.labels.to(device), self.class_names)

    def in_order_of(self, class_names: list[str]) -> "LabelledImages":
        """Renumbers the labels by another list of the same classes; unchanged if the classes differ."""
        if class_names == self.class_names or sorted(class_names) != sorted(self.class_names):
            return self
        places = torch.tensor([class_names.index(name) for name in self.class_names], device=self.labels.device)
        return LabelledImages(self.images, places[self.labels], class_names)

    def batch(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Float images (B, C, S, S) in [-1, 1] and labels (B,) for indices (B,), on the device of the images."""
        index = index.to(self.images.device)
        return self.images[index].float() / 127.5 - 1, self.labels[index]


def labelled_dataset(
    name_or_folder: str | Path,
    root: str | Path = "data",
    image_size: int = 28,
    train: bool = True,
    download: bool = False,
    max_images: int | None = None,
) -> LabelledImages:
    """All pictures of a named set, or of a folder that has one sub-folder for each class.

    Args:
        name_or_folder: "mnist", "fashion-mnist", "emnist-letters", "emnist-balanced", or a folder; a Path is
            always a folder, even one called mnist.
        root: folder of the named sets, laid out as by torchvision (`root/MNIST/raw/...`).
        image_size: side in pixels. The named sets have 28. For 32 they get a black border of 2, as in LeNet-5, so the
            strokes stay sharp; for other sizes they are scaled. Pictures of a folder are scaled to cover the square,
            then cropped in the middle.
        train: False for the test images. In a folder these are the sub-folder `test`, else `val`, and the training
            images are `train`. A folder without `train` is all for training.
        download: fetch the files of a named set if they are missing.
        max_images: use only so many, chosen at random, but always the same.

    Raises:
        DataError: no such folder or file, one that can't be read, a failed download, a size below 1.
    """
    for option, value in (("image_size", image_size), ("max_images", max_images)):
        if value is not None and value < 1:
            raise DataError(f"{option} is {value}; expected 1 or more")
    if isinstance(name_or_folder, str) and name_or_folder in NAMED:
        return named_set(name_or_folder, Path(root), image_size, train, download, max_images)
    return class_folders(Path(name_or_folder), image_size, train, max_images)


def choose(count: int, max_images: int | None) -> Tensor:
    """Indices of `max_images` of `count` pictures, in order; always the same ones."""
    if max_images is None or max_images >= count:
        return torch.arange(count)
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:max_images].sort().values


# --- named sets ---------------------------------------------------------------------------------------------------


def load_mnist(**options) -> tuple[Tensor, Tensor, list[str]]:
    data = MNIST(**options)
    return data.data, data.targets, list(string.digits)


def load_fashion_mnist(**options) -> tuple[Tensor, Tensor, list[str]]:
    data = FashionMNIST(**options)
    return data.data, data.targets, data.classes


def load_emnist_letters(**options) -> tuple[Tensor, Tensor, list[str]]:
    data = EMNIST(split="letters", **options)
    # Labels count from 1. The files hold the pictures transposed, here and below.
    return data.data.transpose(1, 2), data.targets - 1, list(string.ascii_uppercase)


def load_emnist_balanced(**options) -> tuple[Tensor, Tensor, list[str]]:
    data = EMNIST(split="balanced", **options)
    return data.data.transpose(1, 2), data.targets, data.classes


# name -> (loader, torchvision's folder for the files)
NAMED: dict[str, tuple[Callable[..., tuple[Tensor, Tensor, list[str]]], str]] = {
    "mnist": (load_mnist, "MNIST/raw"),
    "fashion-mnist": (load_fashion_mnist, "FashionMNIST/raw"),
    "emnist-letters": (load_emnist_letters, "EMNIST/raw"),
    "emnist-balanced": (load_emnist_balanced, "EMNIST/raw"),
}


def named_set(
    name: str, root: Path, image_size: int, train: bool, download: bool, max_images: int | None
) -> LabelledImages:
    load, place = NAMED[name]
    folder = root / place
    try:
        images, labels, class_names = load(root=root, train=train, download=download)
    except Exception as error:  # torchvision raises RuntimeError, AssertionError, URLError, ...
        reason = " ".join(str(error).split()) or type(error).__name__
        if reason.startswith("Dataset not found"):
            message = f"the {name} files are not in {folder}; give their folder as --dataroot, or add --download"
        elif download and (isinstance(error, OSError) or reason.startswith(("Error downloading", "File not found"))):
            message = f"{name} can't be downloaded to {folder} ({reason}); check the network and the disk and run again"
        else:
            message = f"a file of {name} in {folder} is damaged ({reason}); delete that folder and download it again"
        raise DataError(message) from error
    if len(images) != len(labels) or labels.min() < 0 or labels.max() >= len(class_names):
        part = "training" if train else "test"
        raise DataError(
            f"the {part} labels of {name} in {folder} don't fit: {len(labels)} labels for {len(images)} images, "
            f"from {labels.min()} to {labels.max()} for {len(class_names)} classes; download the set again"
        )
    index = choose(len(images), max_images)
    images = torch.cat([fit_28(chunk, image_size) for chunk in images[index, None].split(4096)])
    return LabelledImages(images, labels[index], list(class_names))


def fit_28(images: Tensor, image_size: int) -> Tensor:
    """Fits bytes (N, 1, 28, 28), white on black, to (N, 1, image_size, image_size)."""
    if image_size == 32:
        return F.pad(images, (2, 2, 2, 2))
    return resize(images, [image_size, image_size], Image.Resampling.BICUBIC).contiguous()


# --- folders ------------------------------------------------------------------------------------------------------


def class_folders(folder: Path, image_size: int, train: bool, max_images: int | None) -> LabelledImages:
    """Reads `folder/CLASS/*.png` or `folder/{train,test,val}/CLASS/*.png`, and sub-folders of classes.

    If all pictures are grey, they get one channel.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}, nor a set of that name: {', '.join(NAMED)}")
    folder = split_of(folder, train)
    try:
        found = ClassFolders(folder)
        note(*filter(None, [found.listing.left_out]))
    except FileNotFoundError as error:  # no class folders, or a class folder without an image
        hint = "; for the MNIST files in it use --dataset mnist" if (folder / "MNIST").is_dir() else ""
        raise DataError(f"{folder} needs one sub-folder of images for each class: {error}{hint}") from error

    index = choose(len(found), max_images)
    images = torch.empty(len(index), 3, image_size, image_size, dtype=torch.uint8)
    for i, k in enumerate(tqdm(index.tolist(), desc=f"reading {folder}", unit="images", leave=False)):
        image = ImageOps.fit(open_rgb(found.samples[k][0]), (image_size, image_size), Image.Resampling.BICUBIC)
        images[i] = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    if (images[:, :1] == images[:, 1:]).all():
        images = images[:, :1].contiguous()
    return LabelledImages(images, torch.tensor(found.targets)[index], [same_name(name) for name in found.classes])


class ClassFolders(ImageFolder):
    """torchvision's ImageFolder with our rules for pictures and hidden files, and classes in numeric order."""

    def __init__(self, folder: Path):
        self.listing = list_folder(folder, read=os.listdir(folder))
        super().__init__(folder, is_valid_file=self.is_picture)
        self.listing.others.update(path.suffix.lower() for path in self.listing.images)  # pictures beside class folders

    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        names = [path.name for path in self.listing.folders]
        if not names:
            raise FileNotFoundError(f"there is no sub-folder in {directory}")
        return names, {name: number for number, name in enumerate(names)}

    @staticmethod
    def make_dataset(directory: str | Path, class_to_idx: dict[str, int], *_, **options) -> list[tuple[str, int]]:
        """As torchvision's, but without folders behind links in class folders: two that lead back take for ever."""
        samples, is_picture = [], options["is_valid_file"]
        for name, number in sorted(class_to_idx.items()):
            for place, _, files in sorted(os.walk(os.path.join(directory, name))):
                paths = [os.path.join(place, file) for file in sorted(files)]
                samples += [(path, number) for path in paths if is_picture(path)]
        found = {number for _, number in samples}
        if empty := [name for name, number in sorted(class_to_idx.items()) if number not in found]:
            raise FileNotFoundError(f"Found no valid file for the classes {', '.join(empty)}.")
        return samples

    def is_picture(self, path: str) -> bool:
        parts = Path(path).relative_to(self.root).parts
        if not any(map(is_hidden, parts)):
            if is_image(path):
                return True
            self.listing.others[Path(path).suffix.lower() or parts[-1]] += 1
        return False


def split_of(folder: Path, train: bool) -> Path:
    """The sub-folder for training or for tests, or `folder` itself if it is not split."""
    parts = [split_folder(folder, name) for name in (("train",) if train else ("test", "val"))]
    for part in parts:
        # A split holds folders; a class that happens to be called "train" holds images.
        if part.is_dir() and list_folder(part).folders:
            return part
    if not train:
        raise DataError(f"there are no test images: {folder} has neither a sub-folder test nor val with class folders")
    return folder
