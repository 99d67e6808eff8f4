"""What the loop needs to know of a model; `pix2pix.py` and `dcgan.py` are the two that there are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from .options import TrainingOptions
from .precision import Precision


class Training(Protocol):
    """A model in training: its networks, optimisers, batches and step."""

    precision: Precision
    batch_size: int  # of all processes together
    batches_per_epoch: int

    @property
    def options(self) -> TrainingOptions: ...
    @property
    def record(self) -> Mapping[str, Any]: ...  # the options with the values really used
    @property
    def networks(self) -> Mapping[str, torch.nn.Module]: ...
    @property
    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]: ...
    @property
    def ema(self) -> torch.nn.Module | None: ...

    def batches(self, epoch: int, start: int, epochs: int) -> Iterator: ...
    def step(self, batch) -> dict[str, Tensor]: ...
    def served(self) -> torch.nn.Module: ...
    def samples(self, generator: Any) -> Image.Image: ...
    def snapshot(self, generator: Any, folder: Path, images_seen: int) -> None: ...
    def save(self, generator: Any, folder: Path, **facts) -> None: ...
