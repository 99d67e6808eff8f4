"""The perceptual loss sees what pixels don't: texture that is missing, not texture that has moved."""

import pytest
import torch

import train as command
from pix2pix.training.perceptual import PART, ImageNetView, perceptual_loss, place_of_part
from pix2pix.training.projected import ProjectedDiscriminator, fooled_loss, heads_loss


@pytest.fixture(scope="module")
def view():
    return ImageNetView(torch.device("cpu"))


@pytest.fixture(scope="module")
def loss(view):
    return lambda painted, target: perceptual_loss(view(painted, target, target))


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


def test_the_gradient_reaches_the_picture_and_not_the_network(loss, view):
    painted = torch.zeros(2, 3, 64, 64, requires_grad=True)
    loss(painted, checks(0).expand(2, 3, 64, 64)).backward()
    assert painted.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in view.network.parameters())


def test_the_same_part_of_all_is_looked_at(view):
    source = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 3, 256, 256, generator=source) * 2 - 1
    look = view(picture, picture, picture)
    assert look.condition.shape == (1, 3, PART, PART)
    assert all(torch.equal(have, want) for have, want in zip(look.painted, look.target, strict=True))
    assert torch.equal(view.network.maps(look.condition, (1,))[0], look.target[0])
    assert not torch.equal(view(picture, picture, picture).condition, look.condition), "another part each time"


def test_heads_learn_to_tell_real_from_painted_and_to_be_fooled(view):
    torch.manual_seed(0)
    heads = ProjectedDiscriminator(condition_nc=3, width=8)
    mixes = {name: buffer.clone() for name, buffer in heads.named_buffers() if name.startswith("mix")}
    adam = torch.optim.Adam(heads.parameters(), 1e-2)
    grey = torch.zeros(1, 3, 64, 64, requires_grad=True)
    look = view(grey, checks(0), checks(0))
    painted, condition = [features.detach() for features in look.painted], look.condition
    for _ in range(30):
        adam.zero_grad()
        loss = heads_loss(heads(look.target, condition), heads(painted, condition))
        loss.backward()
        adam.step()
    assert loss < 0.6
    assert all(torch.equal(buffer, mixes[name]) for name, buffer in heads.named_buffers() if name in mixes), "fixed"
    fooled_loss(heads(look.painted, condition)).backward()
    assert grey.grad.abs().sum() > 0, "the generator learns from them"


def test_grey_pictures_are_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"needs pictures in colour, --output_nc 3$"):
        command.main(["pix2pix", "--dataroot", str(tmp_path), "--lambda_perceptual", "1", "--output_nc", "1", "--cpu"])


def test_the_rim_is_looked_at_too_and_places_are_even_and_odd():
    torch.manual_seed(0)
    places = torch.tensor([place_of_part(256) for _ in range(4000)])
    pixels = torch.arange(256)
    seen = ((pixels >= places[:, None]) & (pixels < places[:, None] + PART)).float().mean(0)
    assert seen.min() > 0  # as one of the last eight rows may be the first of a part
    assert seen[8:-8].min() > 0.3 * seen.max()  # places without care: 0.07
    assert 0.4 < (places % 2).float().mean() < 0.6
    assert place_of_part(PART) == place_of_part(PART // 2) == 0
