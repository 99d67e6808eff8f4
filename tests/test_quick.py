"""The quicker step computes what the plain networks do."""

import copy

import pytest
import torch

from pix2pix import UNetGenerator
from pix2pix.training.quick import quicken


def profiled(network: torch.nn.Module, images: torch.Tensor) -> tuple[torch.Tensor, int]:
    """The network's output, and the number of convolutions that it took."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        output = network(images)
    return output, sum(event.count for event in profile.key_averages() if event.key == "aten::convolution")


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_a_quickened_generator_has_the_same_outputs_gradients_and_parameters(norm):
    torch.manual_seed(0)
    plain = UNetGenerator(num_downs=6, ngf=4, norm=norm, use_dropout=False)
    for parameter in plain.parameters():
        torch.nn.init.normal_(parameter, std=0.1)  # biases too
    quick = copy.deepcopy(plain).to(memory_format=torch.channels_last)
    quicken(quick, bfloat16=True)

    images = torch.rand(2, 3, 64, 64) * 2 - 1
    outputs, convolutions = zip(*(profiled(network, images) for network in (plain, quick)), strict=True)
    assert convolutions[0] - convolutions[1] == 2 * 4  # the inner levels, down and up, are products
    assert torch.allclose(*outputs, atol=1e-5)
    for output in outputs:
        (output - images).abs().mean().backward()
    named = dict(quick.named_parameters())
    for name, parameter in plain.named_parameters():
        assert torch.allclose(parameter.grad, named[name].grad, atol=1e-5), name
    assert plain.state_dict().keys() == quick.state_dict().keys()
    UNetGenerator(num_downs=6, ngf=4, norm=norm).load_state_dict(quick.state_dict())


def test_every_gradient_of_a_step_in_bfloat16_is_near_that_in_float32():
    torch.manual_seed(0)
    plain = UNetGenerator(num_downs=6, ngf=8, use_dropout=False)
    quick = copy.deepcopy(plain)
    quicken(quick, bfloat16=True)
    images = torch.rand(4, 3, 64, 64) * 2 - 1
    for network, enabled in ((plain, False), (quick, True)):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            output = network(images)
        output.float().square().mean().backward()
    named = dict(quick.named_parameters())
    for name, parameter in plain.named_parameters():
        cosine = torch.cosine_similarity(parameter.grad.flatten(), named[name].grad.flatten(), 0)
        assert cosine > 0.9, name
