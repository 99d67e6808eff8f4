"""A visit is nobody else's business: no other host is reached, by the server or by the page, and no drawing is kept."""

import re
import urllib.request

import pytest
from conftest import START, ServerFromScratch
from gradio_client import Client, handle_file
from PIL import Image

# Reports every address outside this machine that the process asks for or connects to, whatever library does it.
WATCHED = (
    """
import os, sys

os.environ.pop("GRADIO_ANALYTICS_ENABLED", None)  # that it is off must be the app's own doing

def watch(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in (None, "", b"", "localhost", "127.0.0.1", b"127.0.0.1", "::1", "0.0.0.0"):
        print("reached for", host, flush=True)

sys.addaudithook(watch)
"""
    + START
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def watched(checkpoints, place):
    server = ServerFromScratch(checkpoints, program=WATCHED, TMPDIR=str(place)).start()
    yield server
    server.stop()


def files(place) -> list[str]:
    return [str(path) for path in place.rglob("*") if path.is_file()]


def test_a_drawing_is_painted_and_not_kept(watched, place, visit):
    page = visit(watched.url)  # which notes every request of the page to another host
    box = page.locator("canvas.ink").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 150, steps=5)
    page.mouse.up()
    page.locator("img.picture").wait_for()
    page.get_by_role("tab").nth(1).click()
    page.get_by_role("tab").nth(2).click()
    page.locator("#gallery img").first.wait_for()
    assert files(place) == []
    assert page.context.cookies() == []


def test_the_page_names_no_other_host_to_load_from(watched):
    with urllib.request.urlopen(watched.url) as response:
        html = response.read().decode()
    tags = re.findall(r"<(?:link|script|img|iframe|source)\b[^>]*>", html)
    assert tags
    assert not [tag for tag in tags if re.search(r"(?:href|src)=[\"']?(?:https?:)?//(?!127\.0\.0\.1)", tag)]


def test_the_server_reaches_for_no_other_host_and_writes_no_diary(watched, tmp_path):
    """The last of this file: what the server has said since it started, through all the tests above."""
    client = Client(watched.url, verbose=False, download_files=str(tmp_path))
    Image.new("RGB", (64, 64), "white").save(tmp_path / "drawing.png")
    client.predict(handle_file(tmp_path / "drawing.png"), api_name="/translate")
    client.predict("7", 1, 0, api_name="/generate_digits")
    said = watched.stop()
    assert "reached for" not in said
    assert not re.search(r"drawing|GET|POST|User-Agent", said)
