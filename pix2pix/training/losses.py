"""Adversarial and reconstruction losses of the paper (section 3.1) and its ablations (section 4.2)."""

import torch
import torch.nn.functional as F
from torch import Tensor

GAN_LOSSES = ("vanilla", "lsgan", "hinge", "none")
RECONSTRUCTION_LOSSES = {"l1": F.l1_loss, "l2": F.mse_loss}


def discriminator_loss(real: Tensor, fake: Tensor, loss: str = "vanilla") -> Tensor:
    """Logits of real and painted pictures, any shape -> scalar: half of each term, as the paper slows D down.

    vanilla: binary cross-entropy; lsgan: least squares (Mao et al. 2017); hinge (Lim & Ye 2017).
    """
    if loss == "hinge":
        return 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean())
    criterion = F.mse_loss if loss == "lsgan" else F.binary_cross_entropy_with_logits
    return 0.5 * (criterion(real, torch.ones_like(real)) + criterion(fake, torch.zeros_like(fake)))


def generator_loss(fake: Tensor, loss: str = "vanilla") -> Tensor:
    """Logits of painted pictures -> scalar, small where the discriminator takes them for real.

    vanilla is the non-saturating form: maximise log D instead of minimising log(1 - D) (section 3.3).
    """
    if loss == "hinge":
        return -fake.mean()
    criterion = F.mse_loss if loss == "lsgan" else F.binary_cross_entropy_with_logits
    return criterion(fake, torch.ones_like(fake))
