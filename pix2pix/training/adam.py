"""The optimiser of all four networks, and its step."""

from argparse import Namespace

import torch
from torch import Tensor, nn


def adam(network: nn.Module, args: Namespace) -> torch.optim.Adam:
    """Adam with the papers' momentum (pix2pix section 3.3, DCGAN section 4), in one kernel."""
    return torch.optim.Adam(network.parameters(), args.lr, (args.beta1, 0.999), fused=True)


def descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step down the gradient of `loss`."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
