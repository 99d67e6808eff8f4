"""The served app as programs see it: named endpoints, bad input, MCP, and how it starts."""

import asyncio
import base64
import io
import json
import os
import re
import shutil
import socket
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import START, Server, alike, free_port
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw
from sketches import BAD_FILES, png, sketch, translate
from warm import run

import app


def test_translate_repeats_itself_unless_a_seed_draws_noise(client, tmp_path):
    path = tmp_path / "sketch.png"
    sketch().save(path)
    plain = translate(client, path)
    assert alike(plain, translate(client, path))
    noisy = translate(client, path, seed=1)
    assert np.array_equal(noisy, translate(client, path, seed=1))
    assert not np.array_equal(noisy, translate(client, path, seed=2))
    assert not alike(plain, translate(client, path, model="shoes"))


@pytest.mark.parametrize("kind", ["wide", "palette", "alpha", "cmyk.jpg", "animation.gif", "16-bit", "rotated.jpg"])
def test_translate_takes_any_image(client, tmp_path, kind):
    path = tmp_path / (kind if "." in kind else kind + ".png")
    if kind == "wide":
        sketch((900, 120)).save(path)
    elif kind == "palette":
        sketch(mode="P").save(path)
    elif kind == "alpha":
        sketch(mode="LA").save(path)
    elif kind == "cmyk.jpg":
        sketch(mode="CMYK").save(path)
    elif kind == "animation.gif":
        sketch().save(path, save_all=True, append_images=[sketch((256, 256)).rotate(20)])
    elif kind == "16-bit":
        Image.fromarray(np.full((40, 60), 60000, np.uint16)).save(path)
    else:
        exif = Image.Exif()
        exif[274] = 6
        sketch((300, 200)).save(path, exif=exif)
    translate(client, path)


@pytest.mark.parametrize("name", BAD_FILES)
def test_translate_says_what_is_wrong_with_a_file(client, tmp_path, name):
    content, words = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AppError, match=words) as caught:
        client.predict(handle_file(path), api_name="/translate")
    assert "/tmp" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 1.5}, "seed is 1.5: expected a whole number"),
        ({"seed": 1e300}, "seed is 1e"),
        ({"seed": "rubbish"}, "seed is rubbish"),
        ({"model": "../../etc"}, "neither in the list nor a Hugging Face id"),
        ({"model": "tests"}, "neither in the list nor a Hugging Face id"),
        ({"model": "pix2pix/ui"}, "neither in the list nor a Hugging Face id"),
    ],
)
def test_translate_says_what_is_wrong_with_an_option(client, tmp_path, options, words):
    path = tmp_path / "sketch.png"
    sketch().save(path)
    with pytest.raises(AppError, match=words):
        client.predict(handle_file(path), **options, api_name="/translate")


def test_translate_without_an_image_says_so(client):
    with pytest.raises(AppError, match="image is missing"):
        client.predict(None, api_name="/translate")


def test_trace_outline_draws_black_on_white(client, tmp_path):
    photo = Image.new("RGB", (300, 200), (240, 240, 235))
    ImageDraw.Draw(photo).ellipse([80, 40, 220, 160], fill=(150, 40, 30))
    photo.save(tmp_path / "photo.jpg")
    with Image.open(client.predict(handle_file(tmp_path / "photo.jpg"), api_name="/trace_outline")) as lines:
        assert lines.size == (256, 256)
        share = (np.asarray(lines.convert("L")) < 128).mean()
    assert 0.001 < share < 0.1
    for detail in (2, -1, None, "fine"):
        with pytest.raises(AppError, match="detail is"):
            client.predict(handle_file(tmp_path / "photo.jpg"), detail, api_name="/trace_outline")


