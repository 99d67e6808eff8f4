"""What the loop needs to know of a model; `pix2pix.py` and `dcgan.py` are the two that there are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from .precision import Precision


class Training(Protocol):
    """A model in training: its networks, optimisers, batches and step."""

    networks: dict[str, torch.nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]
    ema: torch.nn.Module | None
    precision: Precision
    batch_size: int  # of all processes together
    batches_per_epoch: int

    def batches(self, epoch: int, start: int, epochs: int) -> Iterator: ...
    def step(self, batch) -> dict[str, Tensor]: ...
    def served(self) -> torch.nn.Module: ...
    def samples(self, generator: torch.nn.Module) -> Image.Image: ...
    def snapshot(self, generator: torch.nn.Module, folder: Path, images_seen: int) -> None: ...
    def save(self, generator: torch.nn.Module, folder: Path, **facts) -> None: ...
