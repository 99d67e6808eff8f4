"""Uploads: the real client against a Hub on loopback. A checkpoint with its card, and the app as a Space."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import warm
from conftest import ROOT, ServerFromScratch
from gradio_client import Client, handle_file
from huggingface_hub import ModelCard
from loopback_hub import environment, serve
from PIL import Image

import train
from pix2pix import DCGANGenerator, UNetGenerator, checkpoint
from pix2pix import deploy as deploying
from pix2pix.checkpoint.fetch import hub_id
from pix2pix.checkpoint.locate import PUBLISHED
from pix2pix.checkpoint.model_card import model_card
from pix2pix.deploy import deploy
from pix2pix.errors import HubError
from pix2pix.networks.card_template import MARK

# The client reads HF_ENDPOINT when it is imported, so it runs in a process of its own.
PUSH = """
import os, sys
from pix2pix.checkpoint.push import HubError, push
for repo in sys.argv[2:]:
    if repo == "without-a-token":
        del os.environ["HF_TOKEN"]
        repo = "maker/more"
    try:
        print("pushed", push(sys.argv[1], repo))
    except HubError as error:
        print(error)
"""


@pytest.fixture
def hub(tmp_path):
    """A Hub with nothing on it: its folder, its handler, and the environment that leads to it."""
    with serve(tmp_path / "hub") as (endpoint, handler):
        handler.settings = os.environ | environment(endpoint, tmp_path / "cache")
        yield handler


def run(settings: dict, *arguments: str) -> subprocess.CompletedProcess:
    result = warm.run(*arguments, env=settings)
    assert "Traceback" not in result.stderr, result.stderr
    return result


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def tiny_classes(folder: Path) -> Path:
    for name, color in (("dark", 40), ("light", 220)):
        (folder / name).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (28, 28), color + number).save(folder / name / f"{number}.png")
    return folder


def test_a_training_ends_on_the_hub(hub, tmp_path):
    data, output = tiny_classes(tmp_path / "data"), tmp_path / "digits"
    options = ["--dataset", "folder", "--dataroot", str(data), "--output_dir", str(output), "--cpu"]
    small = ["--epochs", "1", "--batch_size", "4", "--ngf", "4", "--ndf", "4", "--snapshots", "1"]
    # By the older protocol for large files: the newer one is spoken by the Hub's own store alone.
    settings = hub.settings | {"HF_HUB_DISABLE_XET": "1"}
    done = run(settings, "train.py", "dcgan", *options, *small, "--push_to_hub", "maker/digits")
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("/maker/digits")

    there, here = contents(hub.root / "models" / "maker" / "digits"), contents(output)
    assert there == {name: content for name, content in here.items() if not name.startswith("training/")}
    assert {"README.md", "config.json", "model.safetensors", "discriminator/model.safetensors"} <= set(there)
    assert "push_to_hub" not in there["config.json"].decode()
    card = ModelCard(there["README.md"].decode())
    assert (card.data.library_name, card.data.license) == ("pix2pix", "mit")
    assert "dcgan" in card.data.tags
    assert 'DigitPipeline.from_pretrained("maker/digits")' in card.text
    assert "python train.py dcgan " in card.text
    assert str(tmp_path) not in card.text


def test_every_failure_is_one_sentence_and_leaves_the_checkpoint(hub, tmp_path):
    folder = tmp_path / "bags"
    checkpoint.save(UNetGenerator(ngf=4, num_downs=5), folder)
    before = contents(folder)
    failures = {
        "other/bags": "the token may not write there",
        "maker/full": "the Hub answered with status 507",
        "maker/lost": "the upload failed",
        "without-a-token": "there is no token; log in with `hf auth login`",
    }
    repos = ["maker/bags", "maker/bags", *failures]  # the second time brings it up to date
    said = run(hub.settings | {"HF_HUB_DISABLE_XET": "1"}, "-c", PUSH, str(folder), *repos).stdout.splitlines()
    assert [line.startswith("pushed http://127.0.0.1") for line in said] == [True, True, False, False, False, False]
    for line, (repo, why) in zip(said[2:], failures.items(), strict=True):
        repo = "maker/more" if repo == "without-a-token" else repo
        assert line.startswith(f"can't upload {folder} to {repo}: {why}")
        assert line.endswith(f"the checkpoint is kept, to upload it later: python train.py push {folder} {repo}")
    after = contents(folder)
    assert set(after) == {"config.json", "model.safetensors", "README.md"}
    assert all(after[name] == before[name] for name in ("config.json", "model.safetensors"))


@pytest.mark.parametrize("name", ["user/na me", "name", "a/b/c", "user/name@v1", "../up"])
def test_a_bad_name_is_refused_before_training(tmp_path, name):
    output = tmp_path / "output"
    for arguments in (
        ["dcgan", "--dataroot", str(tmp_path), "--output_dir", str(output), "--push_to_hub", name],
        ["push", str(output), name],
    ):
        with pytest.raises(SystemExit) as caught:
            train.main(arguments)
        assert str(caught.value) == f"train.py: {name!r} is not the name of a repository on the Hub: expected user/name"
    assert not output.exists()


def test_a_folder_without_a_checkpoint_is_not_uploaded(tmp_path):
    with pytest.raises(SystemExit, match=r"is not a checkpoint: it has no config\.json"):
        train.main(["push", str(tmp_path), "user/name"])
    (tmp_path / "config.json").write_text('{"num_downs": 8}')
    with pytest.raises(SystemExit, match=r"is not a checkpoint: it has no model\.safetensors"):
        train.main(["push", str(tmp_path), "user/name"])
    assert not (tmp_path / "README.md").exists()
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "README.md").write_text("---\n: bad: [\n---\n\nMine")
    with pytest.raises(SystemExit, match=r"no model card can be made of .*: README\.md has to be UTF-8"):
        train.main(["push", str(tmp_path), "user/name"])
    assert (tmp_path / "README.md").read_text().endswith("Mine")


METRICS = {
    "data": "edges2handbags/val",
    "outputs": {"l1": 0.25, "kid": 168.1},
    "real photos": {"kid": 1.3},
}


def test_the_card_tells_the_figures_of_the_model_itself():
    config = {"num_downs": 8, "metrics": METRICS, "training": {"images": 3000, "options": {"command": "pix2pix"}}}
    card = model_card(UNetGenerator._hub_mixin_info.model_card_data, config, "maker/bags")
    results = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert results == METRICS["outputs"]
    assert {result.dataset_name for result in card.data.eval_results} == {"edges2handbags/val"}
    assert card.data.pipeline_tag == "image-to-image"
    assert "- real photos: kid 1.3" in card.text
    assert "- images: 3000" in card.text
    assert "python app.py --pix2pix maker/bags" in card.text
    assert ModelCard(str(card)).data.to_dict() == card.data.to_dict()


def test_words_of_a_person_stay_and_figures_follow():
    base = DCGANGenerator._hub_mixin_info.model_card_data
    written = "---\nlicense: apache-2.0\ndatasets:\n- mnist\n---\n\n# My digits\n\nDrawn in a night.\n"
    card = model_card(base, {"z_dim": 9, "metrics": {"samples": {"agreement": 0.99}}}, "me/digits", written)
    assert card.text.strip() == "# My digits\n\nDrawn in a night."
    assert (card.data.license, card.data.datasets, card.data.library_name) == ("apache-2.0", ["mnist"], "pix2pix")
    assert [result.metric_value for result in card.data.eval_results] == [0.99]
    again = model_card(base, {"z_dim": 9, "metrics": {"samples": {"agreement": 0.5}}}, "me/digits", str(card))
    assert [result.metric_value for result in again.data.eval_results] == [0.5]
    plain = model_card(base, {"z_dim": 9}, "me/digits", "Words without metadata")
    assert plain.text.strip() == "Words without metadata"
    assert plain.data.license == "mit"


def test_words_of_ours_are_written_anew():
    base = DCGANGenerator._hub_mixin_info.model_card_data
    first = str(model_card(base, {"z_dim": 9}, "me/digits"))
    assert MARK in first
    second = str(model_card(base, {"z_dim": 9, "training": {"epochs": 7}}, "me/digits", first))
    assert "- epochs: 7" in second


def test_the_space_is_what_the_app_needs_and_starts_as_uploaded(hub, tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), hub.root / "models" / "maker" / "bags")
    done = run(hub.settings, "-m", "pix2pix.deploy", "maker/space", "--pix2pix", "maker/bags")
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("/spaces/maker/space")
    assert hub.variables == hub.at_commit == {"HANDBAGS": "maker/bags"}
    space = hub.root / "spaces" / "maker" / "space"
    there = contents(space)
    assert {"README.md", "LICENSE", "app.py", "requirements.txt", "checkpoints/handbags/config.json"} <= set(there)
    assert set(re.findall(r"!\[.*?\]\((.*?)\)", (ROOT / "README.md").read_text())) <= set(there)
    unwanted = ("tests/", "benchmarks/", ".", "data/", "output", "train.py", "checkpoints/digit-judge/")
    assert not [
        name for name in there if name.startswith(unwanted) or "__pycache__" in name or "/training/state.pt" in name
    ]
    assert [name for name, content in there.items() if (ROOT / name).read_bytes() != content] == []

    server = ServerFromScratch.of_folder(space).start()
    try:
        Image.new("RGB", (256, 256), "white").save(tmp_path / "paper.png")
        client = Client(server.url, verbose=False, download_files=str(tmp_path))
        with Image.open(client.predict(handle_file(tmp_path / "paper.png"), api_name="/translate")) as picture:
            assert picture.size == (256, 256)
    finally:
        said = server.stop()
    assert "Traceback" not in said
    assert "warning" not in said


def test_deploying_again_takes_away_what_is_here_no_more(hub):
    hub.variables.update({"HANDBAGS": "maker/bags", "OWN": "mine"})
    space = hub.root / "spaces" / "maker" / "again"
    for name in ("checkpoints/old/config.json", "pix2pix/old.py", "words.md"):
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_text("{}")
    checkpoint.save(DCGANGenerator(ngf=2), hub.root / "models" / "maker" / "digits")
    # everybody can read the variables of a Space
    address = hub.settings["HF_ENDPOINT"].replace("://", "://me:sesame@") + "/maker/digits/tree/v1?token=sesame"
    done = run(hub.settings, "-m", "pix2pix.deploy", "maker/again", "--digits", address, "--private")
    assert done.returncode == 0, done.stderr
    first, *rest = hub.events
    assert first == "private", "before anything goes there"
    assert set(rest) == {"commit"}  # twice where the client grew impatient
    assert done.stdout.startswith("To the Space maker/again go ")
    assert "\n  checkpoints/handbags: README.md, config.json, model.safetensors\n" in done.stdout
    assert hub.variables == {"DIGITS": "maker/digits@v1", "OWN": "mine"}
    there = contents(space)
    assert "words.md" in there  # not ours to delete
    assert not {"checkpoints/old/config.json", "pix2pix/old.py"} & set(there)
    assert "pix2pix/pipelines/network_thread.py" in there


def test_the_page_without_a_server_becomes_a_static_space(hub, tmp_path):
    pytest.importorskip("onnxscript")
    space = hub.root / "spaces" / "maker" / "page"
    for name in ("files/old/network.onnx", "words.md"):
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_text("{}")
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path / "bags")
    checkpoint.save(DCGANGenerator(ngf=2), tmp_path / "digits")
    sources = ["--pix2pix", str(tmp_path / "bags"), "--dcgan", str(tmp_path / "digits")]
    done = run(hub.settings, "-m", "pix2pix.deploy", "maker/page", "--static", *sources)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("To the static Space maker/page go ")
    there = contents(space)
    assert {"README.md", "index.html", "service_worker.js", "words.md"} <= set(there)
    assert "files/old/network.onnx" not in there
    assert there["README.md"].decode().startswith("---\ntitle: pix2pix\n")
    assert sum(name.endswith(".onnx") for name in there) == 2
    done = run(hub.settings, "-m", "pix2pix.deploy", "maker/page", "--static", "--pix2pix", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://me:sesame@huggingface.co/user/name?token=sesame", "user/name"),
        ("https://huggingface.co/user/name/tree/v1", "user/name@v1"),
        (
            "https://huggingface.co/user/name/blob/main/net G.pth",
            "https://huggingface.co/user/name/blob/main/net G.pth",
        ),
    ],
)
def test_an_address_names_a_checkpoint_and_no_secret(address, source):
    found = hub_id(address)
    assert found
    assert found.source == source
    assert hub_id(source) == found


def test_deploying_says_what_is_wrong(hub):
    with pytest.raises(HubError, match="'name' is not the name of a repository on the Hub: expected user/name"):
        deploy("name")
    with pytest.raises(HubError, match="a Space can't load the folder pix2pix/ui: push it first"):
        deploy("maker/space", handbags="pix2pix/ui")
    with pytest.raises(HubError, match="'bags' is not the name of a repository on the Hub"):
        deploy("maker/space", digits="bags")
    done = run(hub.settings, "-m", "pix2pix.deploy", "maker/space", "--digits", "maker/nothing")
    assert "there is no model maker/nothing on the Hub" in done.stderr
    (hub.root / "models" / "maker" / "empty").mkdir(parents=True)  # as a push that failed leaves it
    (hub.root / "models" / "maker" / "empty" / "README.md").touch()
    for option, why in (("--handbags", "is not a checkpoint: it has no config.json"), ("--digits", "no config.json")):
        done = run(hub.settings, "-m", "pix2pix.deploy", "maker/space", option, "maker/empty")
        assert done.returncode == 1
        assert "can't deploy to maker/space: maker/empty" in done.stderr
        assert why in done.stderr
    assert not (hub.root / "spaces").exists()
    done = run(hub.settings, "-m", "pix2pix.deploy", "other/space")
    assert done.returncode == 1
    assert done.stderr.startswith("deploy: can't deploy to other/space: the token may not write there")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A folder as people have it: the project, and much that is theirs."""
    root = tmp_path / "clone"
    belongs = ["app.py", "README.md", "pix2pix/a.py", "pix2pix/ui/a.js", "pix2pix/ui/a.json"]
    belongs += [f"checkpoints/{name}/{file}" for name in deploying.SERVED for file in PUBLISHED if "[" not in file]
    belongs += ["checkpoints/handbags/snapshots/images_0000001.webp"]
    theirs = [".env", "pix2pix/.env", "pix2pix/.x.py", "pix2pix/a.log", "pix2pix/me.jpg", "pix2pix/__pycache__/a.json"]
    theirs += ["notes.py", "id_rsa", "output/model.safetensors", "pix2pix/id_rsa", "pix2pix/data.npz"]
    theirs += ["checkpoints/mine/config.json", "checkpoints/mine/model.safetensors", "checkpoints/handbags/me.png"]
    theirs += ["checkpoints/handbags/snapshots/me.webp", "checkpoints/shoes/snapshots/images of me.webp"]
    theirs += ["checkpoints/shoes/snapshots/images_2019 at the beach.webp", "checkpoints/shoes/snapshots/images_7.webp"]
    theirs += ["checkpoints/handbags/training/state.pt", "checkpoints/handbags/discriminator/notes.txt"]
    for name in belongs + theirs:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "pix2pix" / "link.json").symlink_to(root / "id_rsa")
    monkeypatch.setattr(deploying, "ROOT", root)
    return root, sorted(belongs)


