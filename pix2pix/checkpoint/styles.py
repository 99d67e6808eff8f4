"""The built-in styles of a checkpoint, an entry of its config.json. Anyone may have written it, so it is checked."""

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from ..errors import CheckpointError, DataError
from ..imaging.style import NUMBERS
from .store import CONFIG, read_short

MOST_STYLES, LONGEST_NAME, LARGEST_NUMBER = 64, 40, 8.0


@dataclass(frozen=True)
class BuiltInStyle:
    """A style that comes with a checkpoint: the name to show, and its numbers (see imaging/style.py)."""

    name: str
    numbers: tuple[float, ...]


def read_styles(config: dict, style_dim: int) -> list[BuiltInStyle]:
    """The built-in styles of a checkpoint's config.json.

    Raises:
        CheckpointError: they don't fit a network with `style_dim` numbers.
    """
    if style_dim == 0:
        return []
    if style_dim != NUMBERS:
        raise CheckpointError(f"{CONFIG} has style_dim {style_dim}: this version knows styles of {NUMBERS} numbers")
    entries = config.get("styles", [])
    try:
        styles = [BuiltInStyle(entry["name"], tuple(map(float, entry["numbers"]))) for entry in entries[:MOST_STYLES]]
    except (TypeError, ValueError, KeyError, OverflowError):  # OverflowError: 10**400 is valid JSON, but no float
        styles = None
    if styles is None or not all(map(fits, styles)):
        raise CheckpointError(
            f"{CONFIG} has styles that can't be read: expected a list of name (up to {LONGEST_NAME} letters) and "
            f"{NUMBERS} numbers each"
        )
    return styles or [BuiltInStyle("plain", (0.0,) * NUMBERS)]


def fits(style: BuiltInStyle) -> bool:
    numbers = all(isfinite(x) and abs(x) <= LARGEST_NUMBER for x in style.numbers) and len(style.numbers) == NUMBERS
    if not (numbers and isinstance(style.name, str)):
        return False
    return 0 < len(style.name) <= LONGEST_NAME and style.name.isprintable()  # a lone surrogate would break an answer


def styles_of_file(file: str | Path) -> list[dict]:
    """Reads a JSON file of styles, a list of {"name", "numbers"}, for the config.json of a checkpoint in training.

    Raises:
        DataError: there is no such file, or it holds no styles.
    """
    try:
        entries = json.loads(read_short(Path(file)))
        read_styles({"styles": entries}, NUMBERS)
    except (OSError, ValueError, RecursionError, CheckpointError):
        raise DataError(
            f"{file} is no list of styles: expected JSON like "
            f'[{{"name": "tan leather", "numbers": [{NUMBERS} numbers]}}]'
        ) from None
    return entries
