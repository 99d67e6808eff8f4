"""Picture files of some kilobytes or megabytes that keep a reader busy for minutes, or fill its memory."""

import io
import struct
import zlib

from PIL import Image


def encoded(kind: str, size=(9, 9), mode="L", **options) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else 0).save(buffer, kind, **options)
    return buffer.getvalue()


def many_scans(count: int, side: int = 2000) -> bytes:
    """A progressive JPEG that refines its last coefficients again and again: 24 bytes and 10 ms each."""
    whole = encoded("JPEG", (side, side), progressive=True)
    last = whole[whole.rfind(b"\xff\xda") : -2]
    return whole[:-2] + count * last + whole[-2:]


def many_comments(count: int) -> bytes:
    """A GIF with one comment in pieces of 255 letters, which Pillow copies with each of them."""
    whole = encoded("GIF")
    head = 13 + 3 * 2 ** ((whole[10] & 7) + 1)
    return whole[:head] + b"\x21\xfe" + count * (b"\xff" + bytes(255)) + b"\0" + whole[head:]


def many_runs(count: int, side: int = 8000) -> bytes:
    """A BMP of runs of one pixel, read by a loop in Python."""
    runs = count * b"\x01\x00"
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(runs), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(runs), 0, 0, 1078) + info + bytes(1024) + runs


def many_tiles(side: int) -> bytes:
    """A TIFF in tiles of one pixel, all at the same place of the file."""
    count = side * side
    places, lengths = count * struct.pack("<I", 8), count * struct.pack("<I", 1)
    tags = [(256, 1, side), (257, 1, side), (258, 1, 8), (259, 1, 1), (262, 1, 1)]
    tags += [(322, 1, 1), (323, 1, 1), (324, count, 8), (325, count, 8 + len(places))]
    return b"II*\0" + struct.pack("<I", 8 + 2 * len(places)) + places + lengths + directory(tags)


def overlapping_tags(count: int = 60_000, size: int = 700_000) -> bytes:
    """A TIFF with so many tags, each of which says that these bytes are its own."""
    tags = [(256, 1, 1), (257, 1, 1), (258, 1, 8), (259, 1, 1), (262, 1, 1), (273, 1, 8), (278, 1, 1), (279, 1, 1)]
    tags += [(1000 + i, size // 4, 8) for i in range(count)]
    return b"II*\0" + struct.pack("<I", 8 + size) + bytes(size) + directory(tags)


def directory(tags: list[tuple[int, int, int]]) -> bytes:
    """(number, count, value or place) each, of four bytes."""
    entries = b"".join(struct.pack("<HHII", number, 4, count, value) for number, count, value in tags)
    return struct.pack("<H", len(tags)) + entries + bytes(4)


def png_with(kind: bytes, data: bytes, count: int = 1) -> bytes:
    """A PNG with so many such chunks before its pixels."""
    whole = encoded("PNG")
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return whole[:33] + count * chunk + whole[33:]
