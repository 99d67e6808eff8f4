"""The U-Net in faster forms.

All of them compute the same as the plain module in evaluation mode, in another order or precision:

  folded          batch norm folded into the convolution before it, dropout (idle) gone
  channels last   the layout in which convolutions are matrix products
  packed          weights laid out once as oneDNN's kernels read them, activation inside the kernel
  bf16, fp16      half the bytes, and twice the rate or more where the chip has instructions for them
  one graph       on CUDA: the whole sequence of kernels is launched with one call

`torch.compile` is not used. On a CPU it needs half a minute and then runs the same oneDNN kernels (see
benchmarks/inference.py --compile). On CUDA it only saved kernel launches, as the graph does.
"""

import copy
import time
from collections.abc import Callable, Iterable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..networks import UNetGenerator
from ..networks.pix2pix import SmoothTransposed2d
from .network_thread import give_way

# ---- folded ---------------------------------------------------------------------------------------


def fold(layers: Iterable[nn.Module]) -> nn.Sequential:
    """Copies the layers, folds each batch norm into the convolution before it, and leaves dropout out."""
    folded = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            folded[-1] = fuse_conv_bn_eval(folded[-1], layer, isinstance(folded[-1], nn.ConvTranspose2d))
        elif not isinstance(layer, nn.Dropout):
            folded.append(copy.deepcopy(layer))
    return nn.Sequential(*folded)


class UnsetConv2d(nn.Conv2d):
    """A convolution whose weights are set later. It draws none, so it does not change the random state."""

    def reset_parameters(self) -> None:
        pass


def subpixel(conv: nn.ConvTranspose2d) -> tuple[nn.Module, ...]:
    """A transposed convolution as a plain one with four outputs for each channel, and the layers that arrange them.

    A 4x4 kernel becomes 2x2. Pixels 2i + 1 and 2i + 2 both read only the inputs i and i + 1: the first through weights
    2 and 0, the second through weights 3 and 1. The multiplications are as many as before, but 12 channels use a
    kernel's vector lanes better than 3. The blocks lie between pixels of the input, so half a block is cut off at every
    border. A smooth layer becomes 3x3, see `SmoothTransposed2d`.
    """
    if isinstance(conv, SmoothTransposed2d):
        return plain_conv(conv.as_convolution(), conv.bias), nn.PixelShuffle(2)
    inputs, outputs = conv.weight.shape[:2]
    taps = conv.weight.reshape(inputs, outputs, 2, 2, 2, 2).flip(2, 4)
    return plain_conv(taps.permute(1, 3, 5, 0, 2, 4).flatten(0, 2), conv.bias), nn.PixelShuffle(2), nn.ZeroPad2d(-1)


def plain_conv(weight: Tensor, bias: Tensor | None) -> nn.Conv2d:
    """A convolution with weights (4 * outputs, inputs, k, k). Each number of bias (outputs,) serves four channels."""
    outputs, inputs, side, _ = weight.shape
    conv = UnsetConv2d(inputs, outputs, side, 1, 1, device=weight.device).requires_grad_(False)
    assert bias is not None  # every folded convolution has one
    assert conv.bias is not None
    conv.weight.copy_(weight)
    conv.bias.copy_(bias.repeat_interleave(4))
    return conv


def shuffled(level: nn.Sequential) -> nn.Sequential:
    """A folded decoder level as a plain convolution, with the activation before the shuffle."""
    conv, *rest = level
    assert isinstance(conv, nn.ConvTranspose2d)
    plain, *shuffle = subpixel(conv)
    return nn.Sequential(plain, *rest, *shuffle)


