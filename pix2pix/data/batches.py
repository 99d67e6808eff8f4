"""Chooses the samples of each batch from (seed, epoch, position) alone, so a resumed run sees the same batches."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import torch
from torch.utils.data import Sampler

from ..errors import DataError


def share_of_batch(length: int, batch_size: int, processes: int) -> int:
    """How many samples of a batch each process takes: `batch_size`, or fewer if the data set is smaller.

    Raises:
        DataError: there are fewer samples than processes.
    """
    if length < processes:
        raise DataError(f"{length} images are too few for {processes} processes: start fewer, or add images")
    return min(batch_size, length // processes)


def consecutive(batches: Callable[[int, int], Iterable], epoch: int, start: int, epochs: int) -> Iterator:
    """The batches of `epochs` epochs, from batch `start` of the first on; `batches(epoch, start)` gives one epoch."""
    return chain.from_iterable(batches(e, start if e == epoch else 0) for e in range(epoch, epoch + epochs))


class ShuffledBatches(Sampler[list[tuple[int, int]]]):
    """Batches of (index, seed) for one epoch, starting at batch `start`; (seed, epoch) determine them.

    Args:
        batch_size: samples of a batch in each process.
        rank, processes: this process and their number. Each gets its share; the shares of all, in order, are the batch
            of a single process with a batch size `processes` times as large.
    """

    def __init__(
        self, length: int, batch_size: int, seed: int, epoch: int, start: int = 0, rank: int = 0, processes: int = 1
    ):
        self.length, self.share = length, share_of_batch(length, batch_size, processes)
        self.batch_size = self.share * processes  # of all processes together
        self.seed, self.epoch, self.start, self.rank = seed, epoch, start, rank

    def __len__(self) -> int:
        return self.length // self.batch_size - self.start  # an incomplete last batch is left out

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        source = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(self.length, generator=source).tolist()
        seeds = torch.randint(2**62, (self.length,), generator=source).tolist()
        keys = list(zip(order, seeds, strict=True))
        for batch in range(self.start, self.length // self.batch_size):
            first = batch * self.batch_size + self.rank * self.share
            yield keys[first : first + self.share]
