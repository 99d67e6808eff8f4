"""The architectures of the paper, layer by layer."""

import pytest
import torch
from torch import nn

from pix2pix import DCGANDiscriminator, DCGANGenerator, PatchDiscriminator, UNetGenerator
from pix2pix.networks.receptive_field import patch_arithmetic


def test_generator_is_the_papers_unet_256():
    generator = UNetGenerator()
    down = [m for part in generator.down for m in part if isinstance(m, nn.Conv2d)]
    up = [m for part in generator.up for m in part if isinstance(m, nn.ConvTranspose2d)]
    assert [conv.out_channels for conv in down] == [64, 128, 256, 512, 512, 512, 512, 512]
    assert [conv.in_channels for conv in up] == [128, 256, 512, 1024, 1024, 1024, 1024, 512]  # skips double them
    assert all(conv.kernel_size == (4, 4) and conv.stride == (2, 2) for conv in down + up)
    norms = [[isinstance(m, nn.BatchNorm2d) for m in part].count(True) for part in generator.down]
    assert norms == [0, 1, 1, 1, 1, 1, 1, 0]
    assert [[isinstance(m, nn.BatchNorm2d) for m in part].count(True) for part in generator.up] == [0] + [1] * 7
    assert [any(isinstance(m, nn.Dropout) for m in part) for part in generator.up] == [False] * 4 + [True] * 3 + [False]
    assert sum(p.numel() for p in generator.parameters()) == 54_413_955  # as the authors' code counts it
    slopes = {m.negative_slope for m in generator.modules() if isinstance(m, nn.LeakyReLU)}
    assert slopes == {0.2}


def test_weights_start_gaussian():
    generator = UNetGenerator(ngf=16)
    weights = torch.cat([p.detach().flatten() for p in generator.parameters() if p.dim() == 4])
    assert weights.mean().abs() < 1e-3
    assert weights.std().item() == pytest.approx(0.02, rel=0.02)


@pytest.mark.parametrize(("num_downs", "size"), [(7, 128), (8, 256), (9, 512)])
@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_generator_sizes(num_downs, size, norm):
    generator = UNetGenerator(num_downs=num_downs, ngf=2, norm=norm, input_nc=1).eval()
    assert generator.image_size == size
    picture = generator(torch.randn(2, 1, size, size))
    assert picture.shape == (2, 3, size, size)
    assert picture.abs().max() <= 1


def test_generator_names_a_wrong_size():
    with pytest.raises(ValueError, match="200x256 pixels; this generator takes multiples of 256"):
        UNetGenerator(ngf=2)(torch.zeros(1, 3, 256, 200))


def test_skips_carry_every_level():
    """With one encoder level changed, the picture changes: no skip is cut."""
    generator = UNetGenerator(ngf=4).eval()
    features = generator.encode(torch.randn(1, 3, 256, 256))
    picture = generator.decode(features)[0]
    for level in range(8):
        changed = list(features)
        changed[level] = torch.zeros_like(changed[level])
        assert not torch.equal(generator.decode(changed)[0], picture), level


@pytest.mark.parametrize(
    ("n_layers", "patch", "side"), [(0, 1, 256), (1, 16, 126), (2, 34, 62), (3, 70, 30), (5, 286, 6)]
)
def test_discriminator_patches(n_layers, patch, side):
    discriminator = PatchDiscriminator(ndf=4, n_layers=n_layers).eval()
    last = patch_arithmetic(discriminator)[-1]
    assert (last.receptive_field, last.map_size) == (patch, side)
    logits = discriminator(torch.randn(1, 6, 256, 256))
    assert logits.shape == (1, 1, side, side)


@pytest.mark.parametrize("size", [28, 32, 64])
@pytest.mark.parametrize("classes", [0, 10, 47])
@pytest.mark.parametrize("extra", [0, 2])
def test_dcgan_sizes(size, classes, extra):
    generator = DCGANGenerator(size, classes, ngf=4, n_extra_layers=extra).eval()
    discriminator = DCGANDiscriminator(size, classes, ndf=4, n_extra_layers=extra).eval()
    labels = torch.tensor([0, classes - 1]) if classes else None
    images = generator(torch.randn(2, 100), labels)
    assert images.shape == (2, 1, size, size)
    assert images.abs().max() <= 1
    assert discriminator(images, labels).shape == (2,)


def test_dcgan_condition_matters_to_both():
    generator, discriminator = DCGANGenerator(ngf=8).eval(), DCGANDiscriminator(ndf=8).eval()
    z = torch.randn(1, 100)
    images = [generator(z, torch.tensor([label])) for label in (3, 8)]
    assert not torch.equal(*images)
    assert discriminator(images[0], torch.tensor([3])) != discriminator(images[0], torch.tensor([8]))


def test_dcgan_needs_its_labels():
    with pytest.raises(ValueError, match="give a label from 0 to 9"):
        DCGANGenerator(ngf=4)(torch.randn(1, 100))


def test_unknown_choices_are_named():
    with pytest.raises(ValueError, match="norm is 'layer'; expected 'batch' or 'instance'"):
        UNetGenerator(norm="layer")
    with pytest.raises(ValueError, match="image_size is 30; expected one of 28, 32, 64"):
        DCGANGenerator(image_size=30)
