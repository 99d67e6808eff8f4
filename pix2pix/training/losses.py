"""Adversarial and reconstruction losses of the paper (section 3.1) and its ablations (section 4.2).

With x the condition, y the target and G(x) the fake,

    G* = arg min_G max_D  E[log D(x, y)] + E[log(1 - D(x, G(x)))]  +  lambda_L1 E[|y - G(x)|],   lambda_L1 = 100.

How to read them in losses.csv: a discriminator that guesses has loss_D = loss_G_GAN = log 2 = 0.69. With loss_D near 0
it has won, and loss_G_GAN grows; in pix2pix that is common and does little harm, as L1 goes on teaching.
"""

import functools
import operator
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

GAN_LOSSES = ("vanilla", "lsgan", "hinge", "none")
RECONSTRUCTION_LOSSES = {"l1": F.l1_loss, "l2": F.mse_loss}


def total(terms: Iterable[Tensor]) -> Tensor:
    """Their sum; there has to be one at least."""
    return functools.reduce(operator.add, terms)


def mean(values: Tensor, weight: Tensor | None) -> Tensor:
    """Plain, or weighted by a tensor of the same shape."""
    return values.mean() if weight is None else (values * weight).sum() / weight.sum()


def discriminator_loss(real: Tensor, fake: Tensor, loss: str = "vanilla", weight: Tensor | None = None) -> Tensor:
    """Logits of real and painted pictures, any shape -> scalar: half of each term, which slows D down (section 3.3).

    (Under Adam, which divides by the gradient's own size, the factor has next to no effect.)

    vanilla: binary cross-entropy; lsgan: least squares (Mao et al. 2017); hinge (Lim & Ye 2017).
    `weight`, of the logits' shape, says how much each of them counts.
    """
    if loss == "hinge":
        return 0.5 * (mean(F.relu(1 - real), weight) + mean(F.relu(1 + fake), weight))
    criterion = F.mse_loss if loss == "lsgan" else F.binary_cross_entropy_with_logits
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    as_real, as_fake = criterion(real, ones, reduction="none"), criterion(fake, zeros, reduction="none")
    return 0.5 * (mean(as_real, weight) + mean(as_fake, weight))


def generator_loss(fake: Tensor, loss: str = "vanilla", weight: Tensor | None = None) -> Tensor:
    """Logits of painted pictures -> scalar, small where the discriminator takes them for real.

    vanilla is the non-saturating form: maximise log D instead of minimising log(1 - D) (section 3.3).
    """
    if loss == "hinge":
        return -mean(fake, weight)
    criterion = F.mse_loss if loss == "lsgan" else F.binary_cross_entropy_with_logits
    return mean(criterion(fake, torch.ones_like(fake), reduction="none"), weight)
