"""The page's scripts: how they are served, and what they share with Python."""

import re
import shutil
import subprocess

import httpx
from module_graph import imported_by
from warm import ROOT

from pix2pix.imaging.palette import HINT_COLORS, MORE_COLORS
from pix2pix.ui import scripts
from pix2pix.ui.examples import SIDE

LATER = {"device/device.js"}  # once the first picture is there
NAMED = re.compile(r"(\w+): '(#[0-9a-f]{6})'")


def test_a_script_is_kept_for_good_and_only_scripts_are_served(app_url):
    folder = f"{app_url}/scripts/{scripts.VERSION}"
    answer = httpx.get(f"{folder}/draw/page.js")
    assert answer.status_code == 200
    assert answer.text == scripts.MODULES["draw/page.js"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    others = ("draw/canvas.py", "../app.py", "draw/page.css", "draw/none.js")
    for address in (*(f"{folder}/{other}" for other in others), f"{app_url}/scripts/{'0' * 16}/draw/page.js"):
        answer = httpx.get(address)
        assert answer.status_code == 404
        assert "cache-control" not in answer.headers


def test_the_page_asks_at_once_for_all_that_the_first_tab_imports(app_url):
    asked = set(re.findall(rf'rel="modulepreload" href="scripts/{scripts.VERSION}/([^"]+)"', httpx.get(app_url).text))
    assert imported_by(["draw/start.js"]) - LATER == asked


def test_scripts_and_python_agree_on_colors_and_the_size_of_a_drawing():
    palette = scripts.MODULES["draw/palette.js"]
    first, second = palette.split("MORE = ")
    assert NAMED.findall(first) == list({"ink": "#000000", **HINT_COLORS}.items())  # in the order of the links
    assert dict(NAMED.findall(second)) == MORE_COLORS
    assert f"SIDE = {SIDE};" in scripts.MODULES["draw/strokes.js"]


def test_what_is_pure_in_the_scripts():
    """The scripts' own tests: node --test tests/js/*.test.js"""
    node = shutil.which("node")
    assert node, "these tests need Node.js 18 or newer: apt-get install nodejs"
    files = sorted(str(file) for file in (ROOT / "tests" / "js").glob("*.test.js"))
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
