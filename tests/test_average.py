"""Averaged weights, and batch-norm statistics that belong to them."""

import copy

import torch
from torch import nn

from pix2pix import UNetGenerator
from pix2pix.training.average import update_average, with_fresh_statistics


def test_average_follows_slowly():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    average = copy.deepcopy(layer)
    nn.init.ones_(layer.weight)
    for expected in (0.1, 0.19):
        update_average(average, layer, 0.9)
        assert torch.allclose(average.weight, torch.tensor([[expected]]))


def test_average_has_the_last_statistics():
    norm = nn.BatchNorm2d(2)
    average = copy.deepcopy(norm)
    norm(torch.randn(4, 2, 3, 3))
    update_average(average, norm, 0.9)
    for ours, theirs in zip(average.buffers(), norm.buffers(), strict=True):
        assert torch.equal(ours, theirs)


def test_fresh_statistics_are_those_of_the_inputs():
    """The picture in evaluation mode is the one with the statistics of these very inputs."""
    torch.manual_seed(0)
    generator = UNetGenerator(num_downs=5, ngf=4)
    inputs = torch.randn(16, 3, 32, 32)
    served = with_fresh_statistics(generator, [(inputs,)])
    assert not served.training
    generator.eval()
    for module in generator.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.train()
    expected = generator(inputs)  # batch statistics, no dropout
    # The gathered variance is the unbiased one, the one of the batch is not: they differ by 1 / (16 * pixels).
    assert (served(inputs) - expected).abs().max() < 0.02
    assert all(module.momentum == 0.1 for module in served.modules() if isinstance(module, nn.BatchNorm2d))


def test_the_network_itself_is_left_alone():
    generator = UNetGenerator(num_downs=5, ngf=4).train()
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    with_fresh_statistics(generator, [(torch.randn(4, 3, 32, 32),)])
    assert generator.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in generator.state_dict().items())
