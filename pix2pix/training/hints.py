"""What the discriminator may judge of samples with colour hints.

In training, objects with hints are often recoloured (see augment.py), so vivid bags are real where a hint asks for
them, and rare elsewhere. A patch of 70 pixels that has no hint in it can't tell the one case from the other: it would
learn that vivid colours are real anywhere, and plain outlines would be painted in all colours of the rainbow. So of
samples with hints, only the patches that can see a hint count.
"""

import torch.nn.functional as F
from torch import Tensor

from ..lines import COLORED
from ..patchgan import PatchLayer


def knowing_patches(condition: Tensor, layer: PatchLayer) -> Tensor:
    """1 for every logit that counts, 0 for those that can't see the hint of their sample.

    Args:
        condition: (N, 3, H, W) in [-1, 1].
        layer: the discriminator's last, `patch_arithmetic(discriminator)[-1]`, for what its logits see.

    Returns:
        (N, 1, h, w) of zeros and ones, as many as there are logits; ones throughout for samples without hints.
    """
    colored = (condition.amax(1, keepdim=True) - condition.amin(1, keepdim=True) > 2 * COLORED / 255).float()
    near = F.max_pool2d(colored, layer.receptive_field, layer.jump, -layer.start)
    return near.maximum(1 - colored.amax((1, 2, 3), keepdim=True))
