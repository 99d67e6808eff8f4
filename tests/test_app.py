"""The served app as programs see it: named endpoints, bad input, MCP, and how it starts."""

import asyncio
import base64
import inspect
import io
import json
import re
import shutil
import subprocess
import sys
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import numpy as np
import pytest
from conftest import ROOT, START, Server, alike
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw

import app
from pix2pix import DCGANGenerator, DigitPipeline
from pix2pix.ui import pictures
from pix2pix.ui.canvas import Turns
from pix2pix.ui.digits import digits_tab
from pix2pix.ui.models import Models


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


def digits(client, *arguments) -> np.ndarray:
    images = []
    for item in client.predict(*arguments, api_name="/generate_digits"):
        with Image.open(item["image"]) as image:
            images.append(np.asarray(image.convert("L")))
    return np.stack(images)


def test_generate_digits_repeats_itself(client):
    first = digits(client, "3", 5, 7)
    assert first.shape == (5, 28, 28)
    assert alike(first, digits(client, 3, 5, 7))
    assert not alike(first, digits(client, "3", 5, 8))
    assert not alike(first, digits(client, "4", 5, 7))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("12", 5, 0), "digit is 12: expected one of 0, 1"),
        ((-1, 5, 0), "digit is -1"),
        ((None, 5, 0), "digit is None"),
        ((["3"], 5, 0), "digit is"),
        (("3", 0, 0), "count is 0: expected a whole number from 1 to 64"),
        (("3", 65, 0), "count is 65"),
        (("3", 2.5, 0), "count is 2.5: expected a whole number from 1 to 64"),
        (("3", None, 0), "count is None"),
        (("3", 5, 0.5), "seed is 0.5: expected a whole number"),
        (("3", 5, None), "seed is None"),
    ],
)
def test_generate_digits_says_what_is_wrong(client, arguments, words):
    with pytest.raises(AppError, match=words) as caught:
        client.predict(*arguments, api_name="/generate_digits")
    assert "Traceback" not in str(caught.value)


def test_write_number_is_as_wide_as_its_text(client):
    def written(*arguments) -> np.ndarray:
        with Image.open(client.predict(*arguments, api_name="/write_number")) as picture:
            return np.asarray(picture.convert("L"))

    first = written("2026", 1)
    assert first.shape == (28, 4 * 28)
    assert alike(first, written(2026, 1))
    assert alike(first, written(" ２０２６ ", 1))  # as a Japanese keyboard writes it
    assert not alike(first, written("2026", 2))


def test_digit_styles_show_every_class_in_every_style(client):
    items = client.predict(5, 2, api_name="/digit_styles")
    assert [item["caption"] for item in items] == [f"style {row}: {name}" for row in (1, 2) for name in range(10)]
    with Image.open(items[13]["image"]) as image:
        three = np.asarray(image.convert("L"), int)
    assert np.abs(three - digits(client, "3", 2, 5)[1]).max() <= 1


def test_morph_digits_answers_with_frames_and_an_animation(client):
    frames, gif = client.predict("3", 8, 6, 0, 1, api_name="/morph_digits")
    assert len(frames) == 6
    with Image.open(frames[0]["image"]) as first, Image.open(frames[-1]["image"]) as last:
        for image, digit, seed in ((first, "3", 0), (last, "8", 1)):
            assert np.abs(np.asarray(image.convert("L"), int) - digits(client, digit, 1, seed)[0]).max() <= 1
    with Image.open(gif) as animation:
        assert (animation.format, animation.n_frames, animation.size) == ("GIF", 10, (168, 168))
        assert animation.info["loop"] == 0
    assert len(client.predict("3", "3", 2, 0, api_name="/morph_digits")[0]) == 2  # the same style without seed_end


@pytest.mark.parametrize(
    ("endpoint", "arguments", "words"),
    [
        ("write_number", ("12a", 0), "text has 'a': expected only 0, 1, 2"),
        ("write_number", ("", 0), "text has 0 characters: expected 1 to 32"),
        ("write_number", (None, 0), "text has 0 characters"),
        ("write_number", ("1" * 33, 0), "text has 33 characters"),
        ("write_number", ("12", 0.5), "seed is 0.5: expected a whole number"),
        ("digit_styles", (0, 9), "count is 9: expected a whole number from 1 to 8"),
        ("digit_styles", (None, 2), "seed is None"),
        ("morph_digits", ("12", "3", 4, 0), "start is 12: expected one of 0, 1"),
        ("morph_digits", ("3", None, 4, 0), "end is None: expected one of 0, 1"),
        ("morph_digits", ("3", "4", 1, 0), "steps is 1: expected a whole number from 2 to 64"),
        ("morph_digits", ("3", "4", 1e9, 0), "steps is 1000000000"),
        ("morph_digits", ("3", "4", 4, 0, 1.5), "seed_end is 1.5: expected a whole number"),
    ],
)
def test_the_other_digit_endpoints_say_what_is_wrong(client, endpoint, arguments, words):
    with pytest.raises(AppError, match=words) as caught:
        client.predict(*arguments, api_name=f"/{endpoint}")
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["T-shirt/top", "Bag"], {"tab_pictures", "class_pictures", "make", "gallery_pictures"}),
        (["A", "B", "C"], {"tab_characters", "class_characters", "write", "gallery", "write_characters"}),
        (["0", "1"], {"tab_digits", "class_digits", "write", "gallery", "write_digits"}),
    ],
)
def test_the_tab_speaks_of_the_classes_that_its_checkpoint_has(names, keys):
    network = DCGANGenerator(num_classes=len(names), ngf=8, class_names=names)
    with gr.Blocks() as page, gr.Tab("") as tab:
        digits_tab(DigitPipeline(network, "cpu"), tab)
    parts = page.get_config_file()["components"]
    assert keys <= set(re.findall(r"\w+", json.dumps(parts, default=str)))
    choices = [part["props"]["choices"] for part in parts if part["type"] == "dropdown"]
    assert choices == 3 * [[(name, name) for name in names]]  # of the samples, and of both ends of a morph


