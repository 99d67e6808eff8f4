"""Batches of pairs, for whatever learns from a folder of them."""

import re
import signal
from collections.abc import Iterator
from itertools import chain

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from ..data.batches import ShuffledBatches, consecutive
from ..data.check_pairs import check_pairs
from ..data.image_files import list_folder, split_folder
from ..data.pairs import Augmentation, PairedImages, open_pair
from ..errors import DataError, note
from . import parallel
from .options import PairOptions

# What PyTorch says where the system refused memory, or ended a process that took too much.
OUT_OF_MEMORY = re.compile(
    r"can't allocate memory|DataLoader worker \(.*(exited unexpectedly|killed by signal)", re.DOTALL
)


class PairedBatches:
    """Reads `data` in shuffled batches, ahead and in other processes.

    Attributes:
        options: of a training on pairs.
        device: where batches go.
        data: the pairs to learn from, see `open_pairs`.
        batch_size: of all processes together.
        workers: processes that read images for this one.
        direction, input_nc, output_nc: which half is the condition, and the channels of condition and picture.
    """

    options: PairOptions
    device: torch.device
    data: PairedImages
    batch_size: int
    batches_per_epoch: int
    workers: int
    direction = "AtoB"
    input_nc = output_nc = 3

    def pairs(self, phase: str, load_size: int, count: int | None, augmentation: Augmentation | None, flip=True):
        """The pairs of a sub-folder of DATAROOT, augmented."""
        folders = [split_folder(root, phase) for root in self.options.roots]
        channels, size = {"input_nc": self.input_nc, "output_nc": self.output_nc}, self.options.crop_size
        return PairedImages(folders, self.direction, load_size, size, count, augmentation, flip, **channels)

    def open_pairs(self, augmentation: Augmentation | None, flip: bool = True) -> None:
        """Sets `data` and what batches there are, and says what is left out and what seems to be no pair.

        Raises:
            DataError: files that can't be read or halved.
        """
        options = self.options
        self.workers = parallel.readers(self.device) if options.workers is None else options.workers
        self.data = self.pairs(options.phase, options.load_size, options.max_images, augmentation, flip)
        if parallel.is_main():
            note(*self.data.left_out, *check_pairs(self.data.files))
        order = self.order(epoch=0)
        self.batch_size, self.batches_per_epoch = order.batch_size, len(order)

    def held_out(self, count: int, augmentation: Augmentation) -> PairedImages:
        """The first pairs of DATAROOT/val; those of the training where there are none, as it needs none."""
        data = self.pairs(self.options.phase, self.options.crop_size, count, augmentation, flip=False)
        folders = [split_folder(root, "val") for root in self.options.roots]
        usable, problems = [], []
        for file in chain.from_iterable(list_folder(folder).images for folder in folders if folder.is_dir()):
            if len(usable) == count:
                break
            try:
                open_pair(file)
                usable.append(file)
            except DataError as error:
                problems.append(str(error))
        if problems:
            note(f"sample sheets leave {len(problems)} of the held-out files out: {problems[0]}")
        data.files = usable or data.files
        return data

    def order(self, epoch: int, start: int = 0) -> ShuffledBatches:
        options, place = self.options, (parallel.rank(), parallel.count())
        return ShuffledBatches(len(self.data), options.batch_size, options.seed, epoch, start, *place)

    def batches(self, epoch: int, start: int, epochs: int = 1) -> Iterator[list[Tensor]]:
        """This process' shares of the (condition, picture) batches from batch `start` of an epoch on, on the device.

        Of all `epochs` in one go: workers take seconds to start where they are no forks, and read ahead.
        """
        loader = DataLoader(
            self.data,
            batch_sampler=consecutive(self.order, epoch, start, epochs),
            num_workers=self.workers,
            pin_memory=self.device.type == "cuda",
            worker_init_fn=leave_signals_to_the_loop,
            generator=torch.Generator(),  # else every epoch would draw from the global state that dropout uses
        )
        try:
            for batch in loader:  # a copy may go on in the background only where it starts from pinned memory
                yield [
                    values.to(
                        self.device,
                        memory_format=torch.channels_last if values.dim() == 4 else torch.preserve_format,
                        non_blocking=loader.pin_memory,
                    )
                    for values in batch
                ]
        except (DataError, OSError) as error:  # one of a worker process comes with that process' traceback before it
            raise DataError(str(error.args[-1]).splitlines()[-1].split("Error: ", 1)[-1]) from None
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not OUT_OF_MEMORY.search(str(error)):
                raise
            raise DataError(
                "the pictures take more memory than there is, or somebody ended a process that reads them: choose "
                "fewer --workers, a lower --load_size, or smaller pictures"
            ) from None


def leave_signals_to_the_loop(_worker: int) -> None:
    """Ctrl-C and SIGTERM may reach the workers too, but the loop ends them: after the step and the save."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
