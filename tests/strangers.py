"""Requests as strangers make them, without the client of Gradio, and what an answer must not tell."""

import io
import json
import math
import os
import re
import secrets

import numpy as np
from conftest import ROOT
from PIL import Image
from sketches import bomb, sketch

JSON = {"Content-Type": "application/json"}


def ask(http, function: dict, data: list) -> tuple[bool, object]:
    """(True, output) or (False, error) of a call through the queue, as the page and all clients make it."""
    session = secrets.token_hex(5)
    body = json.dumps({"data": data, "fn_index": function["id"], "session_hash": session})
    joined = http.post("/gradio_api/queue/join", content=body, headers=JSON)
    if joined.status_code != 200:
        assert 400 <= joined.status_code < 500, joined.text
        return False, joined.json()["detail"]
    with http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "process_completed":
                output = message["output"]
                return message["success"], output["data"] if message["success"] else output["error"]
    raise AssertionError("no answer")


def upload(http, content: bytes, name: str = "drawing.png") -> dict:
    path = http.post("/gradio_api/upload", files={"files": (name, content)}).json()[0]
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


PATHS = re.compile(rf"{re.escape(str(ROOT))}|{re.escape(os.path.expanduser('~'))}/|/tmp/|site-packages|Traceback")


def assert_clear(done: bool, answer: object) -> None:
    """An output, or a sentence that tells nothing of the machine."""
    if not done:
        assert isinstance(answer, str), answer
        assert len(answer) > 10
        assert not PATHS.search(answer), answer


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pictures() -> dict[str, bytes]:
    rotated = Image.Exif()
    rotated[274] = 6
    deep = Image.fromarray(np.linspace(0, 65535, 1200).astype(np.uint16).reshape(30, 40))
    return {
        "png": encoded(sketch((60, 40)), "PNG"),
        "palette": encoded(sketch((60, 40), "P"), "PNG"),
        "alpha": encoded(sketch((60, 40), "LA"), "PNG"),
        "16-bit": encoded(deep, "PNG"),
        "16-bit tiff": encoded(deep, "TIFF"),
        "float tiff": encoded(Image.new("F", (9, 9), math.nan), "TIFF"),
        "lab tiff": encoded(sketch((60, 40)).convert("LAB"), "TIFF"),
        "cmyk": encoded(sketch((60, 40), "CMYK"), "JPEG"),
        "rotated": encoded(sketch((60, 40)), "JPEG", exif=rotated),
        "animation": encoded(sketch((60, 40)), "GIF", save_all=True, append_images=[sketch((60, 40)).rotate(9)]),
        "webp": encoded(sketch((60, 40)), "WEBP"),
        "one pixel": encoded(Image.new("1", (1, 1)), "PNG"),
        "a line": encoded(Image.new("RGB", (5000, 1)), "PNG"),
    }


PICTURES = pictures()
NO_PICTURES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(/etc/passwd) (r) file\nshowpage\n",
    "html": b"<script>alert(1)</script>",
    "empty": b"",
    "bomb": bomb(),
}
PLACES = [
    *("/etc/passwd", "../../etc/passwd", str(ROOT / "app.py"), "app.py", ".git/config", "/proc/self/environ", "", "\0"),
    *("http://127.0.0.1:1/x.png", "http://169.254.169.254/latest/meta-data", "https://huggingface.co", "file:///etc"),
]
