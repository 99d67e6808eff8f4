"""The files of visitors: uploads, and pictures on their way to programs. In a folder of their own, for minutes only.

The page itself leaves none; its drawings and pictures travel inside messages.

Gradio's `delete_cache` would do this, were it not for three faults: its timer dies for good when a file comes while
it looks, it never deletes folders, and it remembers the names of deleted files.
"""

import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS_KEPT = 300  # longer than anything waits in the queue
SECONDS_BETWEEN = 30


def sweep(folder: Path, remembered: list[set[str]], age: float) -> None:
    """Deletes what has been in `folder` for `age` seconds, and lets Gradio forget the names in `remembered`."""
    latest = time.time() - age
    for place, _, names in os.walk(folder, topdown=False):
        for path in [*(os.path.join(place, name) for name in names), place]:
            with contextlib.suppress(OSError):  # a folder that is not empty, a file that has gone
                if os.stat(path).st_ctime < latest and path != str(folder):
                    os.rmdir(path) if path == place else os.unlink(path)
    for names in remembered:
        names.difference_update([name for name in list(names) if not os.path.exists(name)])


@contextlib.contextmanager
def kept_clean(remembered: list[set[str]]) -> Iterator[None]:
    """The folder, named by GRADIO_TEMP_DIR, as long as the app runs: swept now and then, deleted at the end."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # Gradio may have made it already, for everybody

    def forever() -> None:
        while True:
            time.sleep(SECONDS_BETWEEN)
            sweep(folder, remembered, SECONDS_KEPT)

    threading.Thread(target=forever, name="storage", daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # how servers are stopped: with the end below
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
