"""Which files of a folder are the checkpoint, and what people write in place of its name."""

import json
import os

import pytest
import torch
from authors_reference import AuthorsDiscriminator, AuthorsGenerator

import train
from pix2pix import CheckpointError, DCGANGenerator, DigitPipeline, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.checkpoint.fetch import HubId, check_sizes, hub_id
from pix2pix.checkpoint.locate import locate, pick


@pytest.mark.parametrize(
    ("names", "generator", "discriminator"),
    [
        (["5_net_G.pth", "10_net_G.pth", "100_net_G.pth", "latest_net_G.pth", "latest_net_D.pth"], "latest", "latest"),
        (["5_net_G.pth", "10_net_G.pth", "100_net_G.pth", "9_net_D.pth", "100_net_D.pth"], "100", "100"),
        (["iter_5000_net_G.pth", "iter_20000_net_G.pth", "iter_20000_net_D.pth"], "iter_20000", "iter_20000"),
        (["iter_20000_net_G.pth", "5_net_G.pth", "5_net_D.pth"], "5", "5"),
        (["bags_net_G.pth", "bags_net_D.pth", "readme.txt"], "bags", "bags"),
    ],
)
def test_the_latest_epoch_of_each_network_is_taken(names, generator, discriminator):
    for order in (names, names[::-1]):
        assert pick(order, "bags") == f"{generator}_net_G.pth"
        assert pick(order, "bags", "D") == f"{discriminator}_net_D.pth"


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([], "bags is not a checkpoint: it has no config.json, nor a file such as latest_net_G.pth"),
        (["latest_net_D.pth"], "bags is not a checkpoint"),
        (["one.pth", "other.pth"], r"bags holds several networks: name the file to load \(one.pth, other.pth\)"),
        (["a_net_G.pth", "b_net_G.pth"], r"bags holds several networks: .* \(a_net_G.pth, b_net_G.pth\)"),
        (
            ["5_net_G_A.pth", "latest_net_G_A.pth", "latest_net_G_B.pth", "latest_net_D_A.pth"],
            r"bags is a folder of CycleGAN, .*: name a file \(latest_net_G_A.pth, latest_net_G_B.pth\)",
        ),
    ],
)
def test_nothing_is_chosen_by_chance(names, why):
    with pytest.raises(CheckpointError, match=why):
        pick(names, "bags")


def save_epoch(folder, epoch: str, number: int, side: str = "", discriminator: bool = True) -> None:
    """Networks that tell their number: the bias of the picture, and the width of the discriminator."""
    folder.mkdir(exist_ok=True)
    generator = AuthorsGenerator(num_downs=5, ngf=2)
    generator.model.model[3].bias.data.fill_(number)
    torch.save(generator.state_dict(), folder / f"{epoch}_net_G{side}.pth")
    if discriminator:
        torch.save(AuthorsDiscriminator(ndf=number, n_layers=1).state_dict(), folder / f"{epoch}_net_D{side}.pth")


def numbers(source) -> tuple[int, int | None]:
    pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
    number = round(pipe.generator.up[0][1].bias[0].item())
    return number, pipe.discriminator and pipe.discriminator.layers[0].out_channels


def test_both_networks_are_of_the_same_epoch(tmp_path):
    for number, epoch in enumerate(("5", "10", "100", "200"), start=1):
        save_epoch(tmp_path, epoch, number, discriminator=epoch != "5")
    assert numbers(tmp_path) == (4, 4)
    save_epoch(tmp_path, "latest", 5)
    assert numbers(tmp_path) == (5, 5)
    assert numbers(tmp_path / "10_net_G.pth") == (2, 2)
    assert numbers(tmp_path / "5_net_G.pth") == (1, None)


def test_generators_of_cyclegan_are_named_one_by_one(tmp_path):
    save_epoch(tmp_path, "latest", 1, "_A")
    save_epoch(tmp_path, "latest", 2, "_B")
    with pytest.raises(CheckpointError, match="is a folder of CycleGAN"):
        numbers(tmp_path)
    torch.save(AuthorsDiscriminator(input_nc=3, ndf=9).state_dict(), tmp_path / "latest_net_D_B.pth")
    assert numbers(tmp_path / "latest_net_G_A.pth") == (1, 1)
    assert numbers(tmp_path / "latest_net_G_B.pth") == (2, 9)
    torch.save({"model.10.conv_block.1.weight": torch.zeros(4, 4, 3, 3)}, tmp_path / "latest_net_G_A.pth")
    with pytest.raises(CheckpointError, match=r"latest_net_G_A\.pth is a ResNet generator, .* only U-Nets"):
        numbers(tmp_path / "latest_net_G_A.pth")


