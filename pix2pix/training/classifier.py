"""A classifier that learns beside the discriminator and tells the generator what it would take for another class.

The class term of AC-GAN (Odena, Olah, Shlens, ICML 2017, https://arxiv.org/abs/1610.09585), from a network of its
own: our discriminator reads the label, so it can't be asked for it. Unlike there, only real pictures teach it.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from ..networks import DCGANDiscriminator
from ..networks.pix2pix import init_weights


def new_classifier(image_size: int, num_classes: int, width: int, n_extra_layers: int, channels: int) -> nn.Sequential:
    """The layers of a discriminator of ndf `width` that reads no label, and a logit for every class.

    (N, channels, image_size, image_size) in [-1, 1] -> (N, num_classes).
    """
    *layers, last = DCGANDiscriminator(image_size, 0, width, n_extra_layers, channels).net
    assert isinstance(last, nn.Conv2d)
    head = nn.Conv2d(last.in_channels, num_classes, last.kernel_size[0]).apply(init_weights)
    return nn.Sequential(*layers, head, nn.Flatten())


def class_loss(classifier: nn.Module, pictures: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the asked labels for painted pictures; its gradient goes to the pictures alone.

    In evaluation mode: painted pictures leave no trace in the statistics of real ones.
    """
    classifier.eval().requires_grad_(False)
    loss = F.cross_entropy(classifier(pictures).float(), labels)
    classifier.train().requires_grad_(True)
    return loss
