"""Writes files completely or not at all: under another name, flushed to the disk, then renamed.

Even if the process is killed, a file is either the old or the new one, never half of it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from .errors import DiskError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Gives the path to write to. When the block ends without an error, that file becomes `target`.

    The path has a name that nobody else uses, so the next run replaces what a killed one left. It has the ending of
    `target`, from which writers of pictures know the format. A link of that name is not followed: it may lead to
    another file of somebody's.

    Raises:
        DiskError: the disk is full or can't be written to; `target` is unchanged.
    """
    aside = target.with_name(f".writing-{target.name}")
    with written(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        try:
            yield aside
            replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def written(target: Path) -> Iterator[None]:
    """Turns a failure to write `target` into a DiskError of one sentence."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or str(error).rpartition("I/O error: ")[2].partition(" (os error")[0]
        raise DiskError(f"{target} can't be written ({why}); what was there before is kept") from error


def clear(folder: Path) -> None:
    """Deletes a folder that a killed run may have left. A link in its place is not followed."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def replace(file: Path, target: Path) -> None:
    """Renames a finished file onto `target`, readable for all (0644), after its bytes have reached the disk."""
    file.chmod(0o644)  # safetensors makes it readable for its owner only
    with open(file, "rb+") as handle:
        os.fsync(handle.fileno())
    os.replace(file, target)
