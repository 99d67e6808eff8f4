"""Keeps visitors' files in one folder and deletes them after minutes: uploads, and pictures for programs. The folder
also has all other temporary files of the process, such as those of an interrupted request.

The page itself leaves no files: its drawings and pictures travel inside messages.

Gradio's `delete_cache` is not used, because it has three faults: its timer stops for good if a file is added while it
runs, it never deletes folders, and it remembers the names of deleted files.
"""

import contextlib
import os
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS_KEPT = 600  # longer than any wait in the queue: 64 uploads at 10 seconds each, two at a time
SECONDS_BETWEEN = 30


def private(folder: str | Path) -> None:
    """Creates a folder that other users can't read. Gradio may have created it readable for all."""
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o700)


class Sweep:
    """Deletes old files in `folder`, and removes their names from Gradio's sets in `remembered`.

    Where somebody else has deleted the folder, such as a program that cleans /tmp, it creates it again.

    A file's age is counted from when it was first seen, because the machine's clock may be changed.
    """

    def __init__(self, folder: Path, remembered: list[set[str]]):
        self.folder, self.remembered = str(folder), remembered
        self.seen: dict[tuple, float] = {}  # file -> when it was first seen

    def __call__(self, age: float) -> None:
        """Deletes files that are older than `age` seconds. Sockets are kept, because other programs may use them."""
        with contextlib.suppress(OSError):  # a full disk
            private(self.folder)
        now, seen = time.monotonic(), {}
        for place, _, names in os.walk(self.folder, topdown=False):
            for path in [*(os.path.join(place, name) for name in names), place]:
                with contextlib.suppress(OSError):  # the folder is not empty, or the file is gone
                    status = os.lstat(path)
                    thing = path, status.st_ino, status.st_ctime_ns  # a file that is written again counts as new
                    seen[thing] = self.seen.get(thing, now)
                    if now - seen[thing] > age and path != self.folder and not stat.S_ISSOCK(status.st_mode):
                        os.rmdir(path) if path == place else os.unlink(path)
        self.seen = seen
        for names in self.remembered:
            names.difference_update([name for name in list(names) if not os.path.exists(name)])


@contextlib.contextmanager
def kept_clean(remembered: list[set[str]]) -> Iterator[None]:
    """Creates the folder named by GRADIO_TEMP_DIR, sweeps it now and then, and deletes it at the end."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    private(folder)
    before = tempfile.tempdir
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)  # for this process and its children
    sweep = Sweep(folder, remembered)

    def forever() -> None:
        while True:
            time.sleep(SECONDS_BETWEEN)
            sweep(SECONDS_KEPT)

    threading.Thread(target=forever, name="storage", daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # servers are stopped by SIGTERM; run the code below
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
