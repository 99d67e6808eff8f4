"""The two networks of pix2pix: a U-Net that paints and a PatchGAN that judges.

References:
  Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial Networks,
  CVPR 2017, https://arxiv.org/abs/1611.07004 (sections 3.2 and 6.1 describe the layers)
  the authors' PyTorch code, https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix
  (its checkpoint files load here: see authors_weights.py)

Images are float tensors of shape (N, C, H, W) in [-1, 1].
"""

import functools

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from .authors_weights import rename_generator_keys
from .card_template import TEMPLATE

MOST_STYLE, MOST_NOISE = 16, 4  # numbers, planes
MOST_SMOOTH = 3  # levels; inner ones have many weights, and a smooth one needs more than twice as many

HUB = {
    "library_name": "pix2pix",
    "license": "mit",
    "tags": ["pix2pix", "image-to-image"],
    "pipeline_tag": "image-to-image",
    "model_card_template": TEMPLATE,
}


def norm_layer(norm: str, channels: int) -> nn.Module:
    """Batch norm (the paper) or instance norm, which has no weights here."""
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "instance":
        return nn.InstanceNorm2d(channels)
    raise ValueError(f"norm is {norm!r}; expected 'batch' or 'instance'")


def init_weights(module: nn.Module) -> None:
    """Draws weights from N(0, 0.02) and batch-norm scales from N(1, 0.02) (section 6.2). Use it with `net.apply`."""
    if any(weight.is_meta for weight in module.parameters(recurse=False)):
        return  # no memory yet, as weights are to be loaded; on "meta", normal_ would import half of torch.compile
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
    bias = getattr(module, "bias", None)
    if bias is not None:
        nn.init.zeros_(bias)


class SmoothTransposed2d(nn.ConvTranspose2d):
    """A 4x4 transposed convolution of stride 2 whose output is blurred by [1 2 1] / 4 both ways, as one 6x6 kernel.

    The plain layer computes even and odd pixels with different weights, and the difference shows as a grid. The blur
    removes that frequency (a fixed smooth layer: Kinoshita & Kiya 2020). The weights have the shape of the plain
    layer's.
    """

    def __init__(self, inputs: int, outputs: int, bias: bool = True):
        super().__init__(inputs, outputs, 4, 2, 1, bias=bias)

    def as_convolution(self) -> Tensor:
        """Weights (4 * outputs, inputs, 3, 3) of a plain convolution that does the same before `F.pixel_shuffle`.

        Output pixels 2i and 2i + 1 both read the inputs i - 1, i and i + 1.
        """
        tent = torch.tensor([1.0, 2.0, 1.0], device=self.weight.device) / 4
        taps = F.pad(self.weight, (2, 2, 2, 2)).flatten(0, 1)[:, None]
        kernel = F.conv2d(taps, torch.outer(tent, tent)[None, None].to(taps.dtype))
        kernel = kernel.view(*self.weight.shape[:2], 3, 2, 3, 2).flip(2, 4)
        return kernel.permute(1, 3, 5, 0, 2, 4).flatten(0, 2)

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.repeat_interleave(4)
        return F.pixel_shuffle(F.conv2d(x, self.as_convolution(), bias, padding=1), 2)


