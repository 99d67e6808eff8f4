"""Trains the digit classifier that judges the DCGAN's samples (`python -m pix2pix.evaluate classifier`).

Only the training images are used, the last weights are kept, and the test images are looked at once,
at the end, for the accuracy that config.json states.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from .judges import DigitJudge


def jitter(digits: Tensor, degrees: float = 12, scale: float = 0.12, shift: float = 2.5) -> Tensor:
    """Turns, scales, slants and shifts (in pixels) every digit of (N, 1, S, S) by amounts of its own."""
    n, size = len(digits), digits.shape[-1]
    angle, slant, x, y = (torch.rand(4, n, 1, device=digits.device) * 2 - 1).unbind(0)
    angle, slant = angle * math.radians(degrees), slant * 0.2
    zoom = 1 + (torch.rand(2, n, 1, device=digits.device) * 2 - 1) * scale
    cos, sin, step = angle.cos(), angle.sin(), 2 * shift / size
    top = torch.cat([zoom[0] * cos, -zoom[0] * (sin + slant * cos), x * step], 1)
    bottom = torch.cat([zoom[1] * sin, zoom[1] * (cos - slant * sin), y * step], 1)
    grid = F.affine_grid(torch.stack([top, bottom], 1), list(digits.shape), align_corners=False)
    return F.grid_sample(digits + 1, grid, align_corners=False) - 1  # zero padding becomes black paper


def accuracy(judge: DigitJudge, digits: Tensor, labels: Tensor) -> float:
    """Share of `digits` (N, 1, S, S) that `judge` names as `labels` (N,) do."""
    with torch.inference_mode():
        return torch.cat([judge(d).argmax(1) == t for d, t in zip(digits.split(500), labels.split(500), strict=True)]
        ).float().mean().item()  # fmt: skip


def train_judge(
    digits: Tensor, labels: Tensor, epochs: int = 14, batch_size: int = 128, width: int = 32, seed: int = 0
) -> DigitJudge:
    """Trains on (N, 1, 28, 28) in [-1, 1] and (N,) with AdamW and a one-cycle learning rate."""
    torch.manual_seed(seed)
    judge = DigitJudge(width).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(judge.parameters(), weight_decay=0.02)
    steps = max(len(digits) // batch_size, 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, epochs * steps, pct_start=0.2)
    progress = tqdm(total=epochs * steps, unit="step", desc="classifier")
    for _ in range(epochs):
        order = torch.randperm(len(digits))
        for batch in order.split(batch_size)[:steps]:
            images = jitter(digits[batch]).to(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                loss = F.cross_entropy(judge(images), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            progress.update()
        progress.set_postfix(loss=f"{loss.item():.4f}")
    progress.close()
    return judge.eval()
