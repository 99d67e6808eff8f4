"""The files of a site by their addresses, and how they get into a folder."""

import hashlib
import json
from pathlib import Path, PurePosixPath

from ...atomic_files import replacing
from ...errors import DataError

PAGE, WORKER, LIST = "index.html", "service_worker.js", "site.json"
LAST = (WORKER, PAGE)  # so that a page never names files that are not there


class Files(dict[str, bytes]):
    """{address: content}."""

    def keep(self, name: str, content: bytes) -> str:
        """Adds a file whose address, which is returned, holds a hash of its content: browsers may keep it for good."""
        address = f"files/{hashlib.sha256(content).hexdigest()[:16]}/{name}"
        self[address] = content
        return address

    def write(self, folder: Path) -> None:
        """Writes the files into a new folder, or in place of the site that is there. Others' files stay.

        Raises:
            DataError, DiskError: see `check`; or it can't be written.
        """
        before = check(folder)
        self._list(folder, {*before, *self})
        for name in sorted(self, key=lambda name: (name in LAST, name)):
            with replacing(folder / name) as aside:
                aside.write_bytes(self[name])
        for name in sorted({*before} - {*self}):
            (folder / name).unlink(missing_ok=True)
            for parent in PurePosixPath(name).parents[:-1]:
                if (folder / parent).is_dir() and not any((folder / parent).iterdir()):
                    (folder / parent).rmdir()
        self._list(folder, {*self})

    def _list(self, folder: Path, names: set[str]) -> None:
        with replacing(folder / LIST) as aside:
            aside.write_text(json.dumps({"files": sorted(names)}, indent=1))


def check(folder: Path) -> list[str]:
    """The names of the site's files that are in the folder; none where it is new or empty.

    Raises:
        DataError: the folder holds something else.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return []
    try:
        names = json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]
        return [name for name in names if not {"..", "/"} & {*PurePosixPath(name).parts}]
    except (OSError, ValueError, KeyError, TypeError):
        problem = f"{folder} exists and is not a site: name a new folder, or one that this command wrote"
        raise DataError(problem) from None
