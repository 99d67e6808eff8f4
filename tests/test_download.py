"""The downloader against a real HTTP server on loopback."""

import gzip
import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pix2pix.data.download import DATASETS, download
from pix2pix.errors import DataError

CONTENT = {"facades/train/1.jpg": bytes(range(256)) * 1000, "facades/val/2.jpg": b"two", "facades/test/3.jpg": b"3"}


def archive(files: dict[str, bytes], *special: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=0) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for member in special:
            tar.addfile(member)
    return buffer.getvalue()


class Server:
    """Serves `body` at /facades.tar.gz and remembers what was asked for."""

    def __init__(self, body: bytes):
        self.body = body
        self.ranges = True
        self.content_type = "application/gzip"
        self.cut_after: int | None = None  # bytes sent before the connection is closed
        self.chunked = False  # no Content-Length
        self.requests: list[str | None] = []  # the Range header of each request

        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.answer(self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers["Range"]
        self.requests.append(asked)
        handler.close_connection = True
        if handler.path != "/facades.tar.gz":
            handler.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.ranges else 0
        if asked and self.ranges and start >= len(self.body):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(self.body)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        body = self.body[start:]
        handler.send_response(206 if asked and self.ranges else 200)
        handler.send_header("Content-Type", self.content_type)
        if asked and self.ranges:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        if self.chunked:
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.wfile.write(b"%x\r\n" % len(body))
        else:
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
        handler.wfile.write(body[: self.cut_after])
        if self.chunked and self.cut_after is None:
            handler.wfile.write(b"\r\n0\r\n\r\n")

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server():
    server = Server(archive(CONTENT))
    yield server
    server.close()


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_downloads_and_unpacks_and_leaves_nothing_else(server, tmp_path):
    folder = download("facades", tmp_path / "new" / "data", base_url=server.url)
    assert folder == tmp_path / "new" / "data" / "facades"
    assert files_in(folder.parent) == CONTENT
    assert list(folder.parent.iterdir()) == [folder]


def test_a_link_in_the_place_of_what_a_killed_unpacking_left_is_not_followed(server, tmp_path):
    mine = tmp_path / "mine"
    (mine / "facades").mkdir(parents=True)
    (mine / "facades" / "own.txt").write_text("own")
    (tmp_path / ".facades.unpacking").symlink_to(mine)
    download("facades", tmp_path, base_url=server.url)
    assert files_in(mine) == {"facades/own.txt": b"own"}
    assert "own.txt" not in files_in(tmp_path / "facades")


def test_a_finished_folder_is_not_downloaded_again(server, tmp_path):
    download("facades", tmp_path, base_url=server.url)
    download("facades", tmp_path, base_url=server.url)
    assert len(server.requests) == 1


def test_a_python_that_cannot_unpack_safely_downloads_nothing(server, tmp_path, monkeypatch):
    monkeypatch.delattr(tarfile, "data_filter")  # as in the Python 3.11.2 of Debian 12
    with pytest.raises(DataError, match=r"Python 3\.11\.4"):
        download("facades", tmp_path, base_url=server.url)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("chunked", [False, True])
def test_resumes_where_the_connection_was_cut(server, tmp_path, chunked):
    server.cut_after, server.chunked = 100_000, chunked
    with pytest.raises(DataError, match=r"lost .* run the same command again to resume"):
        download("facades", tmp_path, base_url=server.url)
    assert [path.name for path in tmp_path.iterdir()] == ["facades.tar.gz.part"]
    got = (tmp_path / "facades.tar.gz.part").stat().st_size
    assert 0 < got <= 100_000

    server.cut_after = None
    download("facades", tmp_path, base_url=server.url)
    assert server.requests == [None, f"bytes={got}-"]
    assert files_in(tmp_path) == CONTENT


def test_starts_again_where_the_server_ignores_range(server, tmp_path):
    server.ranges = False
    (tmp_path / "facades.tar.gz.part").write_bytes(server.body[:1000])
    download("facades", tmp_path, base_url=server.url)
    assert files_in(tmp_path) == CONTENT


def test_a_complete_part_is_taken_as_it_is(server, tmp_path):
    (tmp_path / "facades.tar.gz.part").write_bytes(server.body)
    download("facades", tmp_path, base_url=server.url)
    assert server.requests == [f"bytes={len(server.body)}-"]
    assert files_in(tmp_path) == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(server, tmp_path):
    (tmp_path / "facades.tar.gz.part").write_bytes(server.body + b"more")
    download("facades", tmp_path, base_url=server.url)
    assert files_in(tmp_path) == CONTENT


def test_an_archive_left_by_a_killed_unpacking_is_not_downloaded_again(server, tmp_path):
    (tmp_path / "facades.tar.gz").write_bytes(server.body)
    (tmp_path / ".facades.unpacking" / "facades" / "train").mkdir(parents=True)
    (tmp_path / ".facades.unpacking" / "facades" / "train" / "half.jpg").write_bytes(b"half")
    download("facades", tmp_path, base_url=server.url)
    assert server.requests == []
    assert files_in(tmp_path) == CONTENT


def flipped(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]


@pytest.mark.parametrize(
    "body",
    [b"no archive at all", b"", archive(CONTENT)[:-100_000], flipped(archive(CONTENT)), archive({"other/1.jpg": b"1"})],
    ids=["text", "empty", "cut", "one bit flipped", "another set"],
)
def test_a_broken_archive_is_named_and_deleted(server, tmp_path, body):
    server.body = body
    with pytest.raises(DataError, match=r"facades\.tar\.gz is damaged .* run again"):
        download("facades", tmp_path, base_url=server.url)
    assert list(tmp_path.iterdir()) == []


def special(name: str, kind: bytes, target: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, target, size
    return member


def device() -> tarfile.TarInfo:
    member = special("facades/null", tarfile.CHRTYPE)
    member.devmajor, member.devminor = 1, 3
    return member


def packed(raw: bytes) -> bytes:
    return gzip.compress(raw)


def plain(files: dict[str, bytes], *more: tarfile.TarInfo, **options) -> bytes:
    """Without the zeros at the end, so that something may follow."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for member in more:
            tar.addfile(member)
        return buffer.getvalue()[: tar.offset]


def numberless() -> tarfile.TarInfo:
    """A sparse file whose map has no numbers."""
    member = special("facades/train/0.jpg", tarfile.REGTYPE)
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
    return member


END = bytes(10240)
BOMBS = {
    "a file of zeros": packed(plain(CONTENT | {"facades/train/0.jpg": bytes(4_000_000)}) + END),
    "empty files": packed(plain({f"facades/train/{i}.jpg": b"" for i in range(6_000)}) + END),
    "a long name": packed(plain(CONTENT | {"facades/" + "x" * 2_000_000: b"!"}, format=tarfile.GNU_FORMAT) + END),
    "a long header": packed(plain(CONTENT, format=tarfile.PAX_FORMAT, pax_headers={"comment": "x" * 2_000_000}) + END),
    "zeros at the end": packed(plain(CONTENT) + END + bytes(4_000_000)),
    "a sparse file": packed(plain(CONTENT, special("facades/train/0.jpg", tarfile.GNUTYPE_SPARSE, size=2**40)) + END),
    "a sparse file without numbers": packed(plain(CONTENT, numberless(), format=tarfile.PAX_FORMAT) + END),
}
ESCAPES = {
    "parent": archive(CONTENT | {"../escaped": b"!"}),
    "hidden parent": archive(CONTENT | {"facades/../../../escaped": b"!"}),
    "link out": archive(CONTENT, special("facades/out", tarfile.SYMTYPE, "../../..")),
    "link inside": archive(CONTENT, special("facades/inside", tarfile.SYMTYPE, "train")),
    "hard link": archive(CONTENT, special("facades/hard", tarfile.LNKTYPE, "/etc/hostname")),
    "link and a file through it": archive(
        {}, special("facades/a", tarfile.SYMTYPE, "../../.."), special("facades/a/escaped", tarfile.REGTYPE)
    ),
    "the folder is a link": archive({}, special("facades", tarfile.SYMTYPE, "/etc")),
    "fifo": archive(CONTENT, special("facades/fifo", tarfile.FIFOTYPE)),
    "device": archive(CONTENT, device()),
}
NAMES = {
    "escape sequence": archive(CONTENT | {"facades/train/\x1b]0;x\x07.jpg": b"!"}),
    "new line": archive(CONTENT | {"facades/train/a\nb.jpg": b"!"}),
    "right to left": archive(CONTENT | {"facades/train/gpj.\u202eexe": b"!"}),
    "no UTF-8": archive(CONTENT | {"facades/train/\udcff.jpg": b"!"}),
    "too long": archive(CONTENT | {f"facades/train/{'x' * 300}": b"!"}),
    "too deep": archive(CONTENT | {"facades/" + "x/" * 2000 + "1.jpg": b"!"}),
    "a file as a folder": archive(CONTENT | {"facades/train/1.jpg/2.jpg": b"!"}),
    "a folder as a file": archive(CONTENT | {"facades/train": b"!"}),
}
HOSTILE = BOMBS | ESCAPES | NAMES


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_archives_leave_nothing(server, tmp_path, body):
    server.body = body
    data = tmp_path / "a" / "b" / "data"
    with pytest.raises(DataError, match="damaged or unsafe") as caught:
        download("facades", data, base_url=server.url)
    assert str(caught.value).isprintable()
    assert files_in(tmp_path) == {}
    assert list(data.iterdir()) == []


def test_no_file_is_more_than_a_file(server, tmp_path):
    """Neither programs that may run as somebody else, nor files that nobody may read."""
    member = tarfile.TarInfo("facades/train/set.jpg")
    member.mode, member.uid, member.gid = 0o6777, 0, 0
    closed = tarfile.TarInfo("facades/train/closed.jpg")
    closed.mode = 0
    server.body = archive(CONTENT, member, closed)
    folder = download("facades", tmp_path, base_url=server.url)
    modes = {file.name: file.stat().st_mode & 0o7777 for file in (folder / "train").iterdir()}
    assert modes["set.jpg"] & 0o7022 == 0
    assert modes["closed.jpg"] & 0o600 == 0o600


def test_the_checksum_is_told_and_compared(server, tmp_path, capsys):
    right = hashlib.sha256(server.body).hexdigest()
    download("facades", tmp_path / "first", base_url=server.url)
    assert f"facades.tar.gz has the SHA-256 checksum {right}" in capsys.readouterr().out
    download("facades", tmp_path / "second", base_url=server.url, sha256=right.upper())
    with pytest.raises(DataError, match=rf"its SHA-256 checksum is {right}\) and was deleted"):
        download("facades", tmp_path / "third", base_url=server.url, sha256="0" * 64)
    assert list((tmp_path / "third").iterdir()) == []


def test_an_absolute_path_stays_in_the_folder(server, tmp_path):
    outside = tmp_path / "outside.jpg"
    server.body = archive(CONTENT | {str(outside): b"!"})
    download("facades", tmp_path / "data", base_url=server.url)
    assert not outside.exists()
    assert files_in(tmp_path / "data") == CONTENT


def test_an_unknown_name_lists_the_six(tmp_path):
    with pytest.raises(DataError) as caught:
        download("faces", tmp_path)
    assert len(DATASETS) == 6
    assert all(name in str(caught.value) for name in ("'faces'", *DATASETS))


def test_a_missing_file_and_a_missing_server_and_a_bad_address(server, tmp_path):
    with pytest.raises(DataError, match=r"maps\.tar\.gz can't be downloaded: the server answers 404"):
        download("maps", tmp_path, base_url=server.url)
    with pytest.raises(DataError, match=r"can't reach .*maps\.tar\.gz .*check the network"):
        download("maps", tmp_path, base_url="http://127.0.0.1:1")
    with pytest.raises(DataError, match="can't reach nonsense"):
        download("maps", tmp_path, base_url="nonsense")
    assert list(tmp_path.iterdir()) == []


def test_a_login_page_does_not_overwrite_the_part(server, tmp_path):
    server.ranges, server.content_type = False, "text/html; charset=utf-8"
    part = tmp_path / "facades.tar.gz.part"
    part.write_bytes(b"precious")
    with pytest.raises(DataError, match="web page"):
        download("facades", tmp_path, base_url=server.url)
    assert part.read_bytes() == b"precious"


def test_a_silent_server_times_out_with_a_clear_message(server, tmp_path):
    release = threading.Event()
    server.answer = lambda handler: release.wait(10)
    try:
        with pytest.raises(DataError, match="timed out"):
            download("facades", tmp_path, base_url=server.url, timeout=0.2)
    finally:
        release.set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, the device that is always full")
def test_a_full_disk_is_reported(server, tmp_path):
    (tmp_path / "facades.tar.gz.part").symlink_to("/dev/full")
    with pytest.raises(DataError, match=r"can't write to .*No space left on device; make room"):
        download("facades", tmp_path, base_url=server.url)


def test_a_destination_that_is_a_file(server, tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataError, match="can't write to"):
        download("facades", tmp_path / "data", base_url=server.url)
