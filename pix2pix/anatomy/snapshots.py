"""Snapshots: the small pictures that a training saved."""

import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..errors import DataError
from ..pipelines import Pix2PixPipeline

# Limits, because visitors may name strangers' checkpoints.
MOST_SNAPSHOTS, LARGEST_ROW = 64, 2**20  # pixels
MOST_SQUARES = 64  # of a row; the page makes elements for each
LARGEST_FILE = 5 * 2**20  # bytes, all of which are read into memory


@dataclass(frozen=True)
class Timeline:
    """The same few outlines, painted at several points of the training.

    Attributes:
        inputs, targets: rows of outlines and of the real photos, or None if the checkpoint has none.
        snapshots: (images seen, row of paintings), in the order of training.
    """

    inputs: Image.Image | None
    targets: Image.Image | None
    snapshots: list[tuple[int, Image.Image]]


def timeline(pipe: Pix2PixPipeline) -> Timeline:
    """Reads `<checkpoint>/snapshots/images_<images seen>.webp`, `inputs.webp` and `targets.webp`.

    A checkpoint without snapshots has an empty timeline.

    Raises:
        DataError: a snapshot is damaged or too large.
    """
    folder = (pipe.folder or Path()) / "snapshots"
    if pipe.folder is None or not folder.is_dir():
        return Timeline(None, None, [])
    seen = snapshots_in(folder)
    rows = [folder / f"{name}.webp" for name in ("inputs", "targets")]
    inputs, targets = (open_row(path) if path.exists() else None for path in rows)
    return Timeline(inputs, targets, [(count, open_row(path)) for count, path in seen[:MOST_SNAPSHOTS]])


def snapshots_in(folder: Path) -> list[tuple[int, Path]]:
    """(images seen, file), in the order of training."""
    named = [(re.fullmatch(r"images_(\d{1,15})", path.stem), path) for path in folder.glob("images_*.webp")]
    return sorted((int(match[1]), path) for match, path in named if match)


def last_row(checkpoint: Path) -> Image.Image | None:
    """The last snapshot of a checkpoint, a row of squares; None if it has none.

    Raises:
        DataError: it is damaged or too large.
    """
    seen = snapshots_in(checkpoint / "snapshots")
    return open_row(seen[-1][1]) if seen else None


def open_row(path: Path) -> Image.Image:
    name = f"{path.parent.name}/{path.name}"  # shown to visitors, so without the path on this machine
    if path.stat().st_size > LARGEST_FILE:
        raise DataError(f"{name} is too large: expected {LARGEST_FILE // 2**20} MB at most")
    try:
        with Image.open(path, formats=["WEBP"]) as image:
            if image.width * image.height <= LARGEST_ROW and image.width <= MOST_SQUARES * image.height:
                return image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{name} is not a readable image; delete it or train again") from error
    raise DataError(
        f"{name} has {image.width}x{image.height} pixels: expected {LARGEST_ROW} at most, in {MOST_SQUARES} squares"
    )
