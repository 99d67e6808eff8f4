"""Reads the headers and the ends of many image files, but not their pixels, before hours of work on them.

Ten thousand files take about a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image
from tqdm import tqdm

from ..errors import DataError
from ..imaging.rgb import FORMATS
from .image_files import some

ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9", "GIF": b";"}
TURNED = (5, 6, 7, 8)  # values of the EXIF orientation for pictures on their side
NAMED = 5  # most bad files that a message names


@dataclass(frozen=True)
class Header:
    """Width and height of an image file, upright as in `open_rgb`, and the bits that its pixels may lose there."""

    file: Path
    size: tuple[int, int]
    bits_lost: str = ""  # "range" of one channel of 16 bits, "lower" 8 bits of several; see `notes_on_depth`


def read_header(file: Path) -> Header:
    """Reads the header of one file. A file that looks cut is read as a whole, as other data may follow the picture.

    Raises:
        Exception: any error of PIL's readers; the file is no picture.
    """
    with open(file, "rb") as handle, Image.open(handle, formats=FORMATS) as image:
        orientation = image.getexif().get(0x0112) if "exif" in image.info else 1
        width, height = image.size
        size = (height, width) if orientation in TURNED else (width, height)
        lost = "range" if image.mode == "F" or image.mode.startswith("I") else ""
        if not lost and any(";16" in str(tile[3]) for tile in image.tile):
            lost = "lower"
        if looks_cut(handle, image.format):
            image.load()
    return Header(file, size, lost)


def looks_cut(handle: BinaryIO, kind: str | None) -> bool:
    """Whether the file does not end as its format should."""
    place = handle.tell()
    end = ENDS.get(kind or "", b"")
    length = handle.seek(0, 2)
    handle.seek(max(0, length - len(end)))
    whole = handle.read() == end
    if kind == "WEBP":  # its header holds the length of the rest
        handle.seek(4)
        whole = int.from_bytes(handle.read(4), "little") + 8 <= length
    handle.seek(place)
    return not whole


def read_headers(files: Sequence[Path]) -> list[Header]:
    """The headers of all files, in their order.

    Raises:
        DataError: some files can't be read or are cut; the message names them.
    """
    headers, broken = [], {}
    for file in tqdm(files, desc="looking at the files", unit="files", leave=False, delay=2):
        try:
            headers.append(read_header(file))
        except Exception as error:  # any error of PIL's readers
            broken[str(file)] = reason(error)
    if broken:
        names = ", ".join(f"{name} ({why})" for name, why in list(broken.items())[:NAMED])
        raise DataError(
            f"{len(broken)} of the {len(files)} images can't be read or are cut: {names}"
            f"{', ...' if len(broken) > NAMED else ''}; replace them or take them away"
        )
    return headers


def reason(error: Exception) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        return "no image"
    return getattr(error, "strerror", None) or " ".join(str(error).split())[:80] or type(error).__name__


def notes_on_depth(headers: Sequence[Header]) -> list[str]:
    """Sentences about files with more than 8 bits a channel, which networks don't read."""
    grey = [header.file.name for header in headers if header.bits_lost == "range"]
    color = [header.file.name for header in headers if header.bits_lost == "lower"]
    notes = []
    if grey:
        notes.append(
            f"grey images of more than 8 bits: {len(grey)} ({some(grey)}); where no value is above 255, all are kept; "
            "up to 4095 they are taken as 12 bits, beyond that as 16, and become 8 bits; fractions from 0 to 1 are "
            "stretched"
        )
    if color:
        notes.append(
            f"colour images of 16 bits a channel: {len(color)} ({some(color)}); the upper 8 of them are read, so "
            "stretch them first if their values are small"
        )
    return notes
