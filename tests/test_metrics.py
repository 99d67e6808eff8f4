"""The metrics against values known in closed form or from the literature."""

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.evaluation import metrics
from pix2pix.evaluation.colors import PALETTE


def gaussian(n: int, dim: int, seed: int) -> torch.Tensor:
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed))


def test_kid_is_unbiased_for_sets_of_one_distribution():
    values = [metrics.kid(gaussian(40, 8, 2 * i), gaussian(25, 8, 2 * i + 1)) for i in range(200)]
    assert min(values) < 0 < max(values)  # a biased estimate would never be below 0
    assert abs(np.mean(values)) < 3 * np.std(values) / 200**0.5


def test_kid_equals_the_definition_pair_by_pair():
    x, y = gaussian(4, 3, 0), gaussian(5, 3, 1)

    def kernel(a, b):
        return float((a @ b / 3 + 1) ** 3)

    within_x = np.mean([kernel(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j])
    within_y = np.mean([kernel(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j])
    between = np.mean([kernel(a, b) for a in x for b in y])
    assert metrics.kid(x, y) == pytest.approx(1000 * (within_x + within_y - 2 * between), rel=1e-5)


def test_kid_grows_with_the_distance_and_needs_two_pictures():
    x = gaussian(100, 8, 0)
    near, far = metrics.kid(x, gaussian(100, 8, 1) + 0.5), metrics.kid(x, gaussian(100, 8, 1) + 1)
    assert 0 < near < far
    with pytest.raises(ValueError, match="two pictures"):
        metrics.kid(x[:1], x)


def test_kid_of_halves_lies_around_zero():
    values = metrics.kid_of_halves(gaussian(100, 8, 0))
    assert min(values) < 0 < max(values)


def exact(features: torch.Tensor) -> torch.Tensor:
    """The same features with mean 0 and covariance 1, exactly."""
    features = (features - features.mean(0)).double()
    return features @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(features.T))).T


def test_frechet_of_gaussians_in_closed_form():
    x = exact(gaussian(200, 5, 0))
    assert metrics.frechet(x, x) == pytest.approx(0, abs=1e-9)
    assert metrics.frechet(x, x + 3) == pytest.approx(5 * 9)
    assert metrics.frechet(x, 2 * x) == pytest.approx(5 * (2 - 1) ** 2)
    turn = torch.linalg.qr(gaussian(5, 5, 1).double()).Q
    scales = torch.tensor([1.0, 2, 3, 4, 5], dtype=torch.float64)
    # tr(A) + tr(1) - 2 tr(A^(1/2)) for a covariance A with the eigenvalues scales^2
    assert metrics.frechet(x * scales @ turn, x) == pytest.approx(float(((scales - 1) ** 2).sum()))


def test_frechet_of_constant_features_is_finite():
    dead = torch.cat([gaussian(50, 3, 0), torch.zeros(50, 2)], 1)
    assert metrics.frechet(dead, dead) == pytest.approx(0, abs=1e-6)


def picture(seed: int, size: int = 32) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8))


def test_paired_distances():
    same = metrics.paired(picture(0), picture(0))
    assert same == {"l1": 0, "psnr": metrics.IDENTICAL, "ssim": pytest.approx(1)}

    black, white = Image.new("RGB", (32, 32)), Image.new("RGB", (32, 32), "white")
    opposite = metrics.paired(black, white)
    assert opposite["l1"] == pytest.approx(2)  # from -1 to 1
    assert opposite["psnr"] == pytest.approx(0, abs=1e-6)

    grey = metrics.paired(Image.new("RGB", (32, 32), (100,) * 3), Image.new("RGB", (32, 32), (110,) * 3))
    assert grey["l1"] == pytest.approx(10 / 127.5)
    assert grey["psnr"] == pytest.approx(20 * np.log10(255 / 10))

    assert abs(metrics.paired(picture(0), picture(1))["ssim"]) < 0.1


def test_spread_is_the_standard_deviation_within_classes():
    features = torch.tensor([[0.0, 0], [2, 4], [10, 10], [10, 12]])
    spread = metrics.spread(features, torch.tensor([0, 0, 1, 1]), 2)
    assert spread.tolist() == pytest.approx([(2**0.5 + 8**0.5) / 2, 2**0.5 / 2])


def test_nearest_agrees_with_all_distances():
    x, y = gaussian(30, 4, 0), gaussian(50, 4, 1)
    assert torch.allclose(metrics.nearest_distance(x, y, size=7), torch.cdist(x, y).amin(1), atol=1e-5)


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colors(rgb, expected):
    assert metrics.lab(rgb) == pytest.approx(expected, abs=0.1)


def test_a_color_is_obeyed_by_hue_not_by_lightness():
    for name, color in PALETTE.items():
        obeyed, distance = metrics.color_obeyed(metrics.lab(color), name, PALETTE)
        assert obeyed
        assert distance == pytest.approx(0)
    darker = metrics.lab(PALETTE["red"]) - [15, 0, 0]
    assert metrics.color_obeyed(darker, "red", PALETTE) == (True, pytest.approx(15))
    assert metrics.color_obeyed(darker, "blue", PALETTE)[0] is False
