"""The optimiser of all networks."""

import torch
from torch import nn

from .options import TrainingOptions


def adam(network: nn.Module, options: TrainingOptions) -> torch.optim.Adam:
    """Adam with the papers' momentum (pix2pix section 3.3, DCGAN section 4), in one kernel."""
    return torch.optim.Adam(network.parameters(), options.lr, (options.beta1, 0.999), fused=True)
