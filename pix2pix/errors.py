"""What a user is told in one sentence: errors that can be mended, shown without a traceback, and notes."""

import os
import sys
from collections.abc import Sequence


class UserError(Exception):
    """The base of all of them, but for files that can't be written: these are OSErrors, as anywhere."""


class DataError(UserError, ValueError):
    """A data set or an image that can't be used; the message names the file and what is expected."""


class CheckpointError(UserError, ValueError):
    """A checkpoint that can't be found or loaded; the message names it and says what to do."""


class HubError(UserError, ValueError):
    """An upload to the Hugging Face Hub that can't be done; the message says what to do. Nothing on disk is lost."""


class TrainingError(UserError, RuntimeError):
    """Training can't go on; the message says what to do. The last saved state is whole."""


class DiskError(OSError):
    """A file that can't be written, such as on a full disk; the message names it. Nothing that was there is lost."""


def some_of(names: Sequence[str], between: str = ", ", most: int = 20) -> str:
    """Names as a sentence lists them: all, or of many the first and how many there are."""
    return between.join(names) if len(names) <= most else f"{between.join(names[:most])} … ({len(names)})"


def note(*sentences: str) -> None:
    """Prints what a user should know and need not mend, beside the results; of torchrun's processes, one says it."""
    if os.environ.get("RANK", "0") == "0":
        for sentence in sentences:
            print(f"note: {sentence}", file=sys.stderr)
