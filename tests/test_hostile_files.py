"""Files and addresses of others, and more than the app takes: what strangers must not get."""

import json
import os
import re
import socket
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import warm
from conftest import ROOT
from loopback_hub import environment, serve
from PIL import Image
from sketches import sketch
from strangers import JSON, NO_PICTURES, PICTURES, PLACES, ask, assert_clear, encoded, upload

from pix2pix import UNetGenerator

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
        relative = [variants(place)[0] for place in (os.path.relpath(secret, ROOT), "app.py")]
        for file in forms(name, str(secret)) + relative:
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


def test_an_upload_may_have_a_name_in_any_script(http, functions):
    """Its path, in a folder of 64 letters, is longer than a name."""
    file = upload(http, PICTURES["png"], "ハンドバッグの絵.png")
    assert len(file["path"]) > 100
    done, answer = ask(http, functions["translate"], [file, None, None])
    assert done, answer


def test_uploaded_pages_do_not_run_in_the_visitors_browser(http):
    for name, content in (("a.html", NO_PICTURES["html"]), ("a.svg", NO_PICTURES["svg"])):
        answer = http.get("/gradio_api/file=" + upload(http, content, name)["path"])
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")


CLOSED = [
    *("gradio_api/run/translate", "gradio_api/api/translate", "gradio_api/vibe-edit", "gradio_api/process_recording"),
    *("gradio_api/deep_link?session_hash=x", "gradio_api/proxy=https://a.hf.space/", "gradio_api/runs", "monitoring"),
    *("gradio_api/stream/x", "gradio_api/custom_component/image/client/component/index.js", "monitoring/summary"),
    *("openapi.json", "behind/a/proxy/monitoring", "behind/a/proxy/gradio_api/runs", "gradio_api/dev/reload"),
    *("gradio_api/mcp/sse", "gradio_api/mcp/messages/", "gradio_api/upload_progress?upload_id=x", "gradio_api/token"),
    *("gradio_api/user", "gradio_api/login_check", "login", "pwa_icon", "svelte/x.js", "gradio_api/file/app.py"),
]


@pytest.mark.parametrize("route", CLOSED)
def test_what_the_app_does_not_use_is_closed(http, route):
    for method in ("GET", "POST"):
        answer = http.request(method, f"/{route}", json={"data": []} if method == "POST" else None)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such address here.")


def translate_by_mcp(app_url: str, image: str) -> str:
    call = {"name": "translate", "arguments": {"image": image}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return httpx.post(app_url + "/gradio_api/mcp/", json=body, headers=headers, timeout=60).text


def test_an_mcp_tool_opens_no_address(app_url, listener):
    assert "opens no addresses" in translate_by_mcp(app_url, f"http://127.0.0.1:{listener.getsockname()[1]}/x.png")
    assert nobody_came(listener)


@pytest.mark.parametrize("image", ["x", "data:image/png;base64,abc", "data:image/png;base64,AAAAA", "data:image/png"])
def test_an_mcp_client_is_told_how_to_send_a_picture(app_url, image):
    assert "A picture can't be read: send it as a data URL" in translate_by_mcp(app_url, image)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_large_requests_are_refused_before_they_are_read(http):
    large = bytes(22 * 2**20)
    pieces = [large[: 2**20]] * 22
    for route in ("component_server", "queue/join", "call/translate", "mcp/", "cancel"):
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
from pix2pix.checkpoint.fetch import fetch
from pix2pix.ui.models import Models
fetch("maker/private")  # with the token: it is in the cache now
models = Models(device="cpu")
for name in sys.argv[1:]:
    try:
        print("loaded", models.get(name).name)
    except CheckpointError as error:
        print(error)
"""


def test_visitors_get_public_models_of_moderate_size_only(tmp_path):
    """Whoever runs the app may have a token of the Hub, for models that are theirs alone."""
    makers = tmp_path / "models" / "maker"
    for name, size in (("boots", 5), ("private", 5), ("cut", 5), ("giant", 10), ("wide", 5), ("wordy", 5), ("pth", 5)):
        UNetGenerator(num_downs=size, ngf=1).save_pretrained(makers / name)
    config = json.loads((makers / "wide" / "config.json").read_text())
    (makers / "wide" / "config.json").write_text(json.dumps(config | {"num_downs": 8, "ngf": 90}))
    (makers / "wordy" / "config.json").write_text(json.dumps(config | {"words": "x" * 10**6}))
    (makers / "pth" / "model.safetensors").rename(makers / "pth" / "latest_net_G.pth")
    UNetGenerator(num_downs=5, ngf=1).save_pretrained(makers / "crowd")
    for number in range(10_000):
        (makers / "crowd" / f"{number}.txt").touch()
    with serve(tmp_path) as (hub, _):
        names = ["boots", "private", "cut", "giant", "wide", "wordy", "pth", "crowd", "boots@../../x"]
        variables = {**os.environ, **environment(hub, tmp_path / "cache"), "HF_HUB_DOWNLOAD_TIMEOUT": "2"}
        names = [*(f"maker/{name}" for name in names), "../../etc", f"{hub}/maker/boots"]
        run = warm.run("-c", NAMED, *names, env=variables)
    said = run.stdout.splitlines()
    assert said[0] == "loaded maker/boots"
    assert said[1] == "can't load maker/private from the Hub: there is no such public repository"
    assert said[2] == "can't load maker/cut from the Hub: the download failed"
    assert said[3] == "maker/giant paints 1024 pixels: this app takes 512 at most"
    assert said[4] == "maker/wide has 108 million parameters: this app takes 64 million at most"
    assert said[5] == "can't load maker/wordy from the Hub: config.json is larger than 1000000 bytes"
    assert said[6] == "can't load maker/pth from the Hub: expected a repository with config.json and model.safetensors"
    assert said[7] == "can't load maker/crowd from the Hub: it holds more than 10000 files"
    assert all("neither in the list nor a Hugging Face id" in line for line in said[8:10])
    assert said[10:] == ["loaded maker/boots"]
