"""Averaged weights, and batch-norm statistics that belong to them."""

import torch
from torch import nn

from pix2pix import UNetGenerator
from pix2pix.training.average import average_of, with_fresh_statistics


def test_average_follows_slowly():
    layer = nn.Linear(1, 1, bias=False)
    average = average_of(layer, 0.9)
    for value in (0.0, 1.0):
        nn.init.constant_(layer.weight, value)
        average.update_parameters(layer)
    assert torch.allclose(average.module.weight, torch.tensor([[0.1]]))
    assert average_of(layer, 0) is None


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
