"""Distances of pictures: to their targets, to a set of real pictures, to a colour that was asked for.

References:
  Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment, 2004 (SSIM)
  Binkowski, Sutherland, Arbel, Gretton: Demystifying MMD GANs, ICLR 2018, https://arxiv.org/abs/1801.01401 (KID)
  Odena, Dumoulin, Olah: Deconvolution and Checkerboard Artifacts, 2016 (the grid), https://doi.org/10.23915/distill.00003
  Heusel et al.: GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017, https://arxiv.org/abs/1706.08500 (FID)

PSNR, SSIM, Lab and CIE76 come from scikit-image. The two distances between sets are a few lines here. torchmetrics has
them only for random subsets of equal size, and with networks that it downloads.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from skimage.color import deltaE_cie76, rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

IDENTICAL = 100.0  # dB, for equal pictures, whose infinite PSNR would spoil any mean


def paired(output: Image.Image, target: Image.Image) -> dict[str, float]:
    """Distances of an RGB picture to its target of the same size.

    l1: mean absolute difference, in the networks' units (white 1, black -1), as in the training loss.
    psnr: peak signal-to-noise ratio in dB. ssim: structural similarity, at most 1, with the window of the
    2004 paper (Gaussian of sigma 1.5), mean over the three channels.
    """
    a, b = np.asarray(output), np.asarray(target)
    l1 = np.abs(a.astype(np.float32) - b).mean() / 127.5
    with np.errstate(divide="ignore"):
        psnr = min(peak_signal_noise_ratio(b, a, data_range=255), IDENTICAL)
    ssim = structural_similarity(
        a, b, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert not isinstance(ssim, tuple)  # a tuple only with `gradient` or `full`
    return {"l1": float(l1), "psnr": float(psnr), "ssim": float(ssim)}


def kid(x: Tensor, y: Tensor) -> float:
    """Kernel distance of two sets of features (N, D) and (M, D): unbiased squared MMD, cubic kernel, x1000.

    For two samples of one distribution its expected value is 0, so small values may be negative.

    Raises:
        ValueError: a set has fewer than two rows.
    """
    n, m = len(x), len(y)
    if min(n, m) < 2:
        raise ValueError(f"a kernel distance needs two pictures on each side at least, not {n} and {m}")

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    x, y = x.double(), y.double()
    within_x = kernel(x, x).fill_diagonal_(0).sum() / (n * (n - 1))
    within_y = kernel(y, y).fill_diagonal_(0).sum() / (m * (m - 1))
    return 1000 * float(within_x + within_y - 2 * kernel(x, y).mean())


def kid_of_halves(x: Tensor, splits: int = 20) -> list[float]:
    """KID between two random halves of one set, for several splits. It shows the figures of equal distributions."""
    source = torch.Generator().manual_seed(0)
    orders = [torch.randperm(len(x), generator=source) for _ in range(splits)]
    return [kid(x[order[: len(x) // 2]], x[order[len(x) // 2 :]]) for order in orders]


def frechet(x: Tensor, y: Tensor) -> float:
    """Fréchet distance of Gaussians fitted to features (N, D) and (M, D).

    |mean difference|^2 + tr(A + B - 2 (A B)^(1/2)), A and B being the covariances.
    """

    def root(features: Tensor) -> Tensor:  # (min(N, D), D): root.T @ root is the covariance
        return torch.linalg.qr(features - features.mean(0), mode="r").R / (len(features) - 1) ** 0.5

    x, y = x.double(), y.double()
    a, b = root(x), root(y)
    # A B has the same eigenvalues as (a b.T)(a b.T).T, and their roots are the singular values of a b.T. With fewer
    # pictures than features, a b.T is much smaller than A and B.
    cross = torch.linalg.svdvals(a @ b.T).sum()
    return float((x.mean(0) - y.mean(0)).square().sum() + a.square().sum() + b.square().sum() - 2 * cross)


def spread(features: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Standard deviation within each class, mean over features: (N, D), (N,) -> (classes,)."""
    return torch.stack([features[labels == c].std(0).mean() for c in range(classes)])


def nearest_distance(x: Tensor, y: Tensor, size: int = 1000) -> Tensor:
    """Euclidean distance of each row of x (N, D) to the nearest row of y (M, D): (N,)."""
    norms = y.square().sum(1)
    squares = [(norms - 2 * part @ y.T).amin(1) + part.square().sum(1) for part in x.split(size)]
    return torch.cat(squares).clamp(min=0).sqrt()


def lab(colors: np.ndarray | Image.Image | Sequence) -> np.ndarray:
    """sRGB bytes (..., 3) -> CIE L*a*b* (..., 3): lightness 0 to 100, green-red, blue-yellow."""
    return rgb2lab(np.asarray(colors, dtype=np.uint8))


def cie76(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two Lab colours (3,): 2.3 is just noticeable, 100 is between black and white."""
    return float(deltaE_cie76(a, b))


def color_obeyed(
    painted: np.ndarray, asked: str, palette: dict[str, tuple[int, int, int]], lightness: bool = False
) -> tuple[bool, float]:
    """Whether Lab colour `painted` (3,) is nearer to `asked` than to the rest of the palette, and its CIE76 distance to
    `asked`.

    Nearness is measured in the a-b plane, or with the lightness too.
    """
    inks = {name: lab(color) for name, color in palette.items()}
    start = 0 if lightness else 1
    nearest_name = min(inks, key=lambda name: np.linalg.norm(inks[name][start:] - painted[start:]))
    return nearest_name == asked, cie76(painted, inks[asked])


def chroma(color: np.ndarray) -> float:
    """How colourful a Lab colour (3,) is: its distance to grey."""
    return float(np.hypot(color[1], color[2]))


GRID_PERIODS = (2, 4)  # pixels: periods of the grid that the last two transposed convolutions leave


def grid_score(images: Sequence[Image.Image]) -> dict[str, float]:
    """The strength of the grid of transposed convolutions in square pictures of one size: `grid_2`, `grid_4`.

    It is the power of the lightness at the grid's period, in both directions and on the diagonals, divided by the
    median power of all waves of about that length. Real photos have 2 to 4.
    """
    size = images[0].width
    window = np.outer(np.hanning(size), np.hanning(size))
    power = np.zeros((size, size))
    for image in images:
        lightness = np.asarray(image.convert("L"), dtype=float)
        power += np.abs(np.fft.fft2((lightness - lightness.mean()) * window)) ** 2
    frequency = np.fft.fftfreq(size) * size
    radius = np.hypot(*np.meshgrid(frequency, frequency, indexing="ij"))

    def above(y: int, x: int) -> float:
        return power[y, x] / max(np.median(power[np.abs(radius - radius[y, x]) < 3]), 1e-12)

    def score(period: int) -> float:
        at = size // period
        return float(np.mean([above(y, x) for y, x in {(at, 0), (0, at), (at, at), (-at % size, at)}]))

    return {f"grid_{period}": score(period) for period in GRID_PERIODS}
