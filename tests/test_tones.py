"""Pictures with the brightness and contrast of the photos that were learned from."""

import pytest
import torch
from trainings import options, pair

from pix2pix import UNetGenerator
from pix2pix.training.pix2pix import Pix2PixTraining
from pix2pix.training.tones import before_tanh, with_matched_tones


@pytest.mark.parametrize("config", [{}, {"smooth": 2, "noise_nc": 1}, {"norm": "instance", "output_nc": 1}], ids=str)
def test_mean_and_spread_of_each_channel_become_those_of_the_photos(config):
    torch.manual_seed(0)
    network = UNetGenerator(num_downs=5, ngf=4, **config).eval()
    read = torch.rand(6, 3, 32, 32) * 2 - 1
    photos = (torch.randn(6, network.output_nc, 32, 32) * 0.4 - 0.3).tanh()
    matched = with_matched_tones(network, zip(read.split(2), photos.split(2), strict=True))
    with torch.inference_mode():
        found, wanted = before_tanh(matched(read)), before_tanh(photos)
        before = before_tanh(network(read))
    assert torch.allclose(found.mean(1), wanted.mean(1), atol=0.01)
    assert torch.allclose(found.std(1), wanted.std(1), atol=0.01)
    for one, other in zip(before, found, strict=True):  # nothing else changes
        assert torch.corrcoef(torch.stack([one, other]))[0, 1] > 0.999


def test_only_what_is_saved_has_them(tmp_path):
    (tmp_path / "train").mkdir()
    for number in range(4):
        pair(number).save(tmp_path / "train" / f"{number}.png")
    training = Pix2PixTraining(options(tmp_path, "--match_tones"), torch.device("cpu"))
    before = {name: values.clone() for name, values in training.generator.named_parameters()}
    served = dict(training.served().named_parameters())
    changed = {name for name in before if not torch.equal(before[name], served[name])}
    assert changed == {"up.0.1.weight", "up.0.1.bias"}
    assert all(torch.equal(before[name], values) for name, values in training.generator.named_parameters())
