"""Encodes and decodes pictures that travel between browser and server."""

import base64
import io
import secrets
import struct
import zlib

from PIL import Image

LONGEST_FRAME = 2_000_000  # characters of a data URL; a 512-pixel drawing has about 100,000
LARGEST_SIDE = 1024
PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT")  # the chunks of a PNG that hold its pixels


class BadPicture(ValueError):
    """The input is not a picture, or is too large."""


def decode(url: str) -> Image.Image:
    """Decodes the PNG of a data URL.

    Raises:
        BadPicture: it is not a PNG data URL, or the picture is larger than the canvas sends.
    """
    if not isinstance(url, str) or len(url) > LONGEST_FRAME:
        raise BadPicture("not a data URL of reasonable length")
    head, _, body = url.partition(",")
    if head != "data:image/png;base64":
        raise BadPicture("not a PNG data URL")
    try:
        image = Image.open(io.BytesIO(bare(base64.b64decode(body, validate=True))), formats=["PNG"])
        small = max(image.size) <= LARGEST_SIDE
        if small:
            image.load()
            if image.mode == "P":
                image = image.convert("RGBA")  # fails where the palette lacks colours
    except Exception as error:  # any error of PIL's reader
        raise BadPicture("not a PNG") from error
    if not small:
        raise BadPicture("too many pixels")
    return image


def bare(png: bytes) -> bytes:
    """Removes texts, profiles and EXIF tags from a PNG, and joins the chunks of each kind.

    PIL would spend seconds on a frame of a hundred thousand chunks, and overlapping tags could fill the memory. Uploads
    are unpacked in a process that can be killed (see imaging/unpack.py), but that would slow down every frame.
    """
    pieces: dict[bytes, list[bytes]] = {kind: [] for kind in PIXELS}
    at = 8
    while at + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind in pieces:
            pieces[kind].append(png[at + 8 : at + 8 + length])
        at += 12 + length
    kept = {kind: b"".join(parts) for kind, parts in pieces.items() if parts} | {b"IEND": b""}
    return png[:8] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in kept.items()
    )


def data_url(image: Image.Image, lossless: bool) -> str:
    """Encodes a picture: as PNG if lossless, else as JPEG, which is quicker (0.1 ms) and half the size."""
    kind, options = ("png", {}) if lossless else ("jpeg", {"quality": 95, "subsampling": 0})
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return url_of(kind, buffer.getvalue())


def url_of(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def own_file(image: Image.Image) -> Image.Image:
    """Marks a picture for `gr.Image` or `gr.Gallery` so that it gets its own file.

    Gradio names the file after its content and writes it again each time. If two visitors get the same picture, the
    second write cuts the file that the first visitor is fetching.
    """
    image.info["request"] = secrets.token_hex(8)  # saved as a text chunk of the PNG
    return image
