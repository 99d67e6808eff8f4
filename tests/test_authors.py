"""Checkpoint files of the authors' PyTorch repository load, and paint the same picture."""

import pytest
import torch
from authors_reference import (
    AuthorsDiscriminator,
    AuthorsGenerator,
    AuthorsPixelDiscriminator,
    with_lived_in_statistics,
)

from pix2pix import CheckpointError, PatchDiscriminator, Pix2PixPipeline, UNetGenerator, checkpoint


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(
    "options",
    [
        {"ngf": 8},
        {"ngf": 4, "num_downs": 7, "norm": "instance"},
        {"ngf": 4, "num_downs": 9, "input_nc": 1, "output_nc": 3},
        {"ngf": 64, "num_downs": 7},
    ],
    ids=str,
)
def test_generator_file_gives_equal_outputs(tmp_path, options, prefix):
    theirs = with_lived_in_statistics(AuthorsGenerator(**options))
    torch.save({prefix + key: tensor for key, tensor in theirs.state_dict().items()}, tmp_path / "latest_net_G.pth")
    ours = checkpoint.load(UNetGenerator, tmp_path / "latest_net_G.pth")
    x = torch.randn(2, options.get("input_nc", 3), ours.image_size, ours.image_size)
    with torch.no_grad():
        assert (ours(x) - theirs(x)).abs().max() < 1e-5
    config = ours._hub_mixin_config
    assert {key: config[key] for key in options} == options


def test_state_dict_loads_as_it_is():
    theirs = with_lived_in_statistics(AuthorsGenerator(ngf=4))
    ours = UNetGenerator(ngf=4).eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 3, 256, 256)
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_instance_norm_statistics_of_old_files_are_left_out(tmp_path):
    theirs = AuthorsGenerator(ngf=4, norm="instance").eval()
    state = dict(theirs.state_dict())
    state["model.model.1.model.2.running_mean"] = torch.zeros(8)  # as PyTorch 0.3 saved them
    state["model.model.1.model.2.running_var"] = torch.ones(8)
    torch.save(state, tmp_path / "net.pth")
    x = torch.randn(1, 3, 256, 256)
    assert torch.allclose(checkpoint.load(UNetGenerator, tmp_path / "net.pth")(x), theirs(x), atol=1e-5)


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(
    "theirs",
    [
        AuthorsDiscriminator(ndf=8),
        AuthorsDiscriminator(ndf=4, n_layers=1),
        AuthorsDiscriminator(input_nc=3, ndf=4, n_layers=5, norm="instance"),
        AuthorsPixelDiscriminator(ndf=4),
    ],
    ids=["patch 70", "patch 16", "patch 286", "pixel"],
)
def test_discriminator_file_gives_equal_outputs(tmp_path, theirs, prefix):
    with_lived_in_statistics(theirs)
    torch.save({prefix + key: tensor for key, tensor in theirs.state_dict().items()}, tmp_path / "latest_net_D.pth")
    ours = checkpoint.load(PatchDiscriminator, tmp_path / "latest_net_D.pth")
    x = torch.randn(1, next(theirs.parameters()).shape[1], 256, 256)
    with torch.no_grad():
        assert (ours(x) - theirs(x)).abs().max() < 1e-5


def test_pipeline_reads_file_and_folder_of_the_authors(tmp_path):
    torch.save(AuthorsGenerator(ngf=4).state_dict(), tmp_path / "latest_net_G.pth")
    torch.save(AuthorsDiscriminator(ndf=4).state_dict(), tmp_path / "latest_net_D.pth")
    for source in (tmp_path, tmp_path / "latest_net_G.pth"):
        pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
        assert pipe.image_size == 256
        assert isinstance(pipe.discriminator, PatchDiscriminator)


def test_a_file_of_another_network_is_named(tmp_path):
    torch.save(AuthorsDiscriminator(ndf=4).state_dict(), tmp_path / "latest_net_D.pth")
    with pytest.raises(CheckpointError, match=r"latest_net_D\.pth does not hold the layers of a UNetGenerator"):
        checkpoint.load(UNetGenerator, tmp_path / "latest_net_D.pth")
