"""Trains the digit classifier that judges the DCGAN's samples (`python -m pix2pix.evaluate classifier`).

It sees training images only, the last weights are the ones kept, and the test images are looked at once,
at the end, for the accuracy that config.json states.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from ..networks.digit_judge import DigitJudge
from .precision import Precision


def distorted(
    digits: Tensor, degrees: float = 12, slant: float = 0.2, scale: float = 0.12, shift: float = 2.5
) -> Tensor:
    """Turns, slants, scales and shifts (in pixels) every digit of (N, 1, S, S) by amounts of its own."""
    n, size = len(digits), digits.shape[-1]
    angle, lean, x, y = torch.rand(4, n) * 2 - 1
    zoom_x, zoom_y = 1 + (torch.rand(2, n) * 2 - 1) * scale
    angle, lean, step = angle * math.radians(degrees), lean * slant, 2 * shift / size
    cos, sin = angle.cos(), angle.sin()
    top = torch.stack([zoom_x * cos, -zoom_x * (sin + lean * cos), x * step], 1)
    bottom = torch.stack([zoom_y * sin, zoom_y * (cos - lean * sin), y * step], 1)
    grid = F.affine_grid(torch.stack([top, bottom], 1), list(digits.shape), align_corners=False)
    return F.grid_sample(digits + 1, grid, align_corners=False) - 1  # 0 from outside the image is black paper


def train_judge(
    digits: Tensor, labels: Tensor, epochs: int = 14, batch_size: int = 128, width: int = 32, seed: int = 0
) -> DigitJudge:
    """Trains on bytes (N, 1, 28, 28) and labels (N,), on the CPU, with AdamW and a one-cycle learning rate."""
    torch.manual_seed(seed)
    judge = DigitJudge(width).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(judge.parameters(), weight_decay=0.02)
    batch_size = min(batch_size, len(digits))
    steps = len(digits) // batch_size
    precision = Precision("auto", torch.device("cpu"))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, epochs * steps, pct_start=0.2)
    with tqdm(total=epochs * steps, unit="step", desc="classifier") as progress:
        for _ in range(epochs):
            for batch in torch.randperm(len(digits)).split(batch_size)[:steps]:
                images = distorted(digits[batch].float() / 127.5 - 1).to(memory_format=torch.channels_last)
                with precision.autocast:
                    loss = F.cross_entropy(judge(images), labels[batch])
                precision.descend(optimizer, loss)
                schedule.step()
                progress.update()
            progress.set_postfix(loss=f"{loss.item():.4f}")
    return judge.to(memory_format=torch.contiguous_format).eval().requires_grad_(False)
