"""Makes the side-by-side pairs that pix2pix trains on, from two folders of images, or from photos alone."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from ..atomic_files import clear
from ..errors import DataError, note
from ..imaging.rgb import LONGEST_SIDE, fit, open_rgb
from ..imaging.trace_outline import outline
from .image_files import list_folder, same_name, some, split_named
from .image_headers import notes_on_depth, read_headers


def combine(
    folder_a: str | Path,
    folder_b: str | Path,
    output: str | Path,
    resize: bool = False,
    val: int = 0,
) -> int:
    """Writes `output/train/NAME.png`, A on the left and B on the right, for every NAME in both folders.

    Images belong together when their names are equal without the ending (`A/1.png`, `B/1.jpg`). Capitals may differ if
    the match is unique. Sub-folders train, val (or valid, validation, dev) and test are kept; images outside of them
    are for training. The output gets its name only when all pairs are in it.

    Args:
        resize: scale B to the size of A if they differ.
        val: how many training pairs, evenly spread over their names, go into `output/val` instead.

    Returns:
        The number of pairs.

    Raises:
        DataError: no such folder, no images, images without a partner, two images of one name, sizes that
            differ, an image that can't be read, or an output that is there already.
    """
    with whole_folder(Path(output)) as scratch:
        images_a, images_b = find_images(folder_a), find_images(folder_b)
        pairs = partners(folder_a, images_a, folder_b, images_b)
        note(*notes_on_depth(read_headers([*images_a.values(), *images_b.values()])))
        places = held_out(pairs, val)
        for name, files in tqdm(pairs.items(), desc=f"combining into {output}", unit="pairs"):
            target = scratch / f"{places[name]}.png"  # PNG, because JPEG's 8x8 blocks would blur outlines and the seam
            target.parent.mkdir(parents=True, exist_ok=True)
            join(*files, resize).save(target)
    return len(pairs)


def outline_pairs(photos: str | Path, output: str | Path, size: int = 256, detail: float = 0.5, val: int = 0) -> int:
    """Writes `output/NAME.png`, the outline on the left and the photo on the right, for every photo of a folder.

    Sub-folders and `val` work as in `combine`; see `outline` for `size` and `detail`.

    Returns:
        The number of pairs.

    Raises:
        DataError: no such folder, no images, two of one name, one that can't be read, or an output that is there.
    """
    with whole_folder(Path(output)) as scratch:
        images = find_images(photos)
        note(*notes_on_depth(read_headers([*images.values()])))
        places = held_out(images, val)
        for name, path in tqdm(images.items(), desc=f"outlines into {output}", unit="pairs"):
            photo = fit(open_rgb(path), size)
            target = scratch / f"{places[name]}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            side_by_side(outline(photo, size, detail), photo).save(target)
    return len(images)


@contextlib.contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Gives a folder to fill. It is renamed to `output` at the end, and deleted if anything fails."""
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise DataError(f"{output} is there already; give a new folder, so that old and new pairs don't mix")
    scratch = output.absolute().with_name(f".{output.name}.combining")
    try:
        clear(scratch)
        yield scratch
        if output.exists():
            output.rmdir()
        os.replace(scratch, output)
    except OSError as error:
        raise DataError(f"can't write to {output}: {error.strerror or error}") from error
    finally:
        clear(scratch)


def find_images(folder: str | Path) -> dict[str, Path]:
    """{"train/1": folder/1.jpg or folder/train/1.jpg, "val/2": folder/val/2.jpg, ...}; says what it leaves out."""
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}")
    names = [name for name in os.listdir(folder) if split_named(name)]
    listing = list_folder(folder, read=names)
    splits = [(split_named(place.name), list_folder(place)) for place in listing.folders if place.name in names]
    found: dict[str, Path] = {}
    for split, listed in (("train", listing), *splits):
        for path in listed.images:
            name = f"{split}/{same_name(path.stem)}"
            if name in found:
                raise DataError(f"{found[name]} and {path} have the same name; which one is meant? Remove the other")
            found[name] = path
    left_out = [listed.left_out for listed in (listing, *(listed for _, listed in splits)) if listed.left_out]
    if not found:
        raise DataError("; ".join([f"no image in {folder} or its sub-folders train, val, test", *left_out]))
    note(*left_out)
    return found


def held_out(images: Mapping[str, object], val: int) -> dict[str, str]:
    """The new name of each pair: `val` of those in train, evenly spread, move to val; the others keep theirs.

    Raises:
        DataError: nothing would be left to train on, or val already has a pair of that name.
    """
    train = [name for name in images if name.startswith("train/")]
    if val and val >= len(train):
        raise DataError(f"--val {val} would leave nothing to train on: there are {len(train)} pairs in train")
    moved = {name: name.replace("train/", "val/", 1) for name in (train[i * len(train) // val] for i in range(val))}
    if twice := images.keys() & moved.values():
        raise DataError(f"{min(twice)} is there already: leave --val out")
    return {name: moved.get(name, name) for name in images}


def partners(
    folder_a: str | Path, images_a: dict[str, Path], folder_b: str | Path, images_b: dict[str, Path]
) -> dict[str, tuple[Path, Path]]:
    """The pairs by name. Names that differ in capitals only belong together if each side has one of them.

    Raises:
        DataError: an image has no partner.
    """
    pairs = {name: (path, images_b[name]) for name, path in images_a.items() if name in images_b}
    lonely_a, lonely_b = (without_capitals(images.keys() - pairs.keys()) for images in (images_a, images_b))
    for plain, (name, *more) in lonely_a.items():
        others = lonely_b.get(plain, [])
        if not more and len(others) == 1:
            pairs[name] = images_a[name], images_b[others[0]]
    check_partners(folder_a, images_a.keys() - pairs.keys())
    taken = {path for _, path in pairs.values()}
    check_partners(folder_b, {name for name, path in images_b.items() if path not in taken})
    return {name: pairs[name] for name in images_a}


def without_capitals(names: Iterable[str]) -> dict[str, list[str]]:
    """{"train/img_1": ["train/IMG_1"], ...}."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.casefold(), []).append(name)
    return groups


def check_partners(folder: str | Path, lonely: set[str]) -> None:
    if lonely:
        raise DataError(f"{len(lonely)} of the images in {folder} have no partner in the other folder: {some(lonely)}")


def join(path_a: Path, path_b: Path, resize: bool = False) -> Image.Image:
    """Joins two image files of one size (W, H) into an RGB image (2 W, H)."""
    a, b = open_rgb(path_a), open_rgb(path_b)
    if a.size != b.size:
        if not resize:
            sizes = f"{path_a} has {a.width}x{a.height} pixels and {path_b} {b.width}x{b.height}"
            raise DataError(f"{sizes}; make them equal, or let B be scaled to A with --resize")
        b = b.resize(a.size, Image.Resampling.BICUBIC)
    if 2 * a.width > LONGEST_SIDE:
        most = LONGEST_SIDE // 2
        raise DataError(f"{path_a} is {a.width} pixels wide: training takes at most {most} of each half")
    return side_by_side(a, b)


def side_by_side(a: Image.Image, b: Image.Image) -> Image.Image:
    """Joins two RGB images of one size (W, H) into one (2 W, H)."""
    pair = Image.new("RGB", (2 * a.width, a.height))
    pair.paste(a, (0, 0))
    pair.paste(b, (a.width, 0))
    return pair
