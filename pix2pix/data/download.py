"""Fetches the six data sets of the pix2pix paper from the authors' server.

The server publishes the sets for research, without a licence of its own. So the terms of each source apply; name the
source in what you publish:

  facades         CMP Facade Database, Tyleček and Šára 2013, https://cmp.felk.cvut.cz/~tylecr1/facade/
  cityscapes      Cityscapes, Cordts et al. 2016, non-commercial research only, https://www.cityscapes-dataset.com
  maps            pictures from Google Maps, under Google's terms
  edges2shoes     UT Zappos50K, Yu and Grauman 2014, academic and non-commercial use only
  edges2handbags  Amazon product photos collected for iGAN, Zhu et al. 2016
  night2day       Transient Attributes, Laffont et al. 2014

The edges were computed from the photos with HED (Xie and Tu 2015); see section 3 and the appendix of
https://arxiv.org/abs/1611.07004.
"""

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tqdm import tqdm

from ..atomic_files import clear
from ..errors import DataError

BASE_URL = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets"
DATASETS = ("facades", "maps", "cityscapes", "night2day", "edges2shoes", "edges2handbags")
BLOCK = 1 << 16  # bytes
MOST_UNFOLDED, MOST_HEADERS = 10, 10**6  # times the size of the archive; bytes beside each file
LONGEST_NAME, DEEPEST = 255, 8  # bytes; folders


def download(
    name: str,
    destination: str | Path = "data",
    base_url: str = BASE_URL,
    timeout: float = 60,
    sha256: str | None = None,
) -> Path:
    """Downloads and unpacks one set of pairs; returns its folder, `destination/name`.

    A folder that exists is returned as it is, because it gets its name only when all files are in it. A broken download
    leaves `destination/name.tar.gz.part`, which the next call continues. The archive is deleted after unpacking; until
    then both are on the disk, twice the size of the set.

    Args:
        name: one of `DATASETS`.
        base_url: address of the folder with `name.tar.gz`, for a mirror.
        timeout: seconds without a byte after which the connection counts as lost.
        sha256: checksum that the archive must have. The authors publish none. The checksum of the download is printed,
            so that you can compare it with others' and give it on the next machine.

    Raises:
        DataError: unknown name, Python before 3.11.4, no network, no such file, connection lost, wrong checksum,
            nothing can be written; or the archive is damaged, has paths outside its folder, or is much too large.
    """
    if name not in DATASETS:
        raise DataError(f"there is no data set {name!r}; choose one of {', '.join(DATASETS)}")
    folder = Path(destination) / name
    archive = folder.with_name(f"{name}.tar.gz")
    if folder.is_dir() and any(folder.iterdir()):
        return folder
    if not hasattr(tarfile, "data_filter"):
        raise DataError("unpacking data sets safely needs Python 3.11.4 or newer: install it, or unpack this by hand")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not archive.exists():
            fetch_file(f"{base_url.rstrip('/')}/{archive.name}", archive, timeout)
        print(f"{archive.name} has the SHA-256 checksum {unpack(archive, folder, sha256)}")
        archive.unlink()
    except OSError as error:
        message = f"can't write to {destination}: {error.strerror or error}"
        raise DataError(f"{message}; make room or choose another folder, then run again to go on") from error
    return folder


def fetch_file(url: str, target: Path, timeout: float) -> None:
    """Downloads `url` to `target`. Continues `target.part` if an earlier call left one.

    gzip's checksum tells later, when the archive is unpacked, whether the two parts fit.
    """
    part = target.with_name(f"{target.name}.part")
    offset = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "pix2pix"} | ({"Range": f"bytes={offset}-"} if offset else {})
    try:
        response = urlopen(Request(url, headers=headers), timeout=timeout)
    except HTTPError as error:
        if error.code != 416 or not offset:
            raise DataError(f"{url} can't be downloaded: the server answers {error.code} {error.reason}") from error
        # Nothing is left after `offset`: the part is complete. If it is longer than the file, the file has changed.
        size = error.headers.get("Content-Range", "").rpartition("/")[2]
        if not size.isdecimal() or int(size) == offset:
            os.replace(part, target)
        else:
            part.unlink()
            fetch_file(url, target, timeout)
        return
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise DataError(f"can't reach {url} ({reason}); check the network or the address and run again") from error

    with response:
        if response.headers.get_content_type() == "text/html":
            raise DataError(f"{url} is a web page, not an archive; does this network ask you to log in?")
        if response.status != 206:  # the server ignores Range and sends the file from its first byte
            offset = 0
        length = response.headers["Content-Length"]
        total = offset + int(length) if length else None
        bar = tqdm(desc=target.name, total=total, initial=offset, unit="B", unit_scale=True, unit_divisor=1024)
        with open(part, "ab" if offset else "wb") as file, bar:
            for block in read_blocks(response, url):
                file.write(block)
                bar.update(len(block))
    os.replace(part, target)


