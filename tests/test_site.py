"""The folder of static files that `python -m pix2pix.site` writes."""

import hashlib
import json
import re
import sys

import pytest
import torch
from module_graph import STATIC, imported_by

import pix2pix.site as command
from pix2pix import DataError, UNetGenerator
from pix2pix.atomic_files import replacing
from pix2pix.deploy_static import card
from pix2pix.errors import DiskError
from pix2pix.ui.site import Files, add_page
from pix2pix.ui.site.files import check

FACTS = {"models": [], "digits": {"kind": "digits"}}


@pytest.fixture(scope="module")
def files() -> Files:
    files = Files()
    files.keep("network.onnx", b"weights")
    add_page(files, FACTS, "a <title>")
    return files


def test_all_addresses_are_relative_and_there(files):
    page = files["index.html"].decode()
    named = re.findall(r'(?:href|src)="([^"#]+)"', page) + re.findall(r'"(files/[^"]+)"', page)
    assert len(named) > 40
    assert set(named) <= set(files)
    assert "<title>a &lt;title&gt;</title>" in page
    for name, content in files.items():
        if name.endswith((".js", ".css", ".html", ".webmanifest")) and "/ort." not in name:
            hosts = set(re.findall(rb"https?://([\w.]+)", content))
            assert hosts <= {b"www.w3.org"}, name  # the name of SVG


def test_the_page_asks_at_once_for_all_that_the_first_tab_imports(files):
    asked = set(re.findall(r'rel="modulepreload" href="scripts/\w+/([^"]+)"', files["index.html"].decode()))
    assert imported_by(["site/start.js", "draw/page.js"], STATIC) <= asked


def test_the_service_worker_keeps_every_file_and_fetches_the_large_ones_later(files):
    head = files["service_worker.js"].decode().split("\n")[0]
    site = json.loads(head.removeprefix("self.SITE = ").removesuffix(";"))
    assert set(site["sizes"]) == set(files) - {"index.html", "service_worker.js"} | {""}
    later = set(site["sizes"]) - set(site["first"])
    assert {name.rpartition(".")[2] for name in later} == {"js", "bin", "onnx"}
    assert len(later) == 5


def test_a_newer_site_takes_the_place_of_the_older_one(files, tmp_path):
    folder = tmp_path / "site"
    older = Files(files)
    gone = older.keep("old.png", b"old")
    older.write(folder)
    (folder / "mine.txt").write_text("mine")
    assert (folder / gone).exists()
    files.write(folder)
    assert {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} == {
        *files,
        "site.json",
        "mine.txt",
    }
    assert not (folder / gone).parent.exists()


def test_another_folder_is_left_as_it_is(files, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="exists and is not a site: name a new folder"):
        files.write(tmp_path)
    with pytest.raises(DataError, match="is not a site"):
        check(tmp_path / "mine.txt")
    assert [file.name for file in tmp_path.iterdir() if file.is_dir()] == []


@pytest.mark.parametrize("name", ["", ".", "../other", "/etc/passwd", "a/../b", ".env", "C:/x", "..\\x", "a\0b", 7])
def test_a_list_of_anything_else_makes_no_site(files, tmp_path, name):
    listed = [name, ["mine.txt"], {"mine.txt": 7}] if isinstance(name, int) else [{name: "0" * 64}]
    (tmp_path / "mine.txt").write_text("mine")
    for content in listed:
        (tmp_path / "site.json").write_text(json.dumps({"files": content}))
        with pytest.raises(DataError, match="is not a site"):
            files.write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"mine.txt", "site.json"}


def test_of_listed_files_only_those_with_its_content_are_deleted(files, tmp_path):
    """A site.json may come from somebody else, and a file may have been changed since."""
    own = hashlib.sha256(b"own").hexdigest()
    (tmp_path / "folder").mkdir()
    for name in ("thesis.tex", "old.js"):
        (tmp_path / name).write_text("own" if name == "old.js" else "mine")
    listed = dict.fromkeys(["thesis.tex", "old.js", "folder", "gone.js", "x" * 300], own)
    (tmp_path / "site.json").write_text(json.dumps({"files": listed}))
    with pytest.raises(DiskError, match="File name too long"):
        files.write(tmp_path)
    del listed["x" * 300]
    (tmp_path / "site.json").write_text(json.dumps({"files": listed}))
    files.write(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "mine"
    assert (tmp_path / "folder").is_dir()
    assert not (tmp_path / "old.js").exists()


def test_mistakes_are_one_sentence(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit, match=r"site: .*nowhere"):
        command.main([str(tmp_path / "site"), "--pix2pix", str(tmp_path / "nowhere")])
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    torch.manual_seed(0)
    UNetGenerator(num_downs=5, ngf=2).save_pretrained(tmp_path / "net")
    with pytest.raises(SystemExit, match="site: onnxscript is not installed: pip install onnx"):
        command.main([str(tmp_path / "site"), "--pix2pix", str(tmp_path / "net")])
    (tmp_path / "other" / "net").mkdir(parents=True)
    with pytest.raises(SystemExit, match=r"site: two checkpoints are called net: .*, so rename a folder"):
        command.main([str(tmp_path / "site"), "--pix2pix", str(tmp_path / "net"), str(tmp_path / "other" / "net")])
    assert not (tmp_path / "site").exists()


def test_the_card_of_a_static_space():
    from huggingface_hub import SpaceCard

    data = SpaceCard(card()).data.to_dict()
    assert (data["sdk"], data["app_file"]) == ("static", "index.html")
    assert data["custom_headers"]["cross-origin-opener-policy"] == "same-origin"
    assert data["title"] == "pix2pix"
    assert "sdk_version" not in data


def test_a_link_in_a_file_s_way_is_not_followed(files, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "site").mkdir()
    Files().write(tmp_path / "site")
    (tmp_path / "site" / ".writing-index.html").symlink_to(tmp_path / "mine.txt")
    files.write(tmp_path / "site")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "site" / "index.html").read_bytes() == files["index.html"]


def test_a_hidden_file_with_the_name_of_one_that_is_written_stays(tmp_path):
    """As of an export to `env` beside a file `.env`."""
    (tmp_path / ".env").write_text("mine")
    with replacing(tmp_path / "env") as aside:
        aside.write_text("written")
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {".env": "mine", "env": "written"}