WRAPPERS = {
    "state_dict": lambda state: {"state_dict": state, "epoch": 3},
    "G and D": lambda state: {"G": state, "D": AuthorsDiscriminator(ndf=2).state_dict(), "optimizer": {"lr": 0.1}},
    "nested": lambda state: {"model": {"state_dict": state}},
    "compiled": lambda state: {f"_orig_mod.{key}": value for key, value in state.items()},
    "compiled and parallel": lambda state: {f"module._orig_mod.{key}": value for key, value in state.items()},
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_wrapped_weights_load(tmp_path, wrap):
    save_epoch(tmp_path, "latest", 7)
    file = tmp_path / "latest_net_G.pth"
    torch.save(wrap(torch.load(file)), file)
    assert numbers(file) == (7, 7)


def test_of_two_generators_in_a_file_none_is_taken_by_chance(tmp_path):
    state = AuthorsGenerator(num_downs=5, ngf=2).state_dict()
    torch.save({"G": state, "G_ema": state}, tmp_path / "net.pth")
    with pytest.raises(CheckpointError, match=r"net\.pth holds several networks \(G, G_ema\)"):
        numbers(tmp_path / "net.pth")


def test_a_training_goes_on_from_an_authors_folder(tmp_path, pairs):
    for number, epoch in enumerate(("5", "10"), start=1):
        save_epoch(tmp_path / "theirs", epoch, number)
    options = ["--dataroot", pairs, "--load_size", "32", "--crop_size", "32", "--epochs", "1", "--max_images", "1"]
    options += ["--generator", tmp_path / "theirs", "--discriminator", tmp_path / "theirs", "--lr", "0", "--cpu"]
    train.main(["pix2pix", *map(str, options), "--workers", "0", "--output_dir", str(tmp_path / "out")])
    assert numbers(tmp_path / "out") == (2, 2)
    assert checkpoint.read_config(tmp_path / "out")["training"]["continues"] == "theirs"


def test_a_file_in_a_checkpoint_folder_means_the_folder(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path / "bags", line_width=3)
    checkpoint.save(DCGANGenerator(ngf=2), tmp_path / "digits")
    for file in ("model.safetensors", "config.json", "README.md"):
        pipe = Pix2PixPipeline.from_pretrained(tmp_path / "bags" / file, device="cpu")
        assert (pipe.name, pipe.line_width) == ("bags", 3)
        assert DigitPipeline.from_pretrained(tmp_path / "digits" / file, device="cpu").name == "digits"
    (tmp_path / "bags" / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors lacks the config\.json that belongs to it"):
        Pix2PixPipeline.from_pretrained(tmp_path / "bags" / "model.safetensors")


def test_spaces_around_a_path_do_not_count(tmp_path):
    save_epoch(tmp_path, "latest", 3)
    assert numbers(f" {tmp_path} ") == (3, 3)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("maker/bags", "maker/bags"),
        (" maker/bags@v1\n", "maker/bags@v1"),
        ("https://huggingface.co/maker/bags", "maker/bags"),
        ("huggingface.co/maker/bags/", "maker/bags"),
        ("https://hf.co/maker/bags/tree/main", "maker/bags"),
        ("https://huggingface.co/maker/bags/tree/v1?x=1#files", "maker/bags@v1"),
        ("https://huggingface.co/maker/bags/blob/main/model.safetensors", "maker/bags"),
        ("https://huggingface.co/maker/bags/blob/main/100_net_G.pth", "maker/bags/100_net_G.pth"),
        ("hf://maker/bags@v1", "maker/bags@v1"),
        ("https://huggingface.co/spaces/maker/bags", "None"),
        ("https://huggingface.co/maker", "None"),
        ("https://example.com/maker/bags", "None"),
        ("https://huggingface.co/maker/bags/blob/main/../../x.pth", "maker/bags"),
        ("maker/bags@../../x", "None"),
        ("output/latest_net_G.pth", "None"),
        ("bags", "None"),
        ("", "None"),
    ],
)
def test_what_names_a_repository(source, name):
    assert str(hub_id(source)) == name


def test_a_config_that_no_reader_can_take(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path)
    (tmp_path / "config.json").write_text("[" * 100_000)
    with pytest.raises(CheckpointError, match=r"config\.json is not readable JSON"):
        checkpoint.load(UNetGenerator, tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"num_downs": 5, "x": "x" * 10**6}))
    with pytest.raises(CheckpointError, match=r"config\.json is larger than 1000000 bytes"):
        checkpoint.load(UNetGenerator, tmp_path)


def test_a_file_of_unknown_size_is_refused():
    with pytest.raises(CheckpointError, match=r"does not say how large model\.safetensors is"):
        check_sizes(HubId("maker/bags"), {"config.json": 100, "model.safetensors": None}, stranger=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["config.json", "snapshots/images_0001000.webp", "latest_net_G.pth"])
def test_a_pipe_is_refused(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(CheckpointError, match="is a pipe, not a file"):
        locate(tmp_path)
