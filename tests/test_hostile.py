"""What strangers may send: random, broken, foreign and oversized. The answer is a picture or a sentence.

More of the same random inputs: python -m pytest tests/test_hostile.py --hypothesis-profile=long
"""

import base64
import io
import json
import math
import os
import re
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import example, given
from hypothesis import strategies as st
from loopback_hub import environment, serve
from PIL import Image
from test_app import bomb, sketch

from pix2pix import UNetGenerator

JSON = {"Content-Type": "application/json"}

# --- requests -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def http(app_url):
    with httpx.Client(base_url=app_url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def functions(http) -> dict[str, dict]:
    """Every function of the app by its name: the named endpoints, and what only the page calls, as 'fn 12'."""
    found = {}
    for function in http.get("/config").json()["dependencies"]:
        if function["backend_fn"]:
            name = function["api_name"] if function["api_visibility"] == "public" else f"fn {function['id']}"
            found[name] = function
    return found


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


# --- values ---------------------------------------------------------------------------------------------------------


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


@st.composite
def damaged(draw) -> bytes:
    """A picture that is cut, or some bytes of which are others."""
    content = bytearray(draw(st.sampled_from(sorted(PICTURES.values()))))
    for _ in range(draw(st.integers(0, 8))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content[: draw(st.integers(0, len(content)))])


contents = st.sampled_from([*PICTURES.values(), *NO_PICTURES.values()]) | damaged() | st.binary(max_size=200)
PLACES = [
    *("/etc/passwd", "../../etc/passwd", str(ROOT / "app.py"), "app.py", ".git/config", "/proc/self/environ", "", "\0"),
    *("http://127.0.0.1:1/x.png", "http://169.254.169.254/latest/meta-data", "https://huggingface.co", "file:///etc"),
]
places = st.sampled_from(PLACES)
files = st.fixed_dictionaries(
    {"path": places | st.none(), "meta": st.just({"_type": "gradio.FileData"})},
    optional={"url": places | st.just("data:image/png;base64,iVBORw0KGgo="), "orig_name": st.text(max_size=9)},
)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_subnormal=False) | st.text(max_size=40) | files
plain |= st.sampled_from(
    [10**400, -(2**63), 2**64, "9" * 5000, "x" * 100_000, "handbags", "shoes", "3", "\ud800", "用"]
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)
likely = st.sampled_from([0, 1, 3, "3", "7", None, True, 1.5, "handbags", [], ["0", "2"]])


# --- endpoints ------------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_every_function_answers_anything_with_an_output_or_a_sentence(http, functions, data):
    """Also those that only the page calls: anybody can call them."""
    function = functions[data.draw(st.sampled_from(sorted(functions)), label="function")]
    count = len(function["inputs"])
    if data.draw(st.integers(0, 9), label="other count") == 0:
        count = data.draw(st.integers(0, count + 2))
    arguments = [data.draw(likely | values) for _ in range(count)]
    assert_clear(*ask(http, function, arguments))


@given(
    content=contents,
    name=st.sampled_from(["a.png", "a.svg", "a.gif", "a", "../../a.png", "a.html", "\0.png", "用.png"]),
)
@example(content=bomb(), name="a.png")
def test_every_file_is_painted_or_refused(http, functions, content, name):
    done, answer = ask(http, functions["translate"], [upload(http, content, name), None, None])
    assert_clear(done, answer)
    if not done:
        assert re.search("not an image|too large|empty", answer), answer
    assert done or content not in PICTURES.values()


@given(data=values, name=st.sampled_from(["paint", "trace"]))
def test_the_live_canvas_answers_anything(http, easel, data, name):
    turn = {"image": drawing_url(), "model": "handbags", "page": data, "turn": data}
    for payload in (data, {"image": data, "model": "handbags"}, {"image": drawing_url(), "model": data}, turn):
        answer = call_server(http, easel, name, payload)
        assert answer.status_code == 200
        error = answer.json().get("error")
        assert error in (None, "frame_bad") or "neither in the list nor a Hugging Face id" in error or "a name" in error