def test_only_what_belongs_to_the_app_goes_to_a_space(clone, capsys):
    _, belongs = clone
    assert deploying.belonging(deploying.SERVED) == belongs
    more = deploying.belonging([*deploying.SERVED, "mine"])
    assert set(more) - set(belongs) == {"checkpoints/mine/config.json", "checkpoints/mine/model.safetensors"}
    assert deploy("maker/space", dry_run=True) is None
    assert f"To the Space maker/space go {len(belongs)} files" in capsys.readouterr().out
    for name in ("yours", "../output", "handbags/discriminator"):
        with pytest.raises(HubError, match=f"checkpoints/ holds no checkpoint '{name}'"):
            deploy("maker/space", also=[name])


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("checkpoints/handbags/config.json", '{"token":\n"hf_' + "aB3" * 12 + '"}', "line 2 looks like a token of Hug"),
        ("pix2pix/ui/a.js", "-----BEGIN RSA PRIVATE " + "KEY-----", "line 1 looks like a private key"),
        ("README.md", "\n\nAKIA" + "A1" * 8 + "\n", "line 3 looks like a key of AWS"),
        ("README.md", "-----BEGIN PGP PRIVATE KEY " + "BLOCK-----", "line 1 looks like a private key"),
        ("README.md", "glpat-" + "x" * 20, "line 1 looks like a token of GitLab"),
        ("README.md", "hf_oauth_" + "aB3_" * 12, "line 1 looks like a token of Hugging"),
        ("README.md", ("\nhf_" + "aB3" * 12).encode("utf-16"), "line 2 looks like a token of Hugging"),
        (
            "checkpoints/shoes/model.safetensors",
            "{'note': 'hf_" + "aB3" * 12 + "'}",
            "line 1 looks like a token of Hug",
        ),
        ("checkpoints/handbags/snapshots/inputs.webp", "Exif hf_" + "aB3" * 12, "line 1 looks like a token of Hug"),
        ("README.md", "postgres://me:" + "sesame@db.example.org", "line 1 looks like a password"),
        ("README.md", "WANDB_API_KEY=" + "a1" * 20, "line 1 looks like a key"),
        (
            "README.md",
            ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "SflKxwRJSM"]),
            "line 1 looks like a token",
        ),
        ("README.md", "PuTTY-User-Key-" + "File-3: ssh-ed25519", "line 1 looks like a private key"),
        ("pix2pix/api_key.txt", "", "by its name it holds a secret"),
        ("pix2pix/client_secret.json", "{}", "by its name it holds a secret"),
        ("pix2pix/kaggle.json", "{}", "by its name it holds a secret"),
        ("pix2pix/netrc.json", "{}", "by its name it holds a secret"),
        ("pix2pix/aws.json", "{}", "by its name it holds a secret"),
    ],
)
def test_what_looks_like_a_secret_stops_it(clone, name, content, why):
    root, _ = clone
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(HubError, match=f"{name} is not uploaded, nor anything else: {why}"):
        deploy("maker/space")


