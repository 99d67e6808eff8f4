"""A running average of the generator's weights (EMA), and batch-norm statistics that fit it.

Averaged weights paint calmer, cleaner pictures than those of the last step (Karras et al. 2018, appendix A.1,
https://arxiv.org/abs/1710.10196). But statistics that were gathered along the way belong to the weights of
then: with them, averaged weights paint in pale or false colours. So they are estimated anew before use.
"""

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def average_of(generator: nn.Module, decay: float) -> AveragedModel | None:
    """An average to update after every step; None for a decay of 0."""
    return AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(decay)) if decay else None


@torch.no_grad()
def with_fresh_statistics(network: nn.Module, inputs: Iterable[tuple[Tensor, ...]]) -> nn.Module:
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
