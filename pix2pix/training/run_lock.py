"""One run at a time in a folder."""

import contextlib
import errno
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..atomic_files import written
from ..errors import TrainingError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)  # what systems answer where another process holds the lock


@contextlib.contextmanager
def run_lock(file: Path) -> Iterator[None]:
    """Holds a lock on `file` while the block runs.

    The system gives it back when the process ends, however that happens, so nobody has to clean up after a kill. Forked
    processes that read images have no part in it (as they would in that of `flock`), and may outlive their run.

    Raises:
        TrainingError: another process holds it.
        DiskError: the file can't be written.
    """
    with written(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = open(file, "a")  # noqa: SIM115 -- two lines below
    with handle:
        try:
            lock(handle)
        except OSError as error:
            if error.errno in TAKEN:
                raise TrainingError(
                    f"another training writes into {file.parents[1]} at this moment: wait for it, or choose another "
                    "--output_dir"
                ) from None
            # Some network disks have no locks. Better to train there without than not at all.
        yield


def lock(handle: IO[str]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
