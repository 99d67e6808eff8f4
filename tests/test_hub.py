"""Checkpoints from the Hub: the real client against a real server on loopback that speaks the Hub's file routes."""

import os
import urllib.request
from pathlib import Path

import pytest
import torch
import warm
from authors_reference import AuthorsGenerator
from conftest import Server
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from loopback_hub import environment, serve
from PIL import Image

from pix2pix import CheckpointError, PatchDiscriminator, UNetGenerator, checkpoint
from pix2pix.networks.upscaler import Upscaler
from pix2pix.ui.models import Models

# The client reads HF_ENDPOINT when it is imported, so it runs in a process of its own.
LOAD = """
import os, resource, sys
if limit := os.environ.get("LARGEST_FILE"):  # as on a full disk, no file grows any further
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
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
    """A Hub with a generator in maker/bags, one whose download ends early in maker/cut, too much in maker/huge."""
    root = tmp_path_factory.mktemp("hub")
    for name in ("bags", "cut", "private"):
        UNetGenerator(ngf=4).save_pretrained(root / "models" / "maker" / name)
    (root / "models" / "maker" / "huge").mkdir()
    (root / "models" / "maker" / "huge" / "config.json").write_text("{}")
    with open(root / "models" / "maker" / "huge" / "model.safetensors", "wb") as file:
        file.truncate(5 * 10**9)  # a hole: it takes no room on this disk
    (root / "models" / "maker" / "authors").mkdir()
    for epoch, depth in (("5", 7), ("latest", 8)):
        state = AuthorsGenerator(num_downs=depth, ngf=4).state_dict()
        torch.save(state, root / "models" / "maker" / "authors" / f"{epoch}_net_G.pth")
    with serve(root) as (endpoint, _):
        yield endpoint


def load(cache: Path, endpoint: str, *sources: str, **further: str) -> list[str]:
    """What loading each source says: one line each."""
    settings = environment(endpoint, cache) | {"HF_HUB_DISABLE_XET": "1"}
    run = warm.run("-c", LOAD, *sources, env=os.environ | settings | further)
    assert "Traceback" not in run.stderr, run.stderr
    return run.stdout.splitlines()


def test_repositories_load_and_every_failure_is_one_sentence(hub, tmp_path):
    sources = ["maker/bags", "maker/bags@v1", "maker/bags@v9", "maker/nothing", "maker/private", "maker/gated"]
    sources += ["maker/huge"]
    said = load(tmp_path, hub, *sources, HF_TOKEN="")
    assert said[:2] == ["loaded maker/bags 256", "loaded maker/bags@v1 256"]
    assert said[2] == "can't load maker/bags@v9 from the Hub: it has no revision 'v9'"
    for line, source in zip(said[3:5], sources[3:5], strict=True):
        assert line.startswith(f"can't load {source} from the Hub: no such repository, or it is private")
    assert said[5].startswith("can't load maker/gated from the Hub: access is restricted")
    assert said[6] == "can't load maker/huge from the Hub: it holds 5 GB; expected 2 GB at most"


def test_the_address_of_a_page_is_the_id_in_it_and_a_file_is_that_epoch(hub, tmp_path):
    sources = [
        f" {hub}/maker/bags/tree/v1 ",
        f"{hub}/maker/authors/blob/main/5_net_G.pth",
        f"{hub}/maker/bags/discussions",
    ]
    said = load(tmp_path, hub, *sources)
    assert said[:2] == ["loaded maker/bags@v1 256", "loaded maker/authors/5_net_G.pth 128"]
    assert said[2].startswith(f"no checkpoint at {hub}/maker/bags/discussions: expected a folder")
    assert {path.name for path in tmp_path.rglob("*.pth")} == {"5_net_G.pth"}, "other epochs are not downloaded"


def test_an_authors_file_loads_and_the_token_opens_what_is_private(hub, tmp_path):
    said = load(tmp_path, hub, "maker/private", "maker/authors")
    assert said == ["loaded maker/private 256", "loaded maker/authors 256"]


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


def test_a_full_disk_is_one_sentence(hub, tmp_path):
    (said,) = load(tmp_path, hub, "maker/bags", LARGEST_FILE="100000")
    assert said == (
        "can't load maker/bags from the Hub: the download failed (File too large); "
        "check network and disk space, then try again"
    )
    assert not list(tmp_path.rglob("snapshots/*/model.safetensors"))
    assert load(tmp_path, hub, "maker/bags") == ["loaded maker/bags 256"]  # and with room again, it goes on


def test_the_app_starts_on_its_own_checkpoint_when_the_hub_fails(hub, checkpoints, tmp_path):
    """As on a Space, whose variables name the checkpoints. The page says so; the sentence is for the log."""
    settings = environment(hub, tmp_path) | {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "2"}
    server = Server(checkpoints, HANDBAGS="maker/cut", DIGITS="maker/nothing", **settings).start()
    try:
        with urllib.request.urlopen(server.url + "/config") as response:
            config = response.read().decode()
    finally:
        said = server.stop()
    assert '"notice"' in config
    assert '"model_name":"handbags"' in config
    assert "maker/cut" not in config
    assert "warning: can't load maker/cut from the Hub: " in said
    assert "warning: can't load maker/nothing from the Hub: no such repository" in said


def test_a_mistyped_path_ends_the_start(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path / "bags")
    (tmp_path / "empty").mkdir()
    for name, why in (("bag", "no checkpoint at"), ("empty", "is not a checkpoint")):
        with pytest.raises(CheckpointError, match=why):
            Models(str(tmp_path / name), device="cpu")
    with pytest.raises(CheckpointError, match="is a pix2pix generator: expected a DCGAN generator"):
        Models(digits=str(tmp_path / "bags"), device="cpu")


def test_slow_models_of_visitors_hold_up_nobody(checkpoints, tmp_path):
    Image.new("RGB", (64, 64), "white").save(tmp_path / "paper.png")
    with serve(tmp_path / "hub") as (endpoint, handler):
        server = Server(checkpoints, **environment(endpoint, tmp_path / "cache")).start()
        try:
            client = Client(server.url, verbose=False, download_files=str(tmp_path))
            paper = handle_file(tmp_path / "paper.png")
            first = client.submit(paper, None, "maker/slow1", api_name="/translate")
            assert handler.asked.wait(60)
            second = client.submit(paper, None, "maker/slow2", api_name="/translate")
            assert client.submit(paper, None, None, api_name="/translate").result(timeout=60)
            with pytest.raises(AppError, match="another model is being loaded from the Hub at the moment"):
                second.result(timeout=60)
            assert client.submit(paper, None, "shoes", api_name="/translate").result(timeout=60)
            handler.released.set()
            with pytest.raises(AppError, match="there is no such public repository"):
                first.result(timeout=60)
        finally:
            handler.released.set()
            server.stop()


# One after the other, so that no two searches for the fastest form fill the memory.
NAMES = """
import threading
from pix2pix.networks.upscaler import Upscaler
from pix2pix.ui.models import Models
models = Models(device="cpu")
searches = lambda: [thread for thread in threading.enumerate() if thread.name == "engine"]
[search.join() for search in searches()]
first = models.get("maker/bags")
print(len(searches()), models.get("maker/bags@v1") is first, models.get("maker/bags", wait=False) is first)
"""


def test_a_commit_of_many_names_is_loaded_once(hub, tmp_path):
    settings = environment(hub, tmp_path) | {"HF_HUB_DISABLE_XET": "1"}
    run = warm.run("-c", NAMES, env=os.environ | settings)
    assert run.stdout.splitlines()[-1:] == ["0 True True"], run.stderr


# Each model twice: a damaged one is not kept, and the sentence is the same.
PARTS = """
import pix2pix.pipelines as pipelines
from pix2pix import CheckpointError
from pix2pix.ui.models import Models
models = Models(device="cpu")
def say(name):
    try:
        print(models.get(name).name)
    except CheckpointError as error:
        print(str(error)[:100])