def noise_planes(count: int, channels: int, height: int, width: int, **of_randn) -> Tensor:
    """Normal noise (count, channels, height, width); plane i has blobs of about 4^i pixels.

    `of_randn` are options of `torch.randn`, such as device and generator.

    Every level of the encoder halves the size, which soon averages white noise away. A level without noise at its own
    scale sees the same everywhere on empty paper, and paints a repeating pattern there.
    """
    planes = [torch.empty(count, 0, height, width, device=of_randn.get("device"))]  # for a network without noise
    for plane in range(channels):
        side = 4**plane
        small = torch.randn(count, 1, -(-height // side), -(-width // side), **of_randn)
        planes.append(F.interpolate(small, (height, width), mode="bicubic") if plane else small)
    return torch.cat(planes, 1)


@functools.lru_cache(maxsize=8)
def fixed_noise(channels: int, height: int, width: int) -> Tensor:
    """The noise (1, channels, height, width) that is used by default; always the same numbers."""
    return noise_planes(1, channels, height, width, generator=torch.Generator().manual_seed(0))


class UNetGenerator(nn.Module, PyTorchModelHubMixin, **HUB):
    """The U-Net generator (sections 3.2.1 and 6.1.1): condition in, picture out.

    `num_downs` 4x4 convolutions of stride 2 halve the image down to 1x1, and as many transposed ones enlarge it again.
    Decoder level i reads the output of the level below it and the encoder's features of the same size. These skip
    connections let outlines pass around the bottleneck.

        256 ─ down.0 ─ 128 ─ down.1 ─ 64 ─ ... ─ down.7 ─ 1
                        │              │                 │
        256 ── up.0 ── 128 ── up.1 ── 64 ─ ... ── up.7 ──┘

    As in the authors' code, a level begins with its activation. So skip connections carry features from before the
    activation: the next encoder level applies LeakyReLU to them, the decoder ReLU.

    Args:
        input_nc, output_nc: channels of condition and picture.
        num_downs: 7, 8 or 9 for images of 128, 256 or 512 pixels (2 ** num_downs).
        ngf: channels of the first level; they double up to 8 * ngf.
        norm: "batch" (the paper) or "instance".
        style_dim: how many numbers of a style the network reads beside the condition, 0 for the paper's network. They
            are added as constant channels, or as maps.
        noise_nc: planes of noise after condition and style, 0 for the paper's network. On empty paper a convolution
            sees, and so paints, the same everywhere; with noise it can paint the grain of a material. The noise is
            fixed, so the same drawing still gives the same picture.
        smooth: how many of the outermost decoder levels are blurred, which ends the grid; 0 for the paper's network.
        use_dropout: dropout 0.5 on the widest decoder levels after the innermost, three for 256 pixels, as in the
            authors' PyTorch code. (The paper's text counts the innermost as one of the three.) At test time it is the
            paper's only source of noise.
    """

    def __init__(
        self,
        input_nc: int = 3,
        output_nc: int = 3,
        num_downs: int = 8,
        ngf: int = 64,
        norm: str = "batch",
        use_dropout: bool = True,
        style_dim: int = 0,
        smooth: int = 0,
        noise_nc: int = 0,
    ):
        super().__init__()
        if ngf < 1:
            raise ValueError(f"ngf is {ngf}; expected 1 or more")
        if not 5 <= num_downs <= 12:
            raise ValueError(f"num_downs is {num_downs}; expected 5 to 12 (8 for 256 pixels)")
        if not (0 <= style_dim <= MOST_STYLE and 0 <= smooth <= MOST_SMOOTH and 0 <= noise_nc <= MOST_NOISE):
            found, most = (style_dim, smooth, noise_nc), (MOST_STYLE, MOST_SMOOTH, MOST_NOISE)
            raise ValueError(f"style_dim, smooth, noise_nc are {found}; expected 0 to {most}")
        self.image_size: int = 2**num_downs
        self.input_nc, self.output_nc, self.ngf = input_nc, output_nc, ngf
        self.style_dim, self.noise_nc = style_dim, noise_nc
        self.condition_nc = input_nc + style_dim  # channels that a discriminator reads beside the picture
        channels_read = self.condition_nc + noise_nc
        bias = norm == "instance"  # useless before a norm, but the authors' files have one here
        widths = [ngf * min(2**level, 8) for level in range(num_downs)]
        innermost = num_downs - 1

        self.down = nn.ModuleList()
        for level, width in enumerate(widths):
            # No norm on the outermost level. None on the innermost either: its map is one pixel, and batch norm over a
            # batch of one would make it zero (the paper's errata).
            layers: list[nn.Module] = [] if level == 0 else [nn.LeakyReLU(0.2)]
            layers.append(nn.Conv2d(widths[level - 1] if level else channels_read, width, 4, 2, 1, bias=bias))
            if 0 < level < innermost:
                layers.append(norm_layer(norm, width))
            self.down.append(nn.Sequential(*layers))

        self.up = nn.ModuleList()
        for level, width in enumerate(widths):
            channels = width if level == innermost else 2 * width  # from below, and from the skip
            below = widths[level - 1] if level else output_nc
            up = (
                SmoothTransposed2d(channels, below, bias=bias or level == 0)
                if level < smooth
                else nn.ConvTranspose2d(channels, below, 4, 2, 1, bias=bias or level == 0)
            )
            layers = [nn.ReLU(), up]
            if level == 0:
                layers.append(nn.Tanh())
            else:
                layers.append(norm_layer(norm, below))
                if use_dropout and 4 <= level < innermost:
                    layers.append(nn.Dropout(0.5))
            self.up.append(nn.Sequential(*layers))

        self.apply(init_weights)
        self.register_load_state_dict_pre_hook(rename_generator_keys)  # the authors' files load too

    def encode(self, x: Tensor) -> list[Tensor]:
        """Features of every encoder level, outermost first; (N, width, size / 2, size / 2), ..."""
        features = []
        for down in self.down:
            x = down(x)
            features.append(x)
        return features

    def decode(self, features: list[Tensor]) -> list[Tensor]:
        """Outputs of every decoder level, outermost (the picture, in [-1, 1]) first."""
        *skips, x = features
        outputs = [self.up[-1](x)]
        for up, skip in zip(reversed(self.up[:-1]), reversed(skips), strict=True):
            outputs.insert(0, up(torch.cat([skip, outputs[0]], 1)))
        return outputs

    def with_style(self, x: Tensor, style: Tensor) -> Tensor:
        """Appends a style to the condition (N, input_nc, S, S): (N | 1, style_dim), or a map of these numbers."""
        if style.dim() == 2:
            style = style[..., None, None]
        planes = style.to(x.dtype).expand(len(x), -1, *x.shape[2:])
        return torch.cat([x, planes], 1).contiguous(memory_format=torch.channels_last)

    def with_noise(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """Appends noise (N | 1, noise_nc, S, S), by default the fixed one, to (N, condition_nc, S, S)."""
        if self.noise_nc == 0:
            return x
        if noise is None:
            noise = fixed_noise(self.noise_nc, *x.shape[2:])
        planes = noise.to(x).expand(len(x), -1, -1, -1)
        return torch.cat([x, planes], 1).contiguous(memory_format=torch.channels_last)

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """(N, input_nc, S, S) in [-1, 1] -> (N, output_nc, S, S) in [-1, 1]; S a multiple of image_size.

        A network with a style also needs `style`, (N, style_dim) or (N, style_dim, S, S), unless `x` has it already
        (see `with_style`). Where `x` has no noise, the fixed noise is appended.
        """
        if style is not None:
            x = self.with_style(x, style)
        if x.shape[1] == self.condition_nc:
            x = self.with_noise(x)
        if x.shape[-1] % self.image_size or x.shape[-2] % self.image_size:
            raise ValueError(
                f"image is {x.shape[-1]}x{x.shape[-2]} pixels; this generator takes multiples of {self.image_size}"
            )
        return self.decode(self.encode(x))[0]


class PatchDiscriminator(nn.Module, PyTorchModelHubMixin, **HUB):
    """The PatchGAN discriminator (section 3.2.2): one logit for every patch, real or painted.

    It reads condition and picture, concatenated, so `input_nc` is 6. An unconditional discriminator reads the picture
    alone. The number of stride-2 layers sets the size of the patch (section 6.1.2):

        n_layers   0   1   2   3    4    5
        patch      1  16  34  70  142  286 pixels

    Layer names are those of the authors' code, so its `latest_net_D.pth` loads as it is.
    """

    def __init__(self, input_nc: int = 6, ndf: int = 64, n_layers: int = 3, norm: str = "batch"):
        super().__init__()
        if not 0 <= n_layers <= 5:
            raise ValueError(f"n_layers is {n_layers}; expected 0 to 5 (3 for patches of 70 pixels)")
        if ndf < 1:
            raise ValueError(f"ndf is {ndf}; expected 1 or more")
        self.input_nc, self.ndf = input_nc, ndf
        bias = norm == "instance"
        if n_layers == 0:  # PixelGAN: 1x1 convolutions only
            self.net = nn.Sequential(
                nn.Conv2d(input_nc, ndf, 1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(ndf, 2 * ndf, 1, bias=bias),
                norm_layer(norm, 2 * ndf),
                nn.LeakyReLU(0.2),
                nn.Conv2d(2 * ndf, 1, 1, bias=bias),
            )
        else:
            widths = [ndf * min(2**i, 8) for i in range(n_layers + 1)]
            layers: list[nn.Module] = [nn.Conv2d(input_nc, ndf, 4, 2, 1), nn.LeakyReLU(0.2)]
            for i in range(1, n_layers + 1):
                stride = 2 if i < n_layers else 1
                layers += [
                    nn.Conv2d(widths[i - 1], widths[i], 4, stride, 1, bias=bias),
                    norm_layer(norm, widths[i]),
                    nn.LeakyReLU(0.2),
                ]
            layers.append(nn.Conv2d(widths[-1], 1, 4, 1, 1))
            self.model = nn.Sequential(*layers)
        self.apply(init_weights)

    @property
    def layers(self) -> nn.Sequential:
        return self.net if hasattr(self, "net") else self.model

    def forward(self, x: Tensor) -> Tensor:
        """(N, input_nc, H, W) in [-1, 1] -> logits (N, 1, h, w); 30x30 for 256 pixels and n_layers=3."""
        return self.layers(x)