def test_endpoints_are_documented(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {"/translate", "/generate_digits"} <= endpoints.keys()
    names = [parameter["parameter_name"] for parameter in endpoints["/generate_digits"]["parameters"]]
    assert names == ["digit", "count", "seed"]
    for name, parameters in {
        "/write_number": ["text", "seed"],
        "/digit_styles": ["seed", "count", "page"],
        "/morph_digits": ["start", "end", "steps", "seed", "seed_end"],
    }.items():
        assert [parameter["parameter_name"] for parameter in endpoints[name]["parameters"]] == parameters
        assert "handwrit" in endpoints[name]["description"] or "DCGAN" in endpoints[name]["description"]
    assert "pix2pix" in endpoints["/translate"]["description"]


def test_mcp_client_lists_and_calls_the_tools(app_url):
    mcp = pytest.importorskip("mcp")
    from mcp.client.streamable_http import streamable_http_client

    async def session():
        async with (
            streamable_http_client(app_url + "/gradio_api/mcp/") as (read, write, _),
            mcp.ClientSession(read, write) as tools,
        ):
            await tools.initialize()
            listed = {tool.name.removeprefix("pix2pix_"): tool for tool in (await tools.list_tools()).tools}
            url = "data:image/png;base64," + base64.b64encode(png()).decode()
            painted = await tools.call_tool(listed["translate"].name, {"image": url})
            written = await tools.call_tool(listed["generate_digits"].name, {"digit": "7", "count": 2, "seed": 1})
            refused = await tools.call_tool(listed["write_number"].name, {"text": "20x6", "seed": 1})
            return listed, painted, written, refused

    with ThreadPoolExecutor(1) as aside:  # the browser tests keep an event loop in this thread
        listed, painted, written, refused = aside.submit(lambda: asyncio.run(session())).result()
    assert "black lines on white" in json.dumps(listed["translate"].inputSchema)
    assert not painted.isError
    image = next(item for item in painted.content if item.type == "image")
    assert Image.open(io.BytesIO(base64.b64decode(image.data))).size == (256, 256)
    assert not written.isError
    assert {"write_number", "digit_styles", "morph_digits"} <= listed.keys()
    assert refused.isError
    assert "text has 'x': expected only 0, 1" in refused.content[0].text


@pytest.fixture(scope="module")
def damaged(checkpoints, tmp_path_factory):
    """An app that was asked for a model of a Hub that can't be reached and has a broken one in its list."""
    folder = tmp_path_factory.mktemp("damaged")
    shutil.copytree(checkpoints, folder / "all")
    (folder / "all" / "shoes" / "model.safetensors").write_bytes(b"cut")
    hub = {"HF_ENDPOINT": f"http://127.0.0.1:{free_port()}", "HF_HOME": str(folder / "hub")}
    server = Server(folder / "all", "--handbags", "nobody/nothing", **hub).start()
    server.folder = folder
    yield server
    server.stop()


def test_a_broken_model_of_the_list_is_named_without_its_folder(damaged, tmp_path):
    sketch().save(tmp_path / "sketch.png")
    client = Client(damaged.url, verbose=False)
    with pytest.raises(AppError, match=r"model\.safetensors is damaged or cut") as caught:
        client.predict(handle_file(tmp_path / "sketch.png"), model="shoes", api_name="/translate")
    assert str(damaged.folder) not in str(caught.value)


def test_without_the_hub_it_starts_on_the_embedded_checkpoint_and_says_so(damaged):
    with urllib.request.urlopen(damaged.url + "/config") as response:
        config = response.read().decode()
    assert '"notice"' in config
    assert str(damaged.folder) not in config
    assert '"model_name":"handbags"' in config
    assert "can't load nobody/nothing from the Hub" in "".join(damaged.output)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--host", "nowhere.invalid"], r"--host nowhere\.invalid \("),
        (["--device", "cpu:x"], "device 'cpu:x' is not available here"),
    ],
)
def test_places_where_it_cannot_run_are_one_sentence(monkeypatch, words, why):
    monkeypatch.setattr(sys, "argv", ["app.py", *words])
    with pytest.raises(SystemExit, match=f"^error: .*{why}") as caught:
        app.main()
    assert "\n" not in str(caught.value)


def test_a_link_to_the_app_previews_the_app(app_url):
    with urllib.request.urlopen(app_url) as response:
        page = response.read().decode()
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):\w+)" content="([^"]*)"', page))
    assert tags["og:title"].startswith("pix2pix")
    assert "Gradio" not in "".join(tags.values())
    with urllib.request.urlopen(tags["og:image"]) as response:
        assert Image.open(response).width > 1000


def test_the_page_is_small_and_the_same_when_compressed(http):
    plain = http.get("/", headers={"Accept-Encoding": "identity"})
    packed = http.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.text == plain.text
    assert plain.text.count("PatchGAN の目") <= 4  # each of two texts once for Gradio and once for all scripts


def test_a_port_out_of_range_is_refused(monkeypatch, capsys):
    for port in ("0", "99999"):
        monkeypatch.setattr(sys, "argv", ["app.py", "--port", port])
        with pytest.raises(SystemExit):
            app.main()
        assert "expected 1 to 65535" in capsys.readouterr().err


def test_the_app_listens_on_an_address_of_ipv6(checkpoints):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = Server(checkpoints, "--host", "::1").start()
    try:
        with urllib.request.urlopen(f"http://[::1]:{server.port}/config") as response:
            assert response.status == 200
    finally:
        assert "Traceback" not in server.stop()


def test_a_busy_machine_behind_proxies_does_not_end_the_app_that_starts(checkpoints):
    """Gradio asks for the page within three seconds, and that fails where visitors wait for the app already. What the
    app asks of itself goes to no proxy, and stdout need not know the picture that Gradio prints."""
    busy = "import gradio.networking\ngradio.networking.url_ok = lambda url: False\n"
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY"), "http://127.0.0.1:9") | {"ALL_PROXY": "socks5://127.0.0.1:9"}
    nothing = dict.fromkeys(("no_proxy", "NO_PROXY"), "")
    server = Server(
        checkpoints,
        program="from pix2pix.ui.server import environment\nenvironment.prepare()\n" + busy + START,
        PYTHONIOENCODING="cp1252",
        **proxies,
        **nothing,
    ).start()
    try:
        with urllib.request.urlopen(server.url + "/config") as response:
            assert response.status == 200
    finally:
        assert "Traceback" not in server.stop()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GRADIO_SERVER_PORT", "abc", "GRADIO_SERVER_PORT is 'abc': expected a number from 1 to 65535"),
        ("GRADIO_TEMP_DIR", __file__, "GRADIO_TEMP_DIR .* can't hold visitors' files"),
        ("ALL_PROXY", "foo://127.0.0.1", "the proxy that ALL_PROXY names can't be used"),
    ],
)
def test_an_environment_that_cannot_be_is_one_sentence(name, value, why):
    outcome = run("app.py", env=os.environ | {name: value})
    assert outcome.returncode == 1
    assert re.fullmatch(f"error: .*{why}.*\n", outcome.stderr), outcome.stderr


def test_a_taken_port_is_one_sentence(app_url, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--port", app_url.rsplit(":", 1)[1]])
    with pytest.raises(SystemExit, match=r"^error: can't listen on .*Address already in use"):
        app.main()


def test_a_missing_checkpoint_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("pix2pix.ui.models.CHECKPOINTS", tmp_path)  # none to fall back on
    monkeypatch.setattr(sys, "argv", ["app.py", "--handbags", str(tmp_path / "nothing")])
    with pytest.raises(SystemExit, match=r"^error: no checkpoint at .*/nothing: expected a folder") as caught:
        app.main()
    assert "\n" not in str(caught.value)
