"""Files that are there as a whole or not at all: written aside, flushed to the disk, then renamed.

Whoever looks, and whenever a run is killed, a file is the old one or the new one, never half of one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from .errors import DiskError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Gives the path to write to; when the block ends without an error, that file becomes `target`.

    The path is `target` with a dot before its name, so what a kill leaves is written over by the next run.

    Raises:
        DiskError: the disk is full, or does not let itself be written; `target` is as it was.
    """
    aside = target.with_name(f".{target.name}")
    with written(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield aside
            replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def written(target: Path) -> Iterator[None]:
    """A failure to write `target` becomes one sentence."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or str(error).rpartition("I/O error: ")[2].partition(" (os error")[0]
        raise DiskError(f"{target} can't be written ({why}); what was there before is kept") from error


def replace(file: Path, target: Path) -> None:
    """Renames a finished file onto `target`, readable for all (0644), after its bytes have reached the disk."""
    file.chmod(0o644)  # safetensors writes for its owner alone, but others serve what one trains
    with open(file, "rb+") as handle:
        os.fsync(handle.fileno())
    os.replace(file, target)
