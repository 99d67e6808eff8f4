"""Losses of a run, averaged between two rows: `losses.csv`, the progress bar, TensorBoard when asked."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..atomic_files import replacing, written
from . import parallel


@dataclass
class Row:
    values: dict[str, float]

    @property
    def text(self) -> str:
        return ", ".join(f"{name.removeprefix('loss_')} {value:.3f}" for name, value in self.values.items())

    @property
    def finite(self) -> bool:
        return all(math.isfinite(value) for value in self.values.values())


class LossLog:
    """Collects losses on the device and reads them only when a row is written, so that steps never wait.

    Args:
        folder: where `losses.csv` and TensorBoard's files go.
        images: images seen so far; rows beyond are of steps that a resumed run makes again, and go.
    """

    def __init__(self, folder: Path, images: int = 0, tensorboard: bool = False):
        self.file, self.pending, self.board, self.columns = folder / "losses.csv", [], None, []
        if not parallel.is_main():
            return
        folder.mkdir(parents=True, exist_ok=True)
        if self.file.exists():
            rows = [row for row in read_losses(self.file) if int(row["images"]) <= images]
            self.rewrite(counted_from_one(rows))
        if tensorboard:
            from torch.utils.tensorboard import SummaryWriter  # only who asks for it needs it

            self.board = SummaryWriter(str(folder), purge_step=images)

    def add(self, losses: dict[str, Tensor]) -> None:
        self.pending.append(losses)

    def write(self, epoch: int, images: int, lr: float) -> Row:
        """A row of the means since the last one; `images` is the x axis that runs of all batch sizes share.

        The epoch is the one that goes on, counted from 1.

        They are the means of all processes too, and the row is the same in each, but process 0 alone writes it.
        """
        names = list(self.pending[0])
        values = torch.stack([torch.stack([losses[name] for losses in self.pending]).float().mean() for name in names])
        parallel.average([values])
        means = dict(zip(names, values.tolist(), strict=True))
        self.pending = []
        if parallel.is_main():
            self.append({"images": images, "epoch": epoch, "lr": lr} | means)
        if self.board:
            for name, value in means.items():
                self.board.add_scalar(name, value, images)
        return Row(means)

    def append(self, row: dict) -> None:
        if not row.keys() <= set(self.columns):  # the first row, or a loss that the run had not when it was stopped
            self.rewrite(read_losses(self.file) if self.file.exists() else [], more=row)
        with written(self.file), open(self.file, "a", newline="") as handle:
            csv.DictWriter(handle, self.columns).writerow(row)

    def rewrite(self, rows: list[dict[str, str]], more: Iterable[str] = ()) -> None:
        """The file with these rows and with columns for `more`; a loss that a row has not is an empty cell."""
        self.columns = list(dict.fromkeys([*(rows[0] if rows else ()), *more]))
        with replacing(self.file) as aside, open(aside, "w", newline="") as handle:
            writer = csv.DictWriter(handle, self.columns)
            if self.columns:
                writer.writeheader()
            writer.writerows(rows)

    def close(self) -> None:
        if self.board:
            self.board.close()


def read_losses(file: Path) -> list[dict[str, str]]:
    """Whole rows of a losses file; one cut by a crash is left out."""
    with open(file, newline="") as handle:
        return [row for row in csv.DictReader(handle) if None not in row.values() and row.get("images", "").isdigit()]


def counted_from_one(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows of a run that goes on: once its epochs were counted from 0."""
    if rows and rows[0].get("epoch") == "0":
        return [row | {"epoch": str(int(row["epoch"]) + 1)} for row in rows]
    return rows
