"""Batch renormalisation: batch norm for small batches.

Batch norm trains with the statistics of a handful of pictures and serves with those of the whole set. Of four
pictures, the statistics of a U-Net's inner levels are mostly noise, and the colours of the served network
wander. Batch renormalisation corrects every batch to the running statistics, so that training sees the
network that is served: Ioffe, NIPS 2017, https://arxiv.org/abs/1702.03275.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BatchRenorm2d(nn.BatchNorm2d):
    """`nn.BatchNorm2d` with the correction of Ioffe 2017, section 3; weights and buffers have the same names.

    In training y = weight * ((x - batch mean) / batch deviation * r + d) + bias, where r and d, taken as
    constants, turn the batch's statistics into the running ones. Their limits rise over the first steps from
    1 and 0, plain batch norm, while the running statistics are young.
    """

    WARM_UP = 500, 2500  # steps: plain batch norm up to the first, full limits from the second on
    LIMITS = 3.0, 5.0  # of r (and its inverse) and d, as in the paper

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor
    momentum: float

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        with torch.no_grad():
            _, mean, inverse = torch.native_batch_norm(x, None, None, None, None, True, 0.0, self.eps)
            start, end = self.WARM_UP
            share = ((self.num_batches_tracked - start) / (end - start)).clamp(0, 1)
            r_max, d_max = 1 + (self.LIMITS[0] - 1) * share, self.LIMITS[1] * share
            deviation = (self.running_var + self.eps).sqrt()
            r = (1 / (inverse * deviation)).clamp(1 / r_max, r_max)
            d = ((mean - self.running_mean) / deviation).clamp(-d_max, d_max)
            self.num_batches_tracked += 1
        weight, bias = self.weight * r, self.bias + self.weight * d
        return F.batch_norm(x, self.running_mean, self.running_var, weight, bias, True, self.momentum, self.eps)


def renormalise(network: nn.Module, momentum: float = 0.02) -> nn.Module:
    """The network with `BatchRenorm2d` in place of its batch norms; the same parameters and buffers.

    The statistics are averaged over about 1 / momentum batches, more than usual: they take part in training.
    """
    for parent in list(network.modules()):
        for name, norm in parent.named_children():
            if type(norm) is nn.BatchNorm2d:
                renorm = BatchRenorm2d(norm.num_features, norm.eps, momentum)
                renorm.weight, renorm.bias = norm.weight, norm.bias
                for buffer, values in norm.named_buffers():
                    setattr(renorm, buffer, values)
                setattr(parent, name, renorm.train(norm.training))
    return network
