"""Pictures that tests send to the app, good and bad, and the way there."""

import io
import zlib

import numpy as np
from gradio_client import handle_file
from PIL import Image, ImageDraw


def sketch(size=(256, 256), mode="RGB") -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse(
        [size[0] * 0.2, size[1] * 0.3, size[0] * 0.8, size[1] * 0.9], outline="black", width=3
    )
    return image.convert(mode)


def translate(client, path, **options) -> np.ndarray:
    with Image.open(client.predict(handle_file(path), **options, api_name="/translate")) as picture:
        assert (picture.size, picture.mode) == ((256, 256), "RGB")
        return np.asarray(picture)


def bomb() -> bytes:
    """A PNG of 20,000 x 20,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = (20000).to_bytes(4, "big")
    header = side + side + bytes([1, 0, 0, 0, 0])
    pixels = zlib.compress(bytes(2501) * 200)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def png() -> bytes:
    buffer = io.BytesIO()
    sketch().save(buffer, "png")
    return buffer.getvalue()


BAD_FILES = {
    "notes.png": (b"no image at all", "not an image"),
    "empty.png": (b"", "not an image"),
    "cut.png": (png()[: len(png()) // 2], "not an image"),
    "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', "SVG"),
    "bomb.png": (bomb(), "too large"),
}
