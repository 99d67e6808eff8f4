"""Of samples with colour hints, the discriminator judges the patches that see a hint; around it the tint counts."""

import pytest
import torch
from torch import nn

import train as command
from pix2pix import PatchDiscriminator
from pix2pix.networks.receptive_field import patch_arithmetic
from pix2pix.training import losses
from pix2pix.training.hints import AROUND, SQUARE, beside_hints, knowing_patches, tint_loss


def condition_with_hint() -> torch.Tensor:
    """Three samples: a plain outline, one with a red stroke in a corner as well, a blank page."""
    condition = torch.ones(3, 3, 256, 256)
    condition[:2, :, 100, 60:200] = -1
    condition[1, 1:, 10:20, 10:40] = -1
    return condition


LAYER = patch_arithmetic(PatchDiscriminator())[-1]


def test_plain_samples_count_everywhere_and_hinted_ones_near_the_hint():
    condition = condition_with_hint()
    counts = knowing_patches(condition, LAYER)
    assert counts.shape == (3, 1, 30, 30)
    assert counts[0].all()
    assert counts[2].all()
    assert counts[1, 0, :5, :5].all()
    assert not counts[1, 0, 12:].any()
    assert not counts[1, 0, :, 15:].any()


def test_what_counts_is_what_a_patch_sees():
    """Against the network itself: those logits count that change with the hint."""
    condition = condition_with_hint()[1:2]
    discriminator = PatchDiscriminator(3, ndf=2).double().eval()
    for module in discriminator.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1.0)
    paper = torch.ones_like(condition, dtype=torch.float64)
    hinted = paper.clone()
    hinted[:, :, 10:20, 10:40] = 2
    seen = (discriminator(hinted) != discriminator(paper))[0, 0]
    counts = knowing_patches(condition, LAYER)[0, 0]
    assert torch.equal(counts > 0, seen)
    assert 0 < seen.sum() < seen.numel()


def test_weights_leave_the_others_out():
    real, fake, weight = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    weight[0, :, :2] = 1
    kept_real, kept_fake = real[0, :, :2], fake[0, :, :2]
    for loss in ("vanilla", "lsgan", "hinge"):
        weighted = losses.discriminator_loss(real, fake, loss, weight)
        torch.testing.assert_close(weighted, losses.discriminator_loss(kept_real, kept_fake, loss))
        torch.testing.assert_close(losses.generator_loss(fake, loss, weight), losses.generator_loss(kept_fake, loss))
        torch.testing.assert_close(
            losses.discriminator_loss(real, fake, loss, torch.ones_like(weight)),
            losses.discriminator_loss(real, fake, loss),
        )


def test_tint_is_the_mean_colour_near_hints_alone():
    condition = condition_with_hint()
    target = torch.rand(3, 3, 256, 256) - 0.5

    def loss(painted: torch.Tensor) -> float:
        return float(tint_loss(beside_hints(condition), painted, target))

    assert loss(target) == 0
    far = target.clone()
    far[0] += 0.3  # no hint in this sample
    far[1, :, (AROUND + 3) * SQUARE :] += 0.3
    assert loss(far) == 0
    torch.testing.assert_close(loss(target + 0.3), 0.3, atol=1e-4, rtol=0)
    grain = torch.tensor([0.2, -0.2]).repeat(128)
    assert loss(target + grain) < 1e-5, "texture is none of its business"
    assert float(tint_loss(beside_hints(condition[:1]), far[:1], target[:1])) == 0, "no hints at all"


def test_a_weight_for_hints_that_are_not_drawn_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"it needs --color_hints or --style$"):
        command.main(["pix2pix", "--dataroot", str(tmp_path), "--lambda_tint", "30", "--cpu"])
