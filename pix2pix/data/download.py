"""Fetches the six data sets of the pix2pix paper from the authors' server.

The sets belong to others. The server publishes them for research without a licence of its own, so the
terms of each source hold; name the source in what you publish:

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
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tqdm import tqdm

from ..errors import DataError

BASE_URL = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets"
DATASETS = ("facades", "maps", "cityscapes", "night2day", "edges2shoes", "edges2handbags")
BLOCK = 1 << 16  # bytes


def download(name: str, destination: str | Path = "data", base_url: str = BASE_URL, timeout: float = 60) -> Path:
    """Downloads and unpacks one set of pairs; returns its folder, `destination/name`.

    A folder that is there already is returned as it is: it gets its name only when all files are in it.
    A broken download leaves `destination/name.tar.gz.part`, from which the next call goes on. The archive
    is deleted after unpacking; until then the disk holds both, twice the size of the set.

    Args:
        name: one of `DATASETS`.
        base_url: where `name.tar.gz` lies, for a mirror.
        timeout: seconds without a byte after which the connection counts as lost.

    Raises:
        DataError: unknown name, no network, no such file, connection lost, archive damaged or with paths
            outside its folder, or nothing can be written.
    """
    if name not in DATASETS:
        raise DataError(f"there is no data set {name!r}; choose one of {', '.join(DATASETS)}")
    folder = Path(destination) / name
    archive = folder.with_name(f"{name}.tar.gz")
    if folder.is_dir() and any(folder.iterdir()):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not archive.exists():
            fetch_file(f"{base_url.rstrip('/')}/{archive.name}", archive, timeout)
        unpack(archive, folder)
        archive.unlink()
    except OSError as error:
        message = f"can't write to {destination}: {error.strerror or error}"
        raise DataError(f"{message}; make room or choose another folder, then run again to go on") from error
    return folder


def fetch_file(url: str, target: Path, timeout: float) -> None:
    """Downloads `url` to `target`, going on with `target.part` where an earlier call left one.

    Whether the two parts fit is left to gzip's checksum when the archive is unpacked.
    """
    part = target.with_name(f"{target.name}.part")
    offset = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "pix2pix"} | ({"Range": f"bytes={offset}-"} if offset else {})
    try:
        response = urlopen(Request(url, headers=headers), timeout=timeout)
    except HTTPError as error:
        if error.code != 416 or not offset:
            raise DataError(f"{url} can't be downloaded: the server answers {error.code} {error.reason}") from error
        # Nothing to read after `offset`: the part is complete, unless it is longer than the file, which has changed.
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
            for block in blocks(response, url):
                file.write(block)
                bar.update(len(block))
    os.replace(part, target)


def blocks(response: HTTPResponse, url: str) -> Iterator[bytes]:
    """The body in blocks. Raises DataError if it is shorter than its Content-Length."""
    try:
        while block := response.read(BLOCK):
            yield block
        if response.length:  # bytes that the header announced and that never came
            raise ConnectionError("it was closed early")
    except (OSError, HTTPException) as error:
        raise DataError(f"the connection to {url} was lost ({error}); run the same command again to resume") from error


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks the folder `folder.name` of a .tar.gz to `folder`, all of it or nothing.

    Raises:
        DataError: damaged, with a path that leaves the folder, or of another content; the archive is
            deleted then, since running again with the same one can't help.
    """
    scratch = folder.with_name(f".{folder.name}.unpacking")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        with (
            open(archive, "rb") as file,
            tqdm.wrapattr(file, "read", total=archive.stat().st_size, desc=f"unpacking {folder.name}") as counted,
            gzip.open(counted) as content,
        ):
            with tarfile.open(fileobj=content, mode="r|") as tar:
                tar.extractall(scratch, filter=files_only)
            while content.read(BLOCK):  # gzip compares its checksum at the very end, which tar needn't reach
                pass
        if not (scratch / folder.name).is_dir():
            raise tarfile.ReadError(f"it holds no folder {folder.name}")
        os.replace(scratch / folder.name, folder)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        archive.unlink()
        raise DataError(
            f"{archive} is damaged or unsafe ({error}) and was deleted; run again to download it anew"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def files_only(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    """tarfile's data filter, and no links: the sets have none, and links got past the filter of
    Python versions before mid 2025 (CVE-2025-4517)."""
    if not (member.isreg() or member.isdir()):
        raise tarfile.SpecialFileError(member)
    return tarfile.data_filter(member, path)
