"""The files of visitors: uploads, and pictures on their way to programs. In a folder of their own, for minutes only.
All other temporary files of the process lie there too, such as those of a request that broke off.

The page itself leaves none; its drawings and pictures travel inside messages.

Gradio's `delete_cache` would do this, were it not for three faults: its timer dies for good when a file comes while
it looks, it never deletes folders, and it remembers the names of deleted files.
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

SECONDS_KEPT = 300  # longer than anything waits in the queue
SECONDS_BETWEEN = 30


class Sweep:
    """Deletes what has been in `folder` for long, and lets Gradio forget the names in `remembered`.

    How long is counted from when it was first seen: the clock of the machine may be set, forward or back.
    """

    def __init__(self, folder: Path, remembered: list[set[str]]):
        self.folder, self.remembered = str(folder), remembered
        self.seen: dict[tuple, float] = {}  # what is there, and since when

    def __call__(self, age: float) -> None:
        """Deletes what has been there for `age` seconds; sockets stay, which others may still look for."""
        now, seen = time.monotonic(), {}
        for place, _, names in os.walk(self.folder, topdown=False):
            for path in [*(os.path.join(place, name) for name in names), place]:
                with contextlib.suppress(OSError):  # a folder that is not empty, a file that has gone
                    status = os.lstat(path)
                    thing = path, status.st_ino, status.st_ctime_ns  # another one once it is written anew
                    seen[thing] = self.seen.get(thing, now)
                    if now - seen[thing] > age and path != self.folder and not stat.S_ISSOCK(status.st_mode):
                        os.rmdir(path) if path == place else os.unlink(path)
        self.seen = seen
        for names in self.remembered:
            names.difference_update([name for name in list(names) if not os.path.exists(name)])


@contextlib.contextmanager
def kept_clean(remembered: list[set[str]]) -> Iterator[None]:
    """The folder, named by GRADIO_TEMP_DIR, as long as the app runs: swept now and then, deleted at the end."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # Gradio may have made it already, for everybody
    before = tempfile.tempdir
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)  # of this process, and of those that it starts
    sweep = Sweep(folder, remembered)

    def forever() -> None:
        while True:
            time.sleep(SECONDS_BETWEEN)
            sweep(SECONDS_KEPT)

    threading.Thread(target=forever, name="storage", daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # how servers are stopped: with the end below
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
