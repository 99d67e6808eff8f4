"""What colour hints change in training: which patches the discriminator may judge, and the colour around a hint.

In training, objects with hints are often recoloured (see data/augment.py), so vivid bags are real where a hint asks for
them, and rare elsewhere. A patch of 70 pixels that has no hint in it can't tell the one case from the other: it would
learn that vivid colours are real anywhere, and plain outlines would be painted in all colours of the rainbow. So of
samples with hints, only the patches that can see a hint count.
"""

import torch.nn.functional as F
from torch import Tensor

from ..imaging.redraw_lines import COLORED
from ..networks.receptive_field import PatchLayer

SQUARE = 16  # pixels: colour is compared in the mean over squares of this side ...
AROUND = 2  # ... up to so many squares from a hint


def hints_of(condition: Tensor) -> Tensor:
    """(N, 3, H, W) in [-1, 1] -> (N, 1, H, W): 1 where there is coloured ink."""
    return (condition.amax(1, keepdim=True) - condition.amin(1, keepdim=True) > 2 * COLORED / 255).float()


def knowing_patches(condition: Tensor, layer: PatchLayer) -> Tensor:
    """1 for every logit that counts, 0 for those that can't see the hint of their sample.

    Args:
        condition: (N, 3, H, W) in [-1, 1].
        layer: the discriminator's last, `patch_arithmetic(discriminator)[-1]`, for what its logits see.

    Returns:
        (N, 1, h, w) of zeros and ones, as many as there are logits; ones throughout for samples without hints.
    """
    colored = hints_of(condition)
    near = F.max_pool2d(colored, layer.receptive_field, layer.jump, -layer.start)
    return near.maximum(1 - colored.amax((1, 2, 3), keepdim=True))


def beside_hints(condition: Tensor) -> Tensor:
    """(N, 3, H, W) in [-1, 1] -> (N, 1, h, w): 1 for squares with a hint, or up to `AROUND` squares from one."""
    return F.max_pool2d(F.max_pool2d(hints_of(condition), SQUARE), 2 * AROUND + 1, 1, AROUND)


def on_objects(target: Tensor) -> Tensor:
    """(N, 3, H, W) in [-1, 1] -> (N, 1, h, w): 1 for squares that are not white paper alone."""
    return (F.avg_pool2d(target, SQUARE).amin(1, keepdim=True) < 0.97).float()


def tint_loss(where: Tensor, painted: Tensor, target: Tensor) -> Tensor:
    """How far colours are from the target's: (N, 3, H, W) in [-1, 1] each -> scalar from 0 to 2.

    L1 between the means of squares, of those that are 1 in `where` (N, 1, h, w). So texture and shading are left to the
    other losses, while the tint, which is small in their sum over the whole picture, is not.
    """
    difference = F.avg_pool2d(painted - target, SQUARE).abs().mean(1, keepdim=True)
    return (difference * where).sum() / where.sum().clamp(min=1)
