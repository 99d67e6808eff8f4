"""Decides which files of a folder are pictures, for pairs, classes, `combine`, `outline` and evaluation.

The ending of its name decides. Hidden files and folders are left out: names that begin with a dot, such as
.ipynb_checkpoints or the ._1.png that macOS writes on foreign disks, and the __MACOSX that it writes into archives.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

EXTENSIONS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".avif"),
    *(".bmp", ".tif", ".tiff", ".ppm", ".pgm"),
)
SPLITS = {"train": "train", "test": "test"} | dict.fromkeys(("val", "valid", "validation", "dev"), "val")


def is_image(name: str) -> bool:
    """Whether a name is that of a picture, hidden or not."""
    return name.lower().endswith(EXTENSIONS)


def is_hidden(name: str) -> bool:
    """Whether a name is that of a hidden file or folder."""
    return name.startswith(".") or name == "__MACOSX"


def same_name(text: str) -> str:
    """The normal form of a name. "été" can be written in two ways that look alike (Unicode's NFC and NFD)."""
    return unicodedata.normalize("NFC", text)


def in_numeric_order(name: str) -> list[str | int]:
    """A key to sort by: numbers in names in numeric order, so that 2_AB comes before 10_AB, cat_9 before cat_10."""
    # After a split at its numbers, every second part of a name is a number.
    return [int(part) if i % 2 else part for i, part in enumerate(re.split("([0-9]+)", name))]


def split_named(name: str) -> str | None:
    """The split that a folder of this name holds: "train", "val" (also valid, validation, dev), "test", or None."""
    return SPLITS.get(name.lower())


def split_folder(root: Path, name: str) -> Path:
    """The sub-folder `name` of a data set, or one with another name for it, such as `valid` for `val`."""
    if (root / name).is_dir() or not root.is_dir() or not (split := split_named(name)):
        return root / name
    others = sorted(path for path in root.iterdir() if split_named(path.name) == split and path.is_dir())
    return others[0] if others else root / name


@dataclass
class Listing:
    """What a folder holds.

    Attributes:
        images: its picture files, in numeric order.
        folders: its sub-folders that are not hidden.
        hidden: names of pictures that are hidden.
        others: how many other files there are, by the ending of their names.
        deeper: how many pictures there are in sub-folders, by the name of the sub-folder.
    """

    folder: Path
    images: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    deeper: Counter[str] = field(default_factory=Counter)

    @property
    def left_out(self) -> str:
        """One sentence that says how many files were left out and why; empty if there are none."""
        count = len(self.hidden) + self.others.total() + self.deeper.total()
        reasons = [
            self.hidden and f"{len(self.hidden)} hidden ({some(self.hidden)})",
            self.others and f"{self.others.total()} of other types ({some(self.others)})",
            self.deeper and f"{self.deeper.total()} in sub-folders ({some(self.deeper)})",
        ]
        files = "file is" if count == 1 else "files are"
        return f"{count} {files} left out of {self.folder}: {', '.join(filter(None, reasons))}" if count else ""


def list_folder(folder: Path, read: Collection[str] = ()) -> Listing:
    """Lists the pictures of a folder, but not those of its sub-folders.

    Args:
        read: names of sub-folders that the caller reads too, so their pictures don't count as left out.

    Raises:
        OSError: the folder does not exist or can't be read.
    """
    listing = Listing(folder)
    for entry in os.scandir(folder):
        name, path = entry.name, folder / entry.name
        if entry.is_symlink() and not os.path.exists(path):  # a link to nothing, or to itself
            listing.others[path.suffix.lower() or name] += 1
        elif entry.is_dir():
            if not is_hidden(name):
                listing.folders.append(path)
                # Behind a link there may be the whole disk.
                listing.deeper[name] = 0 if name in read or entry.is_symlink() else count_images(path)
        elif is_hidden(name):
            listing.hidden += [name] if is_image(name) else []
        elif is_image(name) and entry.is_file():
            listing.images.append(path)
        else:
            listing.others[path.suffix.lower() or name] += 1
    listing.images.sort(key=lambda path: in_numeric_order(path.name))
    listing.folders.sort(key=lambda path: in_numeric_order(path.name))
    listing.hidden.sort()
    listing.deeper = +listing.deeper
    return listing


def count_images(folder: Path) -> int:
    """Number of pictures in a folder and all its sub-folders, without hidden ones."""
    count = 0
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not is_hidden(name)]
        count += sum(is_image(name) and not is_hidden(name) for name in files)
    return count


def some(names: Collection[str], most: int = 5) -> str:
    """The first few names, for a message."""
    return ", ".join(sorted(names)[:most]) + (", ..." if len(names) > most else "")
