"""Measures in the background which form of the U-Net (fast_unet.py) is the fastest on this machine."""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..networks import UNetGenerator
from ..networks.device import has_bf16
from .fast_unet import Captured, folded, packed, timed
from .network_thread import run

LOG = logging.getLogger(__name__)
LEAST_PSNR = 40  # dB against the plain module, on a scale of [-1, 1]; forms with less are not used
ROUNDS, SECONDS = 7, 0.3  # at most, for comparing two


def candidates(unet: UNetGenerator, x: Tensor) -> Iterator[tuple[str, Callable[[], nn.Module]]]:
    """The name of each form that may work here, for inputs like `x`, and a function that makes it."""
    yield "folded fp32", lambda: folded(unet, torch.float32)
    if x.device.type == "cpu" and torch.backends.mkldnn.is_available():
        yield "packed fp32", lambda: packed(unet, torch.float32, x)
        if has_bf16(x.device):
            yield "packed bf16", lambda: packed(unet, torch.bfloat16, x)
    if x.device.type == "mps":
        yield "folded fp16", lambda: folded(unet, torch.float16)
    if x.device.type == "cuda":
        yield "graph fp16", lambda: Captured(folded(unet, torch.float16), x)
        yield "graph bf16", lambda: Captured(folded(unet, torch.bfloat16), x)


def psnr(y: Tensor, reference: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of tensors in [-1, 1]; -inf if there are NaN or infinite numbers."""
    error = F.mse_loss(y.cpu().double(), reference.cpu().double()).item()  # MPS has no float64
    return 10 * math.log10(4 / max(error, 1e-12)) if math.isfinite(error) else -math.inf


def race(rivals: list[Callable[[Tensor], Tensor]], x: Tensor) -> list[float]:
    """Runs the rivals in turn; returns the shortest time of each in seconds, as disturbances only slow down."""
    times = [[] for _ in rivals]
    end = time.perf_counter() + SECONDS
    while len(times[0]) < ROUNDS and (not times[0] or time.perf_counter() < end):
        for rival, seconds in zip(rivals, times, strict=True):
            seconds.append(run(timed, rival, x))
    return [min(seconds) for seconds in times]


def fastest(unet: UNetGenerator, x: Tensor) -> nn.Module:
    """Makes one candidate after the other, compares its output with the plain network's, and keeps the faster.

    Each step is a separate job of the network thread, so a request waits for one step at most. Candidates that can't be
    made, or give another output, are left out. The compared outputs are for another input than the one that a candidate
    is made with, because a CUDA graph could just repeat its output.
    """
    best, verdict = unet, "plain"
    other = x.roll(x.shape[-1] // 5, -1)
    reference = run(unet, other)
    for name, make in candidates(unet, x):
        try:
            rival = run(make)
            quality = psnr(run(rival, other), reference)
        except Exception as error:  # any error of a missing instruction, kernel or driver
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


def in_background(unet: UNetGenerator, x: Tensor, use: Callable[[nn.Module], None]) -> threading.Thread:
    """Looks for the fastest form of `unet` in a thread, then calls `use` with it. `join()` waits for the end."""

    def find() -> None:
        try:
            use(fastest(unet, x))
        except RuntimeError as error:  # the process ends, and the network thread takes no more jobs
            LOG.debug("no choice: %s", error)

    thread = threading.Thread(target=find, name="engine")
    thread.start()
    return thread