class Cast(nn.Module):
    def __init__(self, dtype: torch.dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        return x.to(self.dtype, memory_format=torch.channels_last)


class FoldedUNet(nn.Module):
    """The U-Net with every activation right after a convolution, so that one kernel computes both.

    In `UNetGenerator` a level begins with its activation, so the encoder's features get two: LeakyReLU in the next
    level, ReLU in the skip. Here LeakyReLU is applied first. ReLU after it gives the same as ReLU alone.

    The first level stays in fp32. It reads mostly white paper, where a rounding error is the same everywhere. This
    gains 10 dB, and the level has the fewest weights.
    """

    def __init__(self, unet: UNetGenerator, dtype: torch.dtype):
        super().__init__()
        encoder, decoder = ([list(level.children()) for level in levels] for levels in (unet.down, unet.up))
        behind = [*(level[0] for level in encoder[1:]), decoder[-1][0]]
        first, *down = [fold([*level[i > 0 :], behind[i]]) for i, level in enumerate(encoder)]
        up = [fold(decoder[0][1:])] + [fold([*level[1:], above[0]]) for above, level in pairwise(decoder)]
        up = [shuffled(x) if i == 0 or isinstance(x[0], SmoothTransposed2d) else x for i, x in enumerate(up)]
        self.down = nn.ModuleList([first.append(Cast(dtype)), *(level.to(dtype) for level in down)])
        self.up = nn.ModuleList(level.to(dtype) for level in up)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.down:
            give_way()
            x = down(x)
            skips.append(x)
        x = self.up[-1](skips.pop())
        for up, skip in zip(reversed(self.up[:-1]), reversed(skips), strict=True):
            give_way()
            x = up(torch.cat([skip.relu_(), x], 1))
        return x


def folded(unet: UNetGenerator, dtype: torch.dtype) -> nn.Sequential:
    """The folded network in the given precision, channels last. Input and output stay fp32."""
    layers = Cast(torch.float32), FoldedUNet(unet, dtype), Cast(torch.float32)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


# ---- on a CPU -------------------------------------------------------------------------------------


FUSED = {nn.ReLU: "relu", nn.LeakyReLU: "leaky_relu", nn.Tanh: "tanh", nn.Identity: "none"}  # names in oneDNN


class Packed(nn.Module):
    """A convolution and its activation as one oneDNN kernel, with weights packed in advance."""

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d, activation: nn.Module, shape: torch.Size):
        super().__init__()
        ops, transposed = torch.ops.mkldnn, isinstance(conv, nn.ConvTranspose2d)
        geometry = [conv.padding, conv.stride, conv.dilation, conv.groups]
        if transposed:
            geometry.insert(1, conv.output_padding)
        pack = ops._reorder_convolution_transpose_weight if transposed else ops._reorder_convolution_weight
        self.kernel = ops._convolution_transpose_pointwise if transposed else ops._convolution_pointwise
        self.weight, self.bias = pack(conv.weight, *geometry, shape), conv.bias
        slope = [activation.negative_slope] if isinstance(activation, nn.LeakyReLU) else []
        self.options = (*geometry, FUSED[type(activation)], slope, "")

    def forward(self, x: Tensor) -> Tensor:
        return self.kernel(x, self.weight, self.bias, *self.options)


def packed(unet: UNetGenerator, dtype: torch.dtype, x: Tensor) -> nn.Module:
    """The packed network for inputs like `x`. Larger batches are computed correctly, but may be slower than with
    `folded`."""
    served, shapes = folded(unet, dtype), {}
    for conv in served.modules():
        if isinstance(conv, nn.Conv2d | nn.ConvTranspose2d):
            conv.register_forward_hook(lambda conv, inputs, _: shapes.update({conv: inputs[0].shape}))
    served(x)
    for block in list(served.modules()):
        if isinstance(block, nn.Sequential):
            pack_block(block, shapes)
    return served


def timed(network: Callable[[Tensor], Tensor], x: Tensor) -> float:
    start = time.perf_counter()
    network(x).flatten()[0].item()  # reading a value waits for the GPU
    return time.perf_counter() - start


def pack(conv: nn.Conv2d | nn.ConvTranspose2d, activation: nn.Module, shape: torch.Size) -> Packed:
    """Packs the weights for inputs of `shape`, or for a map of twice the size if that is faster.

    oneDNN says which layout its kernel reads. For a few small transposed convolutions it then runs a kernel that reads
    another one, and converts all weights in every call: on a CPU with AVX2, the 8 million weights at a 4x4 map take 20
    ms instead of 3.
    """
    as_asked = Packed(conv, activation, shape)
    if isinstance(conv, nn.Conv2d) or max(shape[2:]) > 8:
        return as_asked
    twice = Packed(conv, activation, torch.Size((*shape[:2], 2 * shape[2], 2 * shape[3])))
    x = conv.weight.new_ones(shape).contiguous(memory_format=torch.channels_last)
    return min(as_asked, twice, key=lambda rival: min(timed(rival, x) for _ in range(3)))


def pack_block(block: nn.Sequential, shapes: dict[nn.Module, torch.Size]) -> None:
    layers = list(block)
    for i, layer in enumerate(layers):
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) and layer in shapes:
            fused = i + 1 < len(layers) and type(layers[i + 1]) in FUSED
            block[i] = pack(layer, layers[i + 1] if fused else nn.Identity(), shapes[layer])
            if fused:
                block[i + 1] = nn.Identity()


# ---- on a GPU -------------------------------------------------------------------------------------


class Captured(nn.Module):
    """Replays a network as one CUDA graph. Batches of another size than the example's run without the graph."""

    def __init__(self, network: nn.Module, x: Tensor):
        super().__init__()
        self.network, self.x = network, x.clone()
        with torch.cuda.device(x.device):  # streams and graphs belong to the current device
            side = torch.cuda.Stream()  # cuDNN chooses kernels in the first runs, which must not be captured
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):
                    network(self.x)
            torch.cuda.current_stream().wait_stream(side)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph, capture_error_mode="thread_local"):
                self.y = network(self.x)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape != self.x.shape:
            return self.network(x)
        self.x.copy_(x)
        self.graph.replay()
        return self.y.clone()
