"""What kind of network a checkpoint holds, as its config.json tells."""

import pytest

from pix2pix import CheckpointError, DCGANDiscriminator, DCGANGenerator, PatchDiscriminator, UNetGenerator, checkpoint
from pix2pix.networks.digit_judge import DigitJudge
from pix2pix.networks.upscaler import Upscaler

NETWORKS = {
    "pix2pix": lambda: UNetGenerator(num_downs=5, ngf=2),
    "dcgan": lambda: DCGANGenerator(ngf=2),
    "upscaler": lambda: Upscaler(2),
    "classifier": lambda: DigitJudge(2),
    "pix2pix discriminator": lambda: PatchDiscriminator(ndf=2),
    "dcgan discriminator": lambda: DCGANDiscriminator(ndf=2),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_checkpoint_is_of_its_kind_and_loads_as_no_other(kind, tmp_path):
    network = NETWORKS[kind]()
    checkpoint.save(network, tmp_path, line_width=2, metrics={"data": "mnist"})
    assert checkpoint.kind_of(checkpoint.read_config(tmp_path)) == kind
    checkpoint.load(type(network), tmp_path)
    for other in NETWORKS.keys() - {kind}:
        with pytest.raises(CheckpointError, match=r"is an? [\w ]+: expected an? "):
            checkpoint.load(type(NETWORKS[other]()), tmp_path)


def test_a_config_may_leave_out_what_has_a_default():
    assert checkpoint.kind_of({"input_nc": 6, "ndf": 32}) == "pix2pix discriminator"


def test_what_is_no_network_of_ours_has_no_kind():
    assert checkpoint.kind_of({"hidden_size": 8}) is None