for name in ("judge", "sharp", "wide", "lost", "odd"):
    say(f"maker/{name}")
def surprise(*_):
    raise AttributeError("/home/somebody/model.safetensors")
pipelines.Pix2PixPipeline._load = surprise
say("maker/good")
"""


def test_every_network_of_a_strangers_checkpoint_is_checked_when_it_comes(tmp_path):
    """Else visitors would read the paths of this machine, and each picture would load a damaged network again."""
    root = tmp_path / "hub" / "models" / "maker"
    for name in ("judge", "sharp", "wide", "lost", "good", "odd"):
        checkpoint.save(UNetGenerator(ngf=4), root / name)
    (root / "odd" / "config.json").write_text('{"num_downs": 8, "norm": "odd"}')
    judge, sharp, wide = PatchDiscriminator(ndf=2), Upscaler(4, depth=0), Upscaler(100, depth=1)
    next(judge.parameters()).data.fill_(float("nan"))
    checkpoint.save(judge, root / "judge" / "discriminator")
    for name, network in (("sharp", sharp), ("wide", wide), ("lost", sharp)):
        checkpoint.save(network, root / name / "upscaler")
    (root / "sharp" / "upscaler" / "config.json").write_text("[]")
    (root / "lost" / "upscaler" / "model.safetensors").unlink()
    with serve(tmp_path / "hub") as (endpoint, _):
        settings = environment(endpoint, tmp_path / "cache") | {"HF_HUB_DISABLE_XET": "1"}
        run = warm.run("-c", PARTS, env=os.environ | settings)
    said = run.stdout.splitlines()
    assert len(said) == 6, run.stderr
    assert said[0].startswith(
        "maker/judge/discriminator/model.safetensors holds NaN or infinite numbers in model.0.weight"
    )
    assert said[1] == "maker/sharp/upscaler/config.json should hold an object, not list"
    assert said[2].startswith("maker/wide takes 35 billion multiplications a picture: this app takes 14 billion")
    assert said[3] == "maker/lost/upscaler is not a checkpoint: it has no model.safetensors"
    assert said[4].startswith("maker/odd does not fit its configuration as a UNetGenerator: norm is 'odd'")
    assert said[5] == "maker/good can't be loaded: its files are not those of a pix2pix checkpoint"
    assert "AttributeError: /home/somebody" in run.stderr, "the log says what it was"
