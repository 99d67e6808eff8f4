"""Checkpoint folders: what is saved loads, and what can't be loaded says why in one sentence."""

import json
import os
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from pix2pix import CheckpointError, DCGANGenerator, PatchDiscriminator, Pix2PixPipeline, UNetGenerator, checkpoint


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    checkpoint.save(UNetGenerator(ngf=4), tmp_path / "bags")
    return tmp_path / "bags"


def edit_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def edit_weights(folder, change):
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def test_save_pretrained_makes_a_folder_that_the_pipeline_reads(tmp_path):
    UNetGenerator(ngf=4).save_pretrained(tmp_path)
    assert Pix2PixPipeline.from_pretrained(tmp_path, device="cpu").image_size == 256
    assert UNetGenerator.from_pretrained(tmp_path).down[0][0].out_channels == 4


def test_facts_are_kept_beside_the_architecture(tmp_path):
    checkpoint.save(UNetGenerator(ngf=4), tmp_path, metrics={"L1": 0.2})
    config = checkpoint.read_config(tmp_path)
    assert config["metrics"] == {"L1": 0.2}
    assert config["ngf"] == 4
    assert checkpoint.load(UNetGenerator, tmp_path).down[0][0].out_channels == 4


def test_a_list_of_numbers_is_one_line_and_texts_stay_as_they_are(tmp_path):
    facts = {"strokes": [{"p": [1, -2.5, 1e-09]}, {"p": []}], "note": "[\n  1,\n  2\n] [ 3 ]", "names": ["1", "2"]}
    checkpoint.save(UNetGenerator(ngf=4), tmp_path, **facts)
    assert '"p": [1, -2.5, 1e-09]' in (tmp_path / "config.json").read_text()
    config = checkpoint.read_config(tmp_path)
    assert {name: config[name] for name in facts} == facts


def test_half_precision_halves_the_file_and_keeps_the_picture(tmp_path):
    generator = UNetGenerator(ngf=8).eval()
    checkpoint.save(generator, tmp_path / "full")
    checkpoint.save(generator, tmp_path / "half", half=True)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("half", "full")]
    assert sizes[0] < 0.52 * sizes[1]
    x = torch.randn(1, 3, 256, 256)
    assert (checkpoint.load(UNetGenerator, tmp_path / "half")(x) - generator(x)).abs().max() < 0.01
    assert next(generator.parameters()).dtype == torch.float32  # the network itself is left alone


def test_a_model_card_written_by_a_person_survives_saving(folder):
    (folder / "README.md").write_text("Words of a person")
    checkpoint.save(UNetGenerator(ngf=4), folder)
    assert (folder / "README.md").read_text() == "Words of a person"
    assert not list(folder.glob(".saving-*"))


def test_what_a_killed_save_left_does_not_get_into_the_checkpoint(tmp_path):
    (tmp_path / "bag" / ".saving").mkdir(parents=True)
    (tmp_path / "bag" / ".saving" / ".tmpAb12Cd").write_bytes(b"half of the weights")
    checkpoint.save(UNetGenerator(num_downs=5, ngf=4), tmp_path / "bag")
    files = {path.name for path in (tmp_path / "bag").iterdir()}
    assert files == {"config.json", "model.safetensors", "README.md"}


def test_a_link_in_the_place_of_what_a_killed_save_left_is_not_followed(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    (tmp_path / "bag").mkdir()
    (tmp_path / "bag" / ".saving").symlink_to(tmp_path / "mine")
    checkpoint.save(UNetGenerator(num_downs=5, ngf=4), tmp_path / "bag")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "mine"
    assert {path.name for path in (tmp_path / "bag").iterdir()} == {"config.json", "model.safetensors", "README.md"}


def test_a_failed_save_leaves_the_old_checkpoint_whole(folder, monkeypatch):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def full_disk(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(UNetGenerator(ngf=4), folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/nowhere/at/all", "no checkpoint at /nowhere/at/all: expected a folder"),
        ("not a name", "no checkpoint at not a name"),
        ("./user/repo/deep", "no checkpoint at"),
    ],
)
def test_missing_places(source, message):
    with pytest.raises(CheckpointError, match=message):
        Pix2PixPipeline.from_pretrained(source)


def damage_config(folder):
    (folder / "config.json").write_text("{ngf:")


def listed_config(folder):
    (folder / "config.json").write_text("[1, 2]")


def cut_weights(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])


def nan_weight(folder):
    edit_weights(folder, lambda tensors: tensors["up.3.1.weight"].view(-1)[7].fill_(float("nan")))


def missing_weight(folder):
    edit_weights(folder, lambda tensors: tensors.pop("down.2.1.weight"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors"),
        (damage_config, "config.json is not readable JSON"),
        (listed_config, "should hold an object, not list"),
        (cut_weights, "model.safetensors is damaged or cut"),
        (nan_weight, "NaN or infinite numbers in up.3.1.weight"),
        (missing_weight, "does not fit its configuration as a UNetGenerator.*down.2.1.weight"),
        (lambda folder: edit_config(folder, ngf=8), "does not fit its configuration"),
        (lambda folder: edit_config(folder, ngf=10**7), "does not fit its configuration"),
        (
            lambda folder: edit_config(folder, num_downs=10**9),
            "does not fit its configuration.*num_downs is 1000000000",
        ),
        (lambda folder: edit_config(folder, ngf="wide"), "has ngf .wide.: expected a whole number"),
        (lambda folder: edit_config(folder, ngf=-4), "does not fit its configuration"),
        (lambda folder: edit_config(folder, norm="none"), "norm is 'none'"),
    ],
)
def test_damaged_folders_are_one_sentence(folder, damage, message):
    damage(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        Pix2PixPipeline.from_pretrained(folder, device="cpu")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_checkpoint_of_another_model_is_named(tmp_path):
    kinds = {
        "a pix2pix generator": UNetGenerator(num_downs=5, ngf=2),
        "a PatchGAN discriminator": PatchDiscriminator(ndf=2),
        "a DCGAN generator": DCGANGenerator(ngf=2),
    }
    for what, network in kinds.items():
        checkpoint.save(network, tmp_path / what)
        for expected, other in kinds.items():
            if other is not network:
                with pytest.raises(CheckpointError, match=f"{what} is {what}: expected {expected}"):
                    checkpoint.load(type(other), tmp_path / what)


class Bomb:
    """Unpickled, it writes a file."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (open, (str(self.trace), "w"))


@pytest.mark.parametrize("write", [torch.save, lambda thing, file: file.write_bytes(pickle.dumps(thing, protocol=2))])
def test_pth_files_of_strangers_run_no_code(tmp_path, write):
    write({"model": Bomb(tmp_path / "trace")}, tmp_path / "net.pth")
    with pytest.raises(CheckpointError, match=r"net\.pth is not a PyTorch file of plain weights"):
        Pix2PixPipeline.from_pretrained(tmp_path / "net.pth")
    assert not (tmp_path / "trace").exists()


def test_other_pth_files_are_named(tmp_path):
    (tmp_path / "noise.pth").write_bytes(b"not a file of PyTorch")
    torch.save({"epoch": 3}, tmp_path / "facts.pth")
    with pytest.raises(CheckpointError, match=r"noise\.pth is not a PyTorch file"):
        Pix2PixPipeline.from_pretrained(tmp_path / "noise.pth")
    with pytest.raises(CheckpointError, match=r"facts\.pth should hold a state dict"):
        Pix2PixPipeline.from_pretrained(tmp_path / "facts.pth")