def test_endpoints_are_documented(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {"/translate", "/generate_digits"} <= endpoints.keys()
    names = [parameter["parameter_name"] for parameter in endpoints["/generate_digits"]["parameters"]]
    assert names == ["digit", "count", "seed"]
    for name, parameters in {
        "/write_number": ["text", "seed"],
        "/digit_styles": ["seed", "count"],
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


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "data:image/png;base64,",
        "data:image/png;base64,@@@",
        "data:image/svg+xml;base64,AAAA",
        "data:image/png;base64," + base64.b64encode(png()[:90]).decode(),
        "data:image/png;base64," + base64.b64encode(bomb()).decode(),
        "data:image/png;base64," + "A" * (pictures.LONGEST_FRAME + 1),
    ],
)
def test_a_bad_frame_is_refused(url):
    with pytest.raises(ValueError, match=r"PNG|data URL|pixels"):
        pictures.decode(url)


@pytest.fixture(scope="module")
def ask_canvas(app_url):
    """Sends a frame as the page does; returns the answer."""
    with urllib.request.urlopen(app_url + "/config") as response:
        config = json.load(response)
    easel = next(c for c in config["components"] if c["props"].get("elem_id") == "easel")

    def ask(payload: object) -> dict:
        body = {"data": payload, "component_id": easel["id"], "fn_name": "paint", "session_hash": "test"}
        request = urllib.request.Request(
            app_url + "/gradio_api/component_server", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    return ask


@pytest.mark.parametrize("payload", [None, [], {}, {"image": "x", "model": "handbags"}, {"image": None}, "x"])
def test_the_live_canvas_answers_bad_frames_with_an_error(ask_canvas, payload):
    assert ask_canvas(payload) == {"error": "frame_bad"}


def test_of_the_frames_of_a_page_the_newest_is_painted_and_other_pages_are_not_disturbed(ask_canvas):
    frame = {"image": "data:image/png;base64," + base64.b64encode(png()).decode(), "model": "handbags"}
    turns = [{**frame, "page": "a", "turn": turn} for turn in range(12)]
    others = [{**frame, "page": f"b{i}", "turn": i} for i in range(3)]
    with ThreadPoolExecutor(15) as threads:
        *older, newest, b0, b1, b2 = threads.map(ask_canvas, turns + others)
    assert all("img" in answer for answer in (newest, b0, b1, b2))
    assert all("img" in answer or answer == {"error": "frame_overtaken"} for answer in older)
    assert "img" in ask_canvas(turns[0]), "nothing is remembered of a page that waits for nothing"


def test_the_queue_of_an_idle_app_lets_the_networks_work():
    queue = app.build(Models(None, None, "cpu"))._queue
    assert queue.sleep_when_free >= 0.01  # seconds; Gradio's own is 0.001
    assert "self.sleep_when_free" in inspect.getsource(queue.start_processing), "Gradio has another name for it now"


def test_a_frame_is_overtaken_by_later_ones_of_its_page_alone():
    turns = Turns()
    with turns.take("a", 3) as third, turns.take("b", 9) as other:
        with turns.take("a", 2) as late:
            assert late()
        assert not third()
        with turns.take("a", 4) as fourth:
            assert third()
            assert not fourth()
            assert not other()
        with turns.take(None, 0) as alone:
            assert not alone()
    assert not turns.newest


@pytest.fixture(scope="module")
def damaged(checkpoints, tmp_path_factory):
    """An app that was asked for a broken checkpoint and has another one in its list."""
    folder = tmp_path_factory.mktemp("damaged")
    shutil.copytree(checkpoints, folder / "all")
    (folder / "all" / "shoes" / "model.safetensors").write_bytes(b"cut")
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text("{")
    server = Server(folder / "all", "--handbags", str(folder / "broken")).start()
    server.folder = folder
    yield server
    server.stop()


def test_a_broken_model_of_the_list_is_named_without_its_folder(damaged, tmp_path):
    sketch().save(tmp_path / "sketch.png")
    client = Client(damaged.url, verbose=False)
    with pytest.raises(AppError, match=r"model\.safetensors is damaged or cut") as caught:
        client.predict(handle_file(tmp_path / "sketch.png"), model="shoes", api_name="/translate")
    assert str(damaged.folder) not in str(caught.value)


def test_a_broken_checkpoint_starts_on_the_embedded_one_and_says_so(damaged):
    with urllib.request.urlopen(damaged.url + "/config") as response:
        config = response.read().decode()
    assert '"notice"' in config
    assert str(damaged.folder) not in config
    assert '"model_name":"handbags"' in config
    assert "is not readable JSON" in "".join(damaged.output)


def test_a_missing_checkpoint_is_one_sentence(tmp_path):
    command = [sys.executable, "-c", START, str(tmp_path), "--handbags", str(tmp_path / "nothing")]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert run.returncode == 1
    assert run.stderr.startswith("error: no checkpoint at ")
    assert len(run.stderr.splitlines()) == 1