@pytest.fixture(scope="module")
def easel(http) -> int:
    return next(c["id"] for c in http.get("/config").json()["components"] if c["props"].get("elem_id") == "easel")


def drawing_url() -> str:
    return "data:image/png;base64," + base64.b64encode(PICTURES["png"]).decode()


def call_server(http, component: object, name: object, payload: object) -> httpx.Response:
    body = {"data": payload, "component_id": component, "fn_name": name, "session_hash": "hostile"}
    return http.post("/gradio_api/component_server", content=json.dumps(body), headers=JSON)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"data": 1}', b"\xff\xfe", b"[" * 100_000, b"9" * 10_000]
)
@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/x"]
)
def test_bodies_that_are_no_calls_get_a_status(http, content, kind):
    for route in ("component_server", "queue/join", "call/translate", "call/v2/translate", "upload", "cancel", "mcp/"):
        answer = http.post(f"/gradio_api/{route}", content=content, headers={"Content-Type": kind})
        assert answer.status_code < 500, (route, answer.status_code)
        assert not PATHS.search(answer.text)


# --- files and addresses of others ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def secret(tmp_path_factory) -> Path:
    """A picture on the server's machine that is none of the visitors' business."""
    path = tmp_path_factory.mktemp("private") / "secret.png"
    sketch((33, 33)).save(path)
    return path