def read_blocks(response: HTTPResponse, url: str) -> Iterator[bytes]:
    """The body in blocks. Raises DataError if it is shorter than its Content-Length."""
    try:
        while block := response.read(BLOCK):
            yield block
        if response.length:  # fewer bytes came than the header announced
            raise ConnectionError("it was closed early")
    except (OSError, HTTPException) as error:
        raise DataError(f"the connection to {url} was lost ({error}); run the same command again to resume") from error


class Readable(Protocol):
    """A stream of bytes that can be read from start to end."""

    def read(self, size: int = ..., /) -> bytes: ...


class Hashed:
    """Reads the archive's bytes, and computes their checksum."""

    def __init__(self, file: Readable):
        self.file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.sum.update(block)
        return block

    def whole(self) -> str:
        """The checksum of the whole file, in hex digits."""
        while self.read(BLOCK):
            pass
        return self.sum.hexdigest()


class Bounded:
    """Limits the unpacked bytes. A small archive can unpack to terabytes, in its files or in their headers."""

    def __init__(self, content: Readable, most: int):
        self.content, self.left, self.until_next = content, most, MOST_HEADERS

    def read(self, size: int = -1) -> bytes:
        block = self.content.read(size)
        self.left -= len(block)
        self.until_next -= len(block)
        if min(self.left, self.until_next) < 0:
            raise tarfile.ReadError("it unfolds to far more than a set of pictures would")
        return block

    def accept(self, member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
        """tarfile's data filter, which also refuses links.

        The sets have no links, and links passed the filter of Python versions before mid 2025 (CVE-2025-4517).
        """
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise tarfile.SpecialFileError(member)
        parts = member.name.split("/")
        if (
            not member.name.isprintable()
            or len(parts) > DEEPEST
            or max(len(os.fsencode(p)) for p in parts) > LONGEST_NAME
        ):
            raise tarfile.ReadError(f"it holds a file with a name that no set has, {member.name[:40]!a}")
        self.until_next = member.size + MOST_HEADERS
        return tarfile.data_filter(member, path)


def unpack(archive: Path, folder: Path, sha256: str | None = None) -> str:
    """Unpacks the folder `folder.name` of a .tar.gz to `folder`, completely or not at all; returns the checksum.

    Raises:
        DataError: the archive is damaged, has a path outside the folder, or holds something else. It is deleted then,
            since a second try with it can't help.
    """
    scratch = folder.with_name(f".{folder.name}.unpacking")
    clear(scratch)
    size = archive.stat().st_size
    try:
        with (
            open(archive, "rb") as file,
            tqdm.wrapattr(file, "read", total=size, desc=f"unpacking {folder.name}") as counted,
            # Reading gzip from its start never seeks, whatever the type says.
            gzip.open(hashed := Hashed(counted)) as unzipped,  # pyright: ignore[reportArgumentType]
        ):
            content = Bounded(unzipped, MOST_UNFOLDED * size + MOST_HEADERS)
            # A stream of tar needs `read` alone, as its documentation says and its type does not.
            with tarfile.open(fileobj=content, mode="r|") as tar:  # pyright: ignore[reportArgumentType, reportCallIssue]
                tar.extractall(scratch, filter=content.accept)
            while content.read(BLOCK):  # read to the end, where gzip compares its checksum
                pass
            came = hashed.whole()
        if sha256 and sha256.strip().lower() != came:
            raise tarfile.ReadError(f"its SHA-256 checksum is {came}")
        if not (scratch / folder.name).is_dir():
            raise tarfile.ReadError(f"it holds no folder {folder.name}")
        os.replace(scratch / folder.name, folder)
        return came
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, *CLASHES) as error:
        archive.unlink()
        raise DataError(
            f"{archive} is damaged or unsafe ({error}) and was deleted; run again to download it anew"
        ) from error
    finally:
        clear(scratch)


CLASHES = (FileExistsError, NotADirectoryError, IsADirectoryError)  # a file and a folder have the same name
