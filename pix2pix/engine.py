"""Faster ways to run a generator, and which of them is the fastest on this machine.

All of them compute what the plain module computes in evaluation mode, in another order or precision:

  folded          batch norm folded into the convolution before it, dropout (idle) gone
  channels last   the layout in which convolutions are matrix products
  packed          weights laid out once as oneDNN's kernels read them, activation inside the kernel
  bf16, fp16      half the bytes, and twice the rate or more where the chip has instructions for them
  one graph       on CUDA: all kernels launched at once

`torch.compile` is not among them: on a CPU it arrives at the same oneDNN kernels after half a minute
(benchmarks/inference.py --compile shows it), on CUDA the launches were its gain.
"""

import copy
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .networks import UNetGenerator

LOG = logging.getLogger(__name__)
LEAST_PSNR = 40  # dB against the plain module, on a scale of [-1, 1]: a path with less is no candidate
ROUNDS, SECONDS = 7, 0.3  # at most, for a race of two

# OpenMP gives each thread that computes a pool of its own, and pools that just worked spin for a while:
# with requests on many threads they take the cores from each other. So the networks run on one thread.
worker = ThreadPoolExecutor(1, thread_name_prefix="networks")


class Overtaken(Exception):
    """Nobody waits for this picture any more: a newer one is asked for."""


def never() -> bool:
    return False


overtaken = never  # what the caller of the running job says; only ever touched by the thread of the networks


def run(function: Callable, *args, unless: Callable[[], bool] = never):
    """`function(*args)` on the thread of the networks, in inference mode; waits for the result.

    Raises:
        Overtaken: `unless()` became true before the job began, or between two levels of a `FoldedUNet`.
    """

    def job():
        global overtaken
        overtaken = unless
        try:
            give_way()
            with torch.inference_mode():
                return function(*args)
        finally:
            overtaken = never

    return worker.submit(job).result()


def give_way() -> None:
    if overtaken():
        raise Overtaken


def after_fork() -> None:
    """To be called in a forked process before its first network: a fork has none of the threads, OpenMP's included."""
    global worker
    worker = ThreadPoolExecutor(1, thread_name_prefix="networks")
    torch.set_num_threads(1)


# ---- the same network, folded ---------------------------------------------------------------------


def fold(layers: Iterable[nn.Module]) -> nn.Sequential:
    """Copies of the layers, each batch norm folded into the convolution before it, without dropout."""
    folded = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            folded[-1] = fuse_conv_bn_eval(folded[-1], layer, isinstance(folded[-1], nn.ConvTranspose2d))
        elif not isinstance(layer, nn.Dropout):
            folded.append(copy.deepcopy(layer))
    return nn.Sequential(*folded)


def subpixel(conv: nn.ConvTranspose2d) -> tuple[nn.Conv2d, nn.PixelShuffle, nn.ZeroPad2d]:
    """A 4x4 stride-2 transposed convolution as a 2x2 one with four outputs a channel, and what puts them in place.

    Pixels 2i + 1 and 2i + 2 both read neighbours i and i + 1 alone: the first through taps 2 and 0, the second
    through taps 3 and 1. As many multiplications, but three channels leave most of a kernel's lanes idle, and
    twelve do not. The blocks straddle the pixels of the input, so half a block is too much at every border.
    """
    inputs, outputs = conv.weight.shape[:2]
    taps = conv.weight.reshape(inputs, outputs, 2, 2, 2, 2).flip(2, 4)
    plain = nn.Conv2d(inputs, 4 * outputs, 2, 1, 1, device=conv.weight.device).requires_grad_(False)
    plain.weight.copy_(taps.permute(1, 3, 5, 0, 2, 4).flatten(0, 2))
    plain.bias.copy_(conv.bias.repeat_interleave(4))
    return plain, nn.PixelShuffle(2), nn.ZeroPad2d(-1)


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
        behind = [*(level[0] for level in unet.down[1:]), unet.up[-1][0]]
        first, *down = [fold([*level[i > 0 :], behind[i]]) for i, level in enumerate(unet.down)]
        up = [fold([*level[1:], above[0]]) for above, level in pairwise(unet.up)]
        plain, *shuffle = subpixel(unet.up[0][1])
        up.insert(0, nn.Sequential(plain, nn.Tanh(), *shuffle))
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


