"""Errors that the user can correct, shown as one sentence without a traceback, and notes."""

import os
import sys
import unicodedata
from collections.abc import Sequence


def in_one_line(text: str) -> str:
    """Names of files may hold line ends and commands to terminals; these become escapes, as in `repr`."""
    return "".join(ascii(c)[1:-1] if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


class UserError(Exception):
    """The base of these errors, except DiskError, which is an OSError."""

    def __str__(self) -> str:
        return in_one_line(super().__str__())


class DataError(UserError, ValueError):
    """A data set or an image can't be used; the message names the file and what is expected."""


class CheckpointError(UserError, ValueError):
    """A checkpoint can't be found or loaded; the message names it and says what to do."""


class HubError(UserError, ValueError):
    """An upload to the Hugging Face Hub failed; the message says what to do. Nothing on disk is lost."""


class TrainingError(UserError, RuntimeError):
    """Training can't continue; the message says what to do. The last saved state is intact."""


class DiskError(OSError):
    """A file can't be written, such as on a full disk; the message names it. Existing files are unchanged."""


def some_of(names: Sequence[str], between: str = ", ", most: int = 20) -> str:
    """Lists names in a sentence: all of them, or the first few and their number."""
    return between.join(names) if len(names) <= most else f"{between.join(names[:most])} … ({len(names)})"


def note(*sentences: str) -> None:
    """Prints notes to stderr; with torchrun, only one process prints them."""
    if os.environ.get("RANK", "0") == "0":
        for sentence in sentences:
            print(f"note: {in_one_line(sentence)}", file=sys.stderr)
