"""A conditional DCGAN: noise and a class in, a small picture of that class out.

References:
  Radford, Metz, Chintala: Unsupervised Representation Learning with Deep Convolutional GANs,
  ICLR 2016, https://arxiv.org/abs/1511.06434 (the layers)
  Mirza, Osindero: Conditional Generative Adversarial Nets, 2014, https://arxiv.org/abs/1411.1784
  (the condition: a one-hot label beside z for the generator, beside the image for the discriminator)

Images are float tensors of shape (N, C, S, S) in [-1, 1], labels int64 tensors of shape (N,).
"""

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from ..errors import DataError
from .card_template import TEMPLATE
from .pix2pix import init_weights

HUB = {
    "library_name": "pix2pix",
    "license": "mit",
    "tags": ["dcgan", "conditional-gan"],
    "pipeline_tag": "unconditional-image-generation",  # the Hub has no task for pictures from a class
    "model_card_template": TEMPLATE,
}

# image size -> (side of the first feature map, number of doublings up to the image)
SHAPES = {28: (7, 2), 32: (4, 3), 64: (4, 4)}
LONGEST_NAME = 64  # characters in the name of a class
MOST_CLASSES = 10_000
MOST_EXTRA_LAYERS = 8  # bounded, because a config.json that asks for a million would fill the memory


def check_names(names: list[str]) -> None:
    """Raises DataError for names that a page can't show: a checkpoint may come from anyone."""
    if not isinstance(names, list):
        raise DataError(f"class_names is {str(names)[:40]!r}: expected a list")
    for name in names:
        if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
            raise DataError(
                f"a class is called {str(name)[:40]!r}: expected a name of 1 to {LONGEST_NAME} printable characters"
            )


def shape_of(image_size: int) -> tuple[int, int]:
    if image_size not in SHAPES:
        raise ValueError(f"image_size is {image_size}; expected one of {', '.join(map(str, SHAPES))}")
    return SHAPES[image_size]


def extra_layers(width: int, count: int) -> list[nn.Conv2d]:
    if not 0 <= count <= MOST_EXTRA_LAYERS:
        raise ValueError(f"n_extra_layers is {count}; expected 0 to {MOST_EXTRA_LAYERS}")
    return [nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(count)]


def one_hot(labels: Tensor | None, num_classes: int, like: Tensor) -> Tensor:
    """(N,) labels -> (N, num_classes) zeros and ones, of the type and device of `like`.

    Floats of shape (N, num_classes) are returned unchanged: a blend of one-hot rows lies between classes.
    """
    if num_classes == 0:
        return like.new_zeros(len(like), 0)
    if labels is None:
        raise ValueError(f"this DCGAN is conditional: give a label from 0 to {num_classes - 1} for every sample")
    if labels.is_floating_point():
        if labels.shape != (len(like), num_classes):
            raise ValueError(f"a blend of classes has shape {tuple(labels.shape)}; expected {(len(like), num_classes)}")
        return labels.to(like)
    return F.one_hot(labels, num_classes).to(like)


class DCGANGenerator(nn.Module, PyTorchModelHubMixin, **HUB):
    """Concatenates z and the one-hot label, and turns them into a picture by transposed convolutions.

    Args:
        image_size: 28, 32 or 64 pixels.
        num_classes: number of classes; 0 makes an unconditional DCGAN.
        z_dim: size of the noise z, drawn from N(0, 1) as in the authors' code. The paper's text names a uniform
            distribution.
        ngf: channels of the largest feature map. Each level nearer to z has twice as many.
        n_extra_layers: 3x3 convolutions added to every level, 0 to 8; the paper has none.
        output_nc: channels of the picture.
        class_names: a name for every class, up to 64 printable characters; by default the digits.

    Raises:
        DataError: a class name is too long or not printable.
    """

    def __init__(
        self,
        image_size: int = 28,
        num_classes: int = 10,
        z_dim: int = 100,
        ngf: int = 64,
        n_extra_layers: int = 0,
        output_nc: int = 1,
        class_names: list[str] | None = None,
    ):
        super().__init__()
        side, doublings = shape_of(image_size)
        if not 0 <= num_classes <= MOST_CLASSES:
            raise ValueError(f"num_classes is {num_classes}; expected 0 to {MOST_CLASSES}")
        self.image_size, self.num_classes, self.z_dim = image_size, num_classes, z_dim
        self.class_names = class_names or [str(i) for i in range(num_classes)]
        if len(self.class_names) != num_classes:
            raise ValueError(f"class_names has {len(self.class_names)} names for num_classes {num_classes}")
        check_names(self.class_names)

        def level(upsample: nn.ConvTranspose2d) -> list[nn.Module]:
            width = upsample.out_channels
            convs = upsample, *extra_layers(width, n_extra_layers)
            return [layer for conv in convs for layer in (conv, nn.BatchNorm2d(width), nn.ReLU())]

        width = ngf * 2 ** (doublings - 1)
        layers = level(nn.ConvTranspose2d(z_dim + num_classes, width, side, bias=False))
        for _ in range(doublings - 1):
            layers += level(nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False))
            width //= 2
        layers += [nn.ConvTranspose2d(width, output_nc, 4, 2, 1), nn.Tanh()]
        self.net = nn.Sequential(*layers)
        self.apply(init_weights)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """z (N, z_dim) and labels (N,) -> pictures (N, output_nc, image_size, image_size) in [-1, 1].

        `labels` may also be floats (N, num_classes), the share of every class; each row should sum to 1.
        """
        condition = one_hot(labels, self.num_classes, like=z)
        return self.net(torch.cat([z, condition], 1)[:, :, None, None])  # an image of one pixel


class DCGANDiscriminator(nn.Module, PyTorchModelHubMixin, **HUB):
    """Reads the picture and one constant 0/1 channel for every class, and gives one logit.

    It mirrors the generator, `n_extra_layers` included. The first layer has no batch norm (section 3 of the DCGAN
    paper).
    """

    def __init__(
        self, image_size: int = 28, num_classes: int = 10, ndf: int = 64, n_extra_layers: int = 0, input_nc: int = 1
    ):
        super().__init__()
        side, doublings = shape_of(image_size)
        self.num_classes = num_classes

        def blocks(width: int, *convs: nn.Conv2d) -> list[nn.Module]:
            convs = *convs, *extra_layers(width, n_extra_layers)
            return [layer for conv in convs for layer in (conv, nn.BatchNorm2d(width), nn.LeakyReLU(0.2))]

        width = ndf
        layers = [nn.Conv2d(input_nc + num_classes, width, 4, 2, 1), nn.LeakyReLU(0.2), *blocks(width)]
        for _ in range(doublings - 1):
            layers += blocks(width * 2, nn.Conv2d(width, width * 2, 4, 2, 1, bias=False))
            width *= 2
        layers.append(nn.Conv2d(width, 1, side))
        self.net = nn.Sequential(*layers)
        self.apply(init_weights)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures (N, input_nc, S, S) and labels (N,) -> logits (N,), above 0 for real."""
        condition = one_hot(labels, self.num_classes, like=images)
        planes = condition[:, :, None, None].expand(-1, -1, *images.shape[2:])
        return self.net(torch.cat([images, planes], 1)).flatten()
