"""The files of a site by their addresses, and how they get into a folder."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ...atomic_files import replacing, written
from ...errors import DataError

PAGE, WORKER, LIST = "index.html", "service_worker.js", "site.json"
LAST = (WORKER, PAGE)  # so that a page never names files that are not there
ADDRESS = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)  # of a file in the folder, on every system


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
        before, now = check(folder), {name: checksum(content) for name, content in self.items()}
        keep_list(folder, before | now)
        for name in sorted(self, key=lambda name: (name in LAST, name)):
            with replacing(folder / name) as aside:
                aside.write_bytes(self[name])
        for name in sorted({*before} - {*self}):
            remove(folder, name, before[name])
        keep_list(folder, now)


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep_list(folder: Path, checksums: Mapping[str, str]) -> None:
    with replacing(folder / LIST) as aside:
        aside.write_text(json.dumps({"files": checksums}, indent=1, sort_keys=True))


def remove(folder: Path, name: str, expected: str) -> None:
    """Deletes a file of an older site, and folders that are empty then. A file with other content is somebody's own."""
    with written(folder / name):
        if not (folder / name).is_file() or checksum((folder / name).read_bytes()) != expected:
            return
        (folder / name).unlink()
        for parent in PurePosixPath(name).parents[:-1]:
            if any((folder / parent).iterdir()):
                return
            (folder / parent).rmdir()


def check(folder: Path) -> dict[str, str]:
    """The site's files that are in the folder, and their checksums; none where it is new or empty.

    Raises:
        DataError: the folder holds something else.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return {}
    try:
        files = json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]
        if all(ADDRESS.fullmatch(name) and isinstance(files[name], str) for name in files):
            return dict(files)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    raise DataError(f"{folder} exists and is not a site: name a new folder, or one that this command wrote")
