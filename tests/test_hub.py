"""Checkpoints from the Hub: the real client against a real server on loopback that speaks the Hub's file routes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from loopback_hub import environment, serve

from pix2pix import UNetGenerator

# The client reads HF_ENDPOINT when it is imported, so it runs in a process of its own.
LOAD = """
import sys
from pix2pix import CheckpointError, Pix2PixPipeline
for source in sys.argv[1:]:
    try:
        pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
        print("loaded", pipe.name, pipe.image_size)
    except CheckpointError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A Hub with a generator in maker/bags, and one whose download ends early in maker/cut."""
    root = tmp_path_factory.mktemp("hub")
    for name in ("bags", "cut"):
        UNetGenerator(ngf=4).save_pretrained(root / "models" / "maker" / name)
    with serve(root) as (endpoint, _):
        yield endpoint


def load(cache: Path, endpoint: str, *sources: str, **further: str) -> list[str]:
    """What loading each source says: one line each."""
    settings = environment(endpoint, cache) | {"HF_HUB_DISABLE_XET": "1"}
    run = subprocess.run(
        [sys.executable, "-c", LOAD, *sources],
        cwd=ROOT,
        env=os.environ | settings | further,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run.stdout.splitlines()


def test_repositories_load_and_every_failure_is_one_sentence(hub, tmp_path):
    sources = ["maker/bags", "maker/bags@v1", "maker/bags@v9", "maker/nothing", "maker/private", "maker/gated"]
    said = load(tmp_path, hub, *sources)
    assert said[:2] == ["loaded maker/bags 256", "loaded maker/bags@v1 256"]
    assert said[2] == "can't load maker/bags@v9 from the Hub: it has no revision 'v9'"
    for line, source in zip(said[3:5], sources[3:5], strict=True):
        assert line.startswith(f"can't load {source} from the Hub: no such repository, or it is private")
    assert said[5].startswith("can't load maker/gated from the Hub: access is restricted")


def test_offline_the_cache_serves_and_a_missing_copy_says_so(hub, tmp_path):
    assert load(tmp_path, hub, "maker/bags") == ["loaded maker/bags 256"]
    nowhere = "http://127.0.0.1:9"  # nobody listens there
    loaded, missing = load(tmp_path, nowhere, "maker/bags", "maker/other")
    assert loaded == "loaded maker/bags 256"
    assert missing.startswith("can't load maker/other from the Hub: the Hub can't be reached")
    assert load(tmp_path, nowhere, "maker/bags", HF_HUB_OFFLINE="1") == ["loaded maker/bags 256"]


def test_a_cut_connection_leaves_nothing_that_looks_whole(hub, tmp_path):
    (said,) = load(tmp_path, hub, "maker/cut", HF_HUB_DOWNLOAD_TIMEOUT="2")
    assert said.startswith("can't load maker/cut from the Hub: ")
    assert not list(tmp_path.rglob("snapshots/*/model.safetensors"))
