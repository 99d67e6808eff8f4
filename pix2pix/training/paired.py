"""Batches of pairs, for whatever learns from a folder of them."""

import signal
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from ..data.batches import ShuffledBatches, consecutive
from ..data.pairs import Augmentation, PairedImages
from . import parallel


class PairedBatches:
    """Reads `data` in shuffled batches, ahead and in other processes.

    Attributes:
        args: the options of a training on pairs.
        device: where batches go.
        data: the pairs to learn from, see `pairs`.
    """

    args: Namespace
    device: torch.device
    data: PairedImages

    def pairs(self, phase: str, load_size: int, count: int | None, augmentation: Augmentation | None, flip=True):
        """The pairs of a sub-folder of DATAROOT, augmented."""
        args, folder = self.args, Path(self.args.dataroot) / phase
        channels = {"input_nc": args.input_nc, "output_nc": args.output_nc}
        return PairedImages(folder, args.direction, load_size, args.crop_size, count, augmentation, flip, **channels)

    def order(self, epoch: int, start: int = 0) -> ShuffledBatches:
        args, place = self.args, (parallel.rank(), parallel.count())
        return ShuffledBatches(len(self.data), args.batch_size, args.seed, epoch, start, *place)

    def batches(self, epoch: int, start: int, epochs: int = 1) -> Iterator[list[Tensor]]:
        """This process' shares of the (condition, picture) batches from batch `start` of an epoch on, on the device.

        Of all `epochs` in one go: workers take seconds to start where they are no forks, and read ahead.
        """
        loader = DataLoader(
            self.data,
            batch_sampler=consecutive(self.order, epoch, start, epochs),
            num_workers=self.args.workers,
            pin_memory=self.device.type == "cuda",
            worker_init_fn=leave_signals_to_the_loop,
            generator=torch.Generator(),  # else every epoch would draw from the global state that dropout uses
        )
        for batch in loader:  # a copy may go on in the background only where it starts from pinned memory
            yield [
                values.to(
                    self.device,
                    memory_format=torch.channels_last if values.dim() == 4 else torch.preserve_format,
                    non_blocking=loader.pin_memory,
                )
                for values in batch
            ]


def leave_signals_to_the_loop(_worker: int) -> None:
    """Ctrl-C and SIGTERM may reach the workers too, but the loop ends them: after the step and the save."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