def folded(network: nn.Module, dtype: torch.dtype) -> nn.Sequential:
    """The folded network in the given precision and channels last; fp32 in, fp32 out."""
    if isinstance(network, UNetGenerator):
        layers = Cast(torch.float32), FoldedUNet(network, dtype)
    else:
        layers = Cast(dtype), fold(network).to(dtype)
    return nn.Sequential(*layers, Cast(torch.float32)).to(memory_format=torch.channels_last)


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


def packed(network: nn.Module, dtype: torch.dtype, x: Tensor) -> nn.Module:
    served, shapes = folded(network, dtype), {}
    for conv in served.modules():
        if isinstance(conv, nn.Conv2d | nn.ConvTranspose2d):
            conv.register_forward_hook(lambda conv, inputs, _: shapes.update({conv: inputs[0].shape}))
    served(x)
    for block in list(served.modules()):
        if isinstance(block, nn.Sequential):
            pack_block(block, shapes)
    return served


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
        if layer in shapes:
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


# ---- the choice -----------------------------------------------------------------------------------


def candidates(network: nn.Module, x: Tensor) -> Iterator[tuple[str, Callable[[], nn.Module]]]:
    """Name and maker of each way to run `network` (a `UNetGenerator` or a `Sequential`) that may work here."""
    yield "folded fp32", lambda: folded(network, torch.float32)
    if x.device.type == "cpu" and torch.backends.mkldnn.is_available():
        yield "packed fp32", lambda: packed(network, torch.float32, x)
        if torch.ops.mkldnn._is_mkldnn_bf16_supported():
            yield "packed bf16", lambda: packed(network, torch.bfloat16, x)
    if x.device.type == "mps":
        yield "folded fp16", lambda: folded(network, torch.float16)
    if x.device.type == "cuda":
        yield "graph fp16", lambda: Captured(folded(network, torch.float16), x)
        yield "graph bf16", lambda: Captured(folded(network, torch.bfloat16), x)


def psnr(y: Tensor, reference: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of tensors in [-1, 1]; NaN and infinities have none."""
    error = F.mse_loss(y.double(), reference.double()).item()
    return 10 * math.log10(4 / max(error, 1e-12)) if math.isfinite(error) else -math.inf


def race(rivals: list[Callable[[Tensor], Tensor]], x: Tensor) -> list[float]:
    """Seconds of each rival, run in turn. The least of its runs counts: what disturbs, only ever slows down."""
    times = [[] for _ in rivals]
    end = time.perf_counter() + SECONDS
    while len(times[0]) < ROUNDS and (not times[0] or time.perf_counter() < end):
        for rival, seconds in zip(rivals, times, strict=True):
            seconds.append(run(timed, rival, x))
    return [min(seconds) for seconds in times]


def timed(network: Callable[[Tensor], Tensor], x: Tensor) -> float:
    start = time.perf_counter()
    network(x).flatten()[0].item()  # reading a value waits for the GPU
    return time.perf_counter() - start


def fastest(network: nn.Module, x: Tensor) -> nn.Module:
    """Makes one candidate after the other, compares its answer with the plain one, and keeps the faster.

    Each step goes through the thread of the networks by itself, so requests wait for one step at most, and
    what cannot be made or does not answer like the plain module is left out.
    """
    best, verdict = network, "plain"
    reference = run(network, x)
    for name, make in candidates(network, x):
        try:
            rival = run(make)
            quality = psnr(run(rival, x), reference)
        except Exception as error:  # whatever a missing instruction, kernel or driver raises
            LOG.debug("%s: %s", name, error)
            continue
        if quality < LEAST_PSNR:
            LOG.debug("%s: %.1f dB", name, quality)
            continue
        before, after = race([best, rival], x)
        if after < before:
            best, verdict = rival, f"{name}, {1000 * after:.1f} ms, {quality:.0f} dB; before {1000 * before:.1f} ms"
    LOG.info("%s", verdict)
    return best


def in_background(network: nn.Module, x: Tensor, use: Callable[[nn.Module], None]) -> threading.Thread:
    """Calls `use` with the fastest way to run `network` once it is found; `join()` waits for that."""

    def find() -> None:
        try:
            use(fastest(network, x))
        except RuntimeError as error:  # the process ends, and the thread of the networks takes no more work
            LOG.debug("no choice: %s", error)

    thread = threading.Thread(target=find, name="engine")
    thread.start()
    return thread
