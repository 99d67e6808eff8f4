"""A running average of the generator's weights (EMA), and batch-norm statistics that fit it.

Averaged weights paint calmer, cleaner pictures than those of the last step (Karras et al. 2018, appendix A.1,
https://arxiv.org/abs/1710.10196). But statistics that were gathered along the way belong to the weights of
then: with them, averaged weights paint in pale or false colours. So they are estimated anew before use.
"""

import copy
from collections.abc import Iterable
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

Network = TypeVar("Network", bound=nn.Module)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """After a step: the average, which began as a copy, moves towards the network; of buffers it has the last.

    PyTorch's AveragedModel does the same, but counts its updates on the CPU and sends that number to the GPU in every
    step, which waits for the GPU.
    """
    move = get_ema_multi_avg_fn(decay)
    move(list(average.parameters()), list(network.parameters()), None)
    for ours, theirs in zip(average.buffers(), network.buffers(), strict=True):
        ours.copy_(theirs)


@torch.no_grad()
def with_fresh_statistics(network: Network, inputs: Iterable[tuple[Tensor, ...]]) -> Network:
    """A copy in evaluation mode whose batch-norm statistics are the means over `inputs`.

    Dropout is off, as it is when the network serves: statistics gathered under dropout would not fit.
    """
    network = copy.deepcopy(network).eval()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    if not norms:
        return network
    for norm in norms:
        norm.reset_running_stats()
        norm.train()
        norm.momentum, momentum = None, norm.momentum  # None: the plain mean of all batches
    for arguments in inputs:
        network(*arguments)
    for norm in norms:
        norm.momentum = momentum
    return network.eval()
