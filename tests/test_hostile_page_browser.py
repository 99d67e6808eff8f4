"""A stranger's checkpoint on the page: its words stay words, in a real Chromium."""

import json
import shutil

import pytest
from conftest import Server
from easel import choose_model
from safetensors.torch import load_file, save_file

pytestmark = pytest.mark.browser

CODE = "document.body.setAttribute(String.fromCharCode(112),1)"
RUNS = "${" + CODE + "}"
IMAGE = "<img src=//other.host/a onerror=" + CODE + ">"
CLASSES = [
    RUNS,
    "`+" + CODE + "+`",
    "{{value}}{{#each value}}${1}",
    "\\${1}",
    "<img src=//other.host/a.png>",
    '"><img src=https://other.host/b>',
    "<style>@import '//other.host/c'</style>",
    "url(//other.host/d)",
    "<b>bold</b>",
    "&lt;img src=//other.host/e&gt;",
]


def hostile(value):
    """The same, with our words in place of every string."""
    if isinstance(value, dict):
        return {key: hostile(inner) for key, inner in value.items()}
    return (
        [hostile(inner) for inner in value] if isinstance(value, list) else IMAGE if isinstance(value, str) else value
    )


@pytest.fixture(scope="module")
def strange(checkpoints, tmp_path_factory):
    """Checkpoints whose every string is one of ours: good ones, and "norm" and "tensor", which can't be loaded."""
    folder = tmp_path_factory.mktemp("strange")
    for name in ("handbags", "digits"):
        shutil.copytree(checkpoints / name, folder / name)
    for name in ("norm", "tensor", RUNS):
        shutil.copytree(checkpoints / "shoes", folder / name)
    for file in folder.rglob("config.json"):
        config = json.loads(file.read_text())
        words = {"training": {"options": {"name": IMAGE}, IMAGE: IMAGE}, "metrics": {IMAGE: {IMAGE: IMAGE}}}
        lies = {"class_names": CLASSES} if file.parent.name == "digits" else {}
        norm = IMAGE if file.parent.name == "norm" else config.get("norm")
        file.write_text(json.dumps(hostile(config) | words | lies | ({"norm": norm} if norm else {})))
    weights = folder / "tensor" / "model.safetensors"
    tensors = load_file(weights)
    save_file({IMAGE: tensors.pop(next(iter(tensors))), **tensors}, weights)
    server = Server(folder).start()
    yield server.url
    assert "Traceback" not in server.stop()


def test_the_words_of_a_checkpoint_stay_words(visit, strange):
    """`visit` fails when anything is asked of another host, or when the console complains."""
    page = visit(strange)
    page.get_by_role("tab").nth(2).click()
    for sheet in ("#gallery", "#styles"):
        page.wait_for_selector(f"{sheet} img")
    assert page.locator("#gallery img").first.get_attribute("alt") == f"{CLASSES[3]} (1)"
    found = [image.get_attribute("alt") for image in page.locator("#styles .cells").first.locator("img").all()]
    assert found == [f"{name} (1)" for name in CLASSES]
    page.wait_for_selector("#morph .film img")
    assert page.locator("#morph .from").text_content() == CLASSES[3]
    page.locator("#digit input").click()
    page.get_by_role("option", name=RUNS, exact=True).click()
    page.wait_for_function("name => document.querySelector('#gallery img').alt === name", arg=f"{RUNS} (1)")

    page.get_by_role("tab").nth(0).click()
    for name, why in (("norm", "norm is '<img src=//other.host"), ("tensor", "<img src=//other.host")):
        choose_model(page, name)
        page.locator(".toast-wrap").get_by_text(why).first.wait_for()
        page.wait_for_function("document.querySelector('#model input').value === 'handbags'")
    choose_model(page, RUNS)
    page.wait_for_function("name => document.querySelector('.where').textContent.startsWith(name)", arg=RUNS)
    page.get_by_role("tab").nth(1).click()
    page.locator(".inside-panel figure img").first.wait_for()

    assert page.locator("body[p]").count() == 0
    assert page.locator("[src*='other.host'], [style*='other.host']").count() == 0