@pytest.fixture
def listener():
    """An address of the server's own network; tells whether somebody came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except BlockingIOError:
        return True
    return False


def variants(path: str) -> list[dict]:
    meta = {"_type": "gradio.FileData"}
    return [
        {"path": path, "meta": meta},
        {"path": path, "url": path, "meta": meta, "orig_name": "a.png"},
        {"path": None, "url": path, "meta": meta},
        {"path": path, "is_stream": True, "meta": meta},
        {"path": f"/gradio_api/file={path}", "meta": meta},
        {"path": path},
        {"url": path},
    ]


def forms(name: str, place: str) -> list[dict]:
    """All of them for the named endpoints; for what only the page calls, the one that Gradio itself acts on."""
    return variants(place)[:1] if name.startswith("fn ") else variants(place)


def test_no_function_reads_a_file_of_the_machine(http, functions, secret):
    for name, function in functions.items():
        for place in (str(secret), os.path.relpath(secret, ROOT), "app.py"):
            for file in forms(name, place):
                done, answer = ask(http, function, [file] * len(function["inputs"]))
                if isinstance(answer, str):
                    answer = re.sub(r"\{.*", "{what was sent}", answer)
                assert_clear(done, answer)
                assert not (done and name == "translate"), file


def test_no_function_opens_an_address(http, functions, listener):
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
    for name, function in functions.items():
        for file in forms(name, url):
            assert_clear(*ask(http, function, [file] * len(function["inputs"])))
    assert nobody_came(listener)
    done, answer = ask(http, functions["translate"], [*variants("https://huggingface.co/x.png")[:1], None, None])
    assert not done
    assert answer == "This app opens no addresses: send the picture itself, as a file or as a data URL."


def test_no_route_reads_a_file_of_the_machine(http, secret, listener):
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
    climb = "../" * 12
    for place in (*PLACES, str(secret), f"{climb}{secret}", f"..%2f..%2f..{secret}", f"{climb}etc/passwd", url):
        for route in (
            "gradio_api/file=",
            "gradio_api/file/",
            "gradio_api/proxy=",
            "static/",
            "assets/",
            "svelte/",
            "?deep_link=",
        ):
            answer = http.get(f"/{route}{quote(place, safe='/:%')}", follow_redirects=False)
            assert answer.status_code in (200, 302, 307, 400, 403, 404, 405), (route, place)
            assert answer.content[:4] != secret.read_bytes()[:4]
            assert "root:" not in answer.text
            assert "def main" not in answer.text
            assert answer.headers.get("location", "/").startswith(("/", str(http.base_url))), (route, place)
    assert nobody_came(listener)


@pytest.mark.parametrize("name", ["../../../../tmp/bad.png", "/tmp/bad.png", "..\\bad.png", "a/../../b.png"])
def test_uploads_stay_in_their_folder(http, name):
    path = Path(upload(http, PICTURES["png"], name)["path"])
    assert re.fullmatch(r"pix2pix-\w{16}", path.parents[1].name)
    assert path.exists()
    assert path.parents[1].stat().st_mode & 0o077 == 0  # for this app alone


def test_uploaded_pages_do_not_run_in_the_visitors_browser(http):
    for name, content in (("a.html", NO_PICTURES["html"]), ("a.svg", NO_PICTURES["svg"])):
        answer = http.get("/gradio_api/file=" + upload(http, content, name)["path"])
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")


CLOSED = [
    *("gradio_api/run/translate", "gradio_api/api/translate", "gradio_api/vibe-edit", "gradio_api/process_recording"),
    *("gradio_api/deep_link?session_hash=x", "gradio_api/proxy=https://a.hf.space/", "gradio_api/runs", "monitoring"),
    *("gradio_api/stream/x", "gradio_api/custom_component/image/client/component/index.js", "monitoring/summary"),
]


@pytest.mark.parametrize("route", CLOSED)
def test_what_the_app_does_not_use_is_closed(http, route):
    for method in ("GET", "POST"):
        answer = http.request(method, f"/{route}", json={"data": []} if method == "POST" else None)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such address here.")


def test_an_mcp_tool_opens_no_address(app_url, listener):
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
    call = {"name": "translate", "arguments": {"image": url}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    answer = httpx.post(app_url + "/gradio_api/mcp/", json=body, headers=headers, timeout=60)
    assert "opens no addresses" in answer.text
    assert nobody_came(listener)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_large_requests_are_refused_before_they_are_read(http):
    large = bytes(22 * 2**20)
    pieces = [large[: 2**20]] * 22
    for route in ("component_server", "queue/join", "call/translate", "mcp/"):
        for content in (large, iter(pieces)):  # of known length, and not
            try:
                answer = http.post(f"/gradio_api/{route}", content=content, headers=JSON)
            except httpx.TransportError:
                continue  # the server hung up while we were still sending
            assert answer.status_code == 413
            assert "too large" in answer.text
    answer = http.post("/gradio_api/upload", files={"files": ("a.png", bytes(20 * 2**20 + 1))})
    assert answer.status_code == 413


@pytest.mark.parametrize("mode", ["RGBA", "I;16", "RGB"])
def test_the_largest_picture_is_painted_and_a_larger_one_refused(http, functions, mode):
    def answer(side: int):
        content = encoded(Image.new(mode, (side, side)), "PNG", compress_level=1)
        return ask(http, functions["translate"], [upload(http, content), None, None])

    assert answer(8000)[0]
    assert answer(8001) == (False, "The image is too large: at most 64 million pixels.")


# --- models that visitors name ----------------------------------------------------------------------------------------

NAMED = """
import sys
from pix2pix import CheckpointError
from pix2pix.ui.models import Models
models = Models(device="cpu")
for name in sys.argv[1:]:
    try:
        print("loaded", models.get(name).name)
    except CheckpointError as error:
        print(error)
"""


def test_visitors_get_public_models_of_moderate_size_only(tmp_path):
    """Whoever runs the app may have a token of the Hub, for models that are theirs alone."""
    for name, size in (("boots", 5), ("private", 5), ("giant", 10)):
        UNetGenerator(num_downs=size, ngf=1).save_pretrained(tmp_path / "models" / "maker" / name)
    with serve(tmp_path) as (hub, _):
        command = [sys.executable, "-c", NAMED, "maker/boots", "maker/private", "maker/giant", "../../etc"]
        variables = {**os.environ, **environment(hub, tmp_path / "cache")}
        run = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=300)
    said = run.stdout.splitlines()
    assert said[0] == "loaded maker/boots"
    assert "no such repository, or it is private" in said[1]
    assert said[2] == "maker/giant paints 1024 pixels: this app takes 512 at most"
    assert "neither in the list nor a Hugging Face id" in said[3]
