"""Checks that the files of a folder can be pairs. Files that can't are an error; doubtful ones give a note."""

from collections.abc import Sequence
from pathlib import Path

from ..errors import DataError
from .image_files import some
from .image_headers import Header, notes_on_depth, read_headers


def check_pairs(files: Sequence[Path]) -> list[str]:
    """Reads the headers of all files, so that bad files are found before hours of training.

    Returns:
        sentences about files that may not be what was meant.

    Raises:
        DataError: files can't be read, are cut, or can't be halved; the message names some.
    """
    headers = read_headers(files)
    if odd := [header.file for header in headers if header.size[0] % 2]:
        width = headers[files.index(odd[0])].size[0]
        raise DataError(
            f"{some([str(file) for file in odd])}: {len(odd)} of the {len(files)} files have an odd width, such as "
            f"{width} pixels; a pair holds two images of one width side by side"
        )
    return notes_on_shape(headers) + notes_on_depth(headers)


def notes_on_shape(headers: Sequence[Header]) -> list[str]:
    """One sentence for each kind of file that seems to be no pair. Pairs of tall or wide pictures are possible too."""
    kinds: dict[str, list[Header]] = {}
    for header in headers:
        if advice := guess(*header.size):
            kinds.setdefault(advice, []).append(header)
    notes = []
    for advice, found in kinds.items():
        width, height = found[0].size
        notes.append(
            f"{len(found)} of the {len(headers)} files, such as {found[0].file} with {width}x{height} pixels, are cut "
            f"into halves of {width // 2}x{height}: {advice}"
        )
    return notes


def guess(width: int, height: int) -> str:
    """What a file may be that is not a pair of two rough squares; empty if it is one."""
    if abs(width - 2 * height) <= 0.1 * height:
        return ""
    if height >= 2 * width:
        return "if A lies above B there, put A at the left of B with `train.py combine`"
    if width == 3 * height:
        return "if there are three pictures in a row, cut them apart and join two with `train.py combine`"
    if width < 2 * height:
        return "if these are single photos, make pairs with `train.py outline` or `train.py combine`"
    return "if these are no pairs of wide pictures, make pairs with `train.py combine`"
