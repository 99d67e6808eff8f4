"""Batch renormalisation trains the network that is served."""

import pytest
import torch
from torch import nn

from pix2pix.training.renorm import BatchRenorm2d, renormalise


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Conv2d(5, 4, 3), nn.BatchNorm2d(4))
    for norm in (network[1], network[4]):
        nn.init.normal_(norm.weight, 1, 0.3)
        nn.init.normal_(norm.bias)
    return network


def test_the_first_steps_are_plain_batch_norm(network):
    x = torch.randn(4, 3, 9, 9)
    expected = network(x)
    torch.testing.assert_close(renormalise(network)(x), expected)


def test_later_training_sees_what_is_served(network):
    """Inside the limits, the outputs in training are those with the running statistics, batch by batch."""
    renormalise(network)
    data = 2 * torch.randn(64, 3, 9, 9) + 1
    for batch in data.split(4):
        network(batch)
    for norm in (network[1], network[4]):
        norm.num_batches_tracked.fill_(BatchRenorm2d.WARM_UP[1])
    served = network.eval()(data[:4])
    torch.testing.assert_close(network.train()(data[:4]), served, rtol=1e-4, atol=1e-4)


def test_the_gradient_still_knows_the_batch(network):
    """A shift of a whole batch has no gradient, as under batch norm: that is what keeps training stable."""
    norm = renormalise(network)[1]
    norm.num_batches_tracked.fill_(BatchRenorm2d.WARM_UP[1])
    shift = torch.zeros(1, 5, 1, 1, requires_grad=True)
    (norm(torch.randn(4, 5, 6, 6) + shift) * torch.randn(4, 5, 6, 6)).sum().backward()
    torch.testing.assert_close(shift.grad, torch.zeros_like(shift), atol=1e-4, rtol=0)


def test_weights_and_statistics_keep_their_names(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    after = renormalise(network).state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert {name for name, _ in network.named_parameters()} == {n for n in before if n.endswith(("weight", "bias"))}