def test_of_a_clone_only_what_git_knows_goes_to_a_space(clone):
    root, belongs = clone
    for words in (["init", "-q"], ["add", "pix2pix/a.py", "pix2pix/ui"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    for name in ("pix2pix/kaggle.json", "pix2pix/mine.py"):
        (root / name).write_text("{}")
    assert deploying.belonging(deploying.SERVED) == belongs


def test_what_lies_behind_a_linked_folder_stays(clone, tmp_path):
    root, _ = clone
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("me.webp", "private.py"):
        (photos / name).write_text("mine")
    shutil.rmtree(root / "checkpoints" / "handbags" / "snapshots", ignore_errors=True)
    (root / "checkpoints" / "handbags" / "snapshots").symlink_to(photos)
    (root / "pix2pix" / "linked").symlink_to(photos)
    assert not [name for name in deploying.belonging(deploying.SERVED) if "me.webp" in name or "private" in name]


def test_the_readme_is_a_valid_head_of_a_space():
    """Fields and values: https://huggingface.co/docs/hub/spaces-config-reference"""
    import gradio
    from huggingface_hub import SpaceCard

    data = SpaceCard.load(ROOT / "README.md", ignore_metadata_errors=False).data
    assert (data.sdk, data.app_file, data.license) == ("gradio", "app.py", "mit")
    assert data.sdk_version == gradio.__version__
    major, minor = data.python_version.split(".")
    assert (int(major), int(minor)) >= (3, 11)
    colors = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {data.colorFrom, data.colorTo} <= colors
    assert len(data.short_description) <= 60
    assert data.models == []  # the checkpoints come along; without this, ids in the code would be taken for models
    assert {"pix2pix", "gan"} <= set(data.tags)
    json.dumps(data.to_dict())  # numbers that YAML would read as dates or floats are quoted
