"""The U-Net in faster forms.

All of them compute what the plain module computes in evaluation mode, in another order or precision:

  folded          batch norm folded into the convolution before it, dropout (idle) gone
  channels last   the layout in which convolutions are matrix products
  packed          weights laid out once as oneDNN's kernels read them, activation inside the kernel
  bf16, fp16      half the bytes, and twice the rate or more where the chip has instructions for them
  one graph       on CUDA: the whole sequence of kernels is launched with one call

`torch.compile` is not among them: on a CPU it arrives at the same oneDNN kernels after half a minute
(benchmarks/inference.py --compile shows it), on CUDA the launches were its gain.
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
    """Copies of the layers, each batch norm folded into the convolution before it, without dropout."""
    folded = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            folded[-1] = fuse_conv_bn_eval(folded[-1], layer, isinstance(folded[-1], nn.ConvTranspose2d))
        elif not isinstance(layer, nn.Dropout):
            folded.append(copy.deepcopy(layer))
    return nn.Sequential(*folded)


class UnsetConv2d(nn.Conv2d):
    """Its weights come later: drawn, as usual, they would use up numbers of the caller's random state."""

    def reset_parameters(self) -> None:
        pass


def subpixel(conv: nn.ConvTranspose2d) -> tuple[nn.Module, ...]:
    """A transposed convolution as a plain one with four outputs a channel, and what puts them in place.

    A 4x4 one becomes 2x2. Pixels 2i + 1 and 2i + 2 both read neighbours i and i + 1 alone: the first through taps 2
    and 0, the second through taps 3 and 1. As many multiplications, but three channels leave most of a kernel's lanes
    idle, and twelve do not. The blocks straddle the pixels of the input, so half a block is too much at every border.
    A smooth one becomes 3x3, see `SmoothTransposed2d`.
    """
    if isinstance(conv, SmoothTransposed2d):
        return plain_conv(conv.as_convolution(), conv.bias), nn.PixelShuffle(2)
    inputs, outputs = conv.weight.shape[:2]
    taps = conv.weight.reshape(inputs, outputs, 2, 2, 2, 2).flip(2, 4)
    return plain_conv(taps.permute(1, 3, 5, 0, 2, 4).flatten(0, 2), conv.bias), nn.PixelShuffle(2), nn.ZeroPad2d(-1)


def plain_conv(weight: Tensor, bias: Tensor | None) -> nn.Conv2d:
    """With these weights (4 * outputs, inputs, k, k), and the bias (outputs,) for each four of them."""
    outputs, inputs, side, _ = weight.shape
    conv = UnsetConv2d(inputs, outputs, side, 1, 1, device=weight.device).requires_grad_(False)
    assert bias is not None  # folding leaves every convolution one
    assert conv.bias is not None
    conv.weight.copy_(weight)
    conv.bias.copy_(bias.repeat_interleave(4))
    return conv


def shuffled(level: nn.Sequential) -> nn.Sequential:
    """A folded decoder level with a plain convolution; the activation comes before the shuffle."""
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
    """The U-Net with every activation behind the convolution before it, where one kernel does both.

    In `UNetGenerator` activations open a level, so the features of the encoder have two: LeakyReLU on the
    way down, ReLU in the skip. Here they carry LeakyReLU, and ReLU of that is the ReLU of the bare ones.

    The first level keeps fp32: it sees mostly white paper, where each rounding makes the same error everywhere.
    That is worth 10 dB, and it is the level with the fewest weights.
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
    """The folded network in the given precision and channels last; fp32 in, fp32 out."""
    layers = Cast(torch.float32), FoldedUNet(unet, dtype), Cast(torch.float32)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


# ---- on a CPU -------------------------------------------------------------------------------------


FUSED = {nn.ReLU: "relu", nn.LeakyReLU: "leaky_relu", nn.Tanh: "tanh", nn.Identity: "none"}  # names in oneDNN


class Packed(nn.Module):
    """A convolution and the activation behind it as one oneDNN kernel, its weights packed beforehand."""

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
    """For inputs like `x`; larger batches come out right, but may take longer than `folded` would."""
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
    """Weights packed for inputs of `shape`, or as for a map of twice the size where that turns out to be faster.

    oneDNN is asked for the layout that its kernel reads. For a few small transposed convolutions the kernel that
    comes to run reads another, and lays out all weights again in every call: 20 ms in place of 3 for the 8 million of
    a 4x4 map on a CPU with AVX2.
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
    """Replays a network as one CUDA graph. Batches of another size than the example's run without."""

    def __init__(self, network: nn.Module, x: Tensor):
        super().__init__()
        self.network, self.x = network, x.clone()
        with torch.cuda.device(x.device):  # streams and graphs belong to the current one
            side = torch.cuda.Stream()  # cuDNN chooses its kernels on the first runs; they must not be captured
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
