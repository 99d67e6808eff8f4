"""The optimiser of all networks."""

from argparse import Namespace

import torch
from torch import nn


def adam(network: nn.Module, args: Namespace) -> torch.optim.Adam:
    """Adam with the papers' momentum (pix2pix section 3.3, DCGAN section 4), in one kernel."""
    return torch.optim.Adam(network.parameters(), args.lr, (args.beta1, 0.999), fused=True)
