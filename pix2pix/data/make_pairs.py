"""Makes the side-by-side pairs that pix2pix trains on: of two folders of images, or of photos and their outlines."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from ..errors import DataError
from ..imaging.rgb import fit, is_image, open_rgb
from ..imaging.trace_outline import outline

SPLITS = ("train", "val", "test")


def combine(
    folder_a: str | Path,
    folder_b: str | Path,
    output: str | Path,
    resize: bool = False,
    val: int = 0,
) -> int:
    """Writes `output/train/NAME.png`, A on the left and B on the right, for every NAME in both folders.

    Images belong together when their names are equal but for the ending (`A/1.png`, `B/1.jpg`). Where the
    folders have sub-folders train, val or test, so has the output; images outside of them are for training.
    The output gets its name only when all pairs are in it.

    Args:
        resize: scale B to the size of A where they differ.
        val: so many of the pairs for training, evenly spread over their names, go into `output/val` instead.

    Returns:
        The number of pairs.

    Raises:
        DataError: no such folder, no images, images without a partner, two images of one name, sizes that
            differ, an image that can't be read, or an output that is there already.
    """
    with whole_folder(Path(output)) as scratch:
        images_a, images_b = find_images(folder_a), find_images(folder_b)
        check_partners(folder_a, images_a.keys() - images_b.keys())
        check_partners(folder_b, images_b.keys() - images_a.keys())
        places = held_out(images_a, val)
        for name, path_a in tqdm(images_a.items(), desc=f"combining into {output}", unit="pairs"):
            target = scratch / f"{places[name]}.png"  # JPEG's 8x8 blocks would blur outlines and the seam
            target.parent.mkdir(parents=True, exist_ok=True)
            join(path_a, images_b[name], resize).save(target)
    return len(images_a)


def outline_pairs(photos: str | Path, output: str | Path, size: int = 256, detail: float = 0.5, val: int = 0) -> int:
    """Writes `output/NAME.png`, the outline on the left and the photo on the right, for every photo of a folder.

    Sub-folders train, val and test are kept, as in `combine`, and `val` is as there; see `outline` for `size` and
    `detail`.

    Returns:
        The number of pairs.

    Raises:
        DataError: no such folder, no images, two of one name, one that can't be read, or an output that is there.
    """
    with whole_folder(Path(output)) as scratch:
        images = find_images(photos)
        places = held_out(images, val)
        for name, path in tqdm(images.items(), desc=f"outlines into {output}", unit="pairs"):
            photo = fit(open_rgb(path), size)
            target = scratch / f"{places[name]}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            side_by_side(outline(photo, size, detail), photo).save(target)
    return len(images)


@contextlib.contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """A folder to fill, which gets the name `output` when all is in it, and goes if anything fails."""
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise DataError(f"{output} is there already; give a new folder, so that old and new pairs don't mix")
    scratch = output.absolute().with_name(f".{output.name}.combining")
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        yield scratch
        if output.exists():
            output.rmdir()
        os.replace(scratch, output)
    except OSError as error:
        raise DataError(f"can't write to {output}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def find_images(folder: str | Path) -> dict[str, Path]:
    """{"train/1": folder/1.jpg or folder/train/1.jpg, "val/2": folder/val/2.jpg, ...}."""
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}")
    found: dict[str, Path] = {}
    for split, place in (("train", folder), *((split, folder / split) for split in SPLITS)):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if not is_image(path):
                continue
            name = f"{split}/{path.stem}"
            if name in found:
                raise DataError(f"{found[name]} and {path} have the same name; which one is meant? Remove the other")
            found[name] = path
    if not found:
        raise DataError(f"no image in {folder} or its sub-folders {', '.join(SPLITS)}")
    return found


def held_out(images: dict[str, Path], val: int) -> dict[str, str]:
    """Where each pair goes: its own name, or for `val` of those in train, evenly spread, the same name in val.

    Raises:
        DataError: nothing would be left to train on, or a pair of val has that name already.
    """
    train = [name for name in images if name.startswith("train/")]
    if val and val >= len(train):
        raise DataError(f"--val {val} would leave nothing to train on: there are {len(train)} pairs in train")
    moved = {name: name.replace("train/", "val/", 1) for name in (train[i * len(train) // val] for i in range(val))}
    if twice := images.keys() & moved.values():
        raise DataError(f"{min(twice)} is there already: leave --val out")
    return {name: moved.get(name, name) for name in images}


def check_partners(folder: str | Path, lonely: set[str]) -> None:
    if lonely:
        names = ", ".join(sorted(lonely)[:5]) + (", ..." if len(lonely) > 5 else "")
        raise DataError(f"{len(lonely)} of the images in {folder} have no partner in the other folder: {names}")


def join(path_a: Path, path_b: Path, resize: bool = False) -> Image.Image:
    """Two image files of one size (W, H) -> one RGB image (2 W, H)."""
    a, b = open_rgb(path_a), open_rgb(path_b)
    if a.size != b.size:
        if not resize:
            sizes = f"{path_a} has {a.width}x{a.height} pixels and {path_b} {b.width}x{b.height}"
            raise DataError(f"{sizes}; make them equal, or let B be scaled to A with --resize")
        b = b.resize(a.size, Image.Resampling.BICUBIC)
    return side_by_side(a, b)


def side_by_side(a: Image.Image, b: Image.Image) -> Image.Image:
    """Two RGB images of one size (W, H) -> one (2 W, H)."""
    pair = Image.new("RGB", (2 * a.width, a.height))
    pair.paste(a, (0, 0))
    pair.paste(b, (a.width, 0))
    return pair
