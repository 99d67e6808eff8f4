"""The perceptual loss sees what pixels don't: texture that is missing, not texture that has moved."""

import pytest
import torch

import train as command
from pix2pix.training.perceptual import PerceptualLoss


@pytest.fixture(scope="module")
def loss():
    return PerceptualLoss(torch.device("cpu"))


def checks(shift: int) -> torch.Tensor:
    """A chequered picture, (1, 3, 64, 64)."""
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    return (((x + shift) // 4 + y // 4) % 2 * 1.6 - 0.8).expand(1, 3, 64, 64)


def test_equal_pictures_have_none(loss):
    assert loss(checks(0), checks(0)) == 0


def test_texture_that_moved_is_nearer_than_a_grey_average(loss):
    target, moved, grey = checks(0), checks(4), torch.zeros(1, 3, 64, 64)
    assert (moved - target).abs().mean() > (grey - target).abs().mean()  # pixel by pixel, grey is nearer
    assert loss(moved, target) < loss(grey, target)


def test_the_gradient_reaches_the_picture_and_not_the_network(loss):
    painted = torch.zeros(2, 3, 64, 64, requires_grad=True)
    loss(painted, checks(0).expand(2, 3, 64, 64)).backward()
    assert painted.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in loss.network.parameters())


def test_grey_pictures_are_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"needs pictures in colour, --output_nc 3$"):
        command.main(["pix2pix", "--dataroot", str(tmp_path), "--lambda_perceptual", "1", "--output_nc", "1", "--cpu"])
