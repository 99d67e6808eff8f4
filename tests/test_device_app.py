"""The server's half of painting on the visitor's device: the files, and what the page is told."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

import pix2pix.ui.device.exports as exports
from pix2pix import Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.ui.device import files
from pix2pix.ui.device.exports import Exports

RUNTIME = Path(files.__file__).parent / "runtime"


def test_the_runtime_is_as_its_makers_published_it():
    sums = json.loads((RUNTIME / "checksums.json").read_text())
    for name, digest in sums.items():
        packed = RUNTIME / f"{name}.gz"
        content = gzip.decompress(packed.read_bytes()) if packed.exists() else (RUNTIME / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
    assert sorted(files.NAMES) == sorted(name if name.endswith(".mjs") else f"{name}.gz" for name in sums)
    assert "MIT License" in (RUNTIME / "LICENSE.txt").read_text()


def test_files_have_one_address_and_one_method(http):
    for runtime in files.RUNTIMES.values():
        for address in (runtime["module"], runtime["wasm"]):
            answer = http.head(f"/{address}")
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
    module = files.RUNTIMES["wasm"]["module"]
    assert http.get(f"/{module}").headers["content-type"].startswith("text/javascript")
    assert http.post(f"/{module}").status_code in (404, 405)
    for wrong in ("checksums.json", "README.md", "..%2Ffiles.py", "network.onnx"):
        assert http.get(f"/device/{files.VERSION}/{wrong}").status_code == 404
    assert http.get(f"/{module.replace(files.VERSION, 16 * '0')}").status_code == 404


@pytest.fixture
def pipe(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path / "net", line_width=3)
    return Pix2PixPipeline.from_pretrained(tmp_path / "net", device="cpu")


def test_without_the_packages_there_is_nothing_to_wait_for(pipe, monkeypatch):
    monkeypatch.setattr(exports, "NEEDED", ("a_package_that_nobody_has",))
    assert Exports()(pipe) == {"none": True}


def test_a_model_that_cannot_be_exported_is_said_once(pipe, caplog):
    (pipe.path / "model.safetensors").unlink()
    answers = Exports()
    answers.known[pipe.name] = {"wait": True}
    answers.make(pipe)
    assert answers(pipe) == {"none": True}
    assert "is not a checkpoint" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_model_is_exported_in_the_background(pipe):
    answers = Exports()
    answers.make(pipe)
    facts = answers(pipe)
    assert facts["model"] == {"size": 32, "channels": 3, "line_width": 3, "labels": None}
    _, version, name = facts["network"].split("/")
    assert len(files.kept[version, name]) == facts["bytes"] > 1000


def test_an_app_gives_no_model_away_unless_it_is_told_to(canvas):
    assert canvas("device", {"model": "handbags"}).json() == {"none": True}
