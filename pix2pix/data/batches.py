"""Which samples make a batch: a function of (seed, epoch, position) alone, so that a resumed run sees the same ones."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import torch
from torch.utils.data import Sampler

from ..errors import DataError


def share_of_batch(length: int, batch_size: int, processes: int) -> int:
    """How many samples of a batch each process takes: `batch_size`, or fewer where there are not as many.

    Raises:
        DataError: fewer samples than processes.
    """
    if length < processes:
        raise DataError(f"{length} images are too few for {processes} processes: start fewer, or add images")
    return min(batch_size, length // processes)


def consecutive(batches: Callable[[int, int], Iterable], epoch: int, start: int, epochs: int) -> Iterator:
    """The batches of so many epochs, from batch `start` of the first on; `batches(epoch, start)` are those of one."""
    return chain.from_iterable(batches(e, start if e == epoch else 0) for e in range(epoch, epoch + epochs))


class ShuffledBatches(Sampler[list[tuple[int, int]]]):
    """Batches of (index, seed) of one epoch, from batch `start` on; the same for the same (seed, epoch).

    Args:
        batch_size: samples of a batch, in each process.
        rank, processes: the batches hold the share of this process; the shares of all, in their order, are what one
            process with as many times the batch size has.
    """

    def __init__(
        self, length: int, batch_size: int, seed: int, epoch: int, start: int = 0, rank: int = 0, processes: int = 1
    ):
        self.length, self.share = length, share_of_batch(length, batch_size, processes)
        self.batch_size = self.share * processes  # of all together
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
