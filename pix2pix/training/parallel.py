"""Training in several processes, on many GPUs and machines: `torchrun --nproc_per_node 8 train.py pix2pix ...`.

torchrun starts the same command in every process. Each trains on its share of every batch, and
DistributedDataParallel averages the gradients, so all take the same step and hold the same weights at any
time. Process 0 alone writes files. In a single process nothing here does anything.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ..errors import DataError, UserError

Value = TypeVar("Value")


class ProcessLost(UserError, RuntimeError):
    """Another process has ended, so this one can't go on; the other one says why."""


@contextmanager
def processes(device: torch.device) -> Iterator[torch.device]:
    """Joins the processes that torchrun started, if it did; gives the device of this one.

    Tensors on GPUs travel by NCCL, those on CPUs by Gloo. Gloo notices at once when a process has ended, and
    every step has a word over Gloo (see `highest`): so no process waits for a dead one, not even in NCCL.

    Raises:
        DataError: fewer GPUs here than processes.
        ProcessLost: another process has ended.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        yield device
        return
    if device.type == "cuda":
        here, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if here >= count:
            raise DataError(f"{count} GPUs for more processes: give torchrun --nproc_per_node {count}, or add --cpu")
        device = torch.device("cuda", here)
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    except RuntimeError as error:
        if isinstance(error, dist.DistError) or "gloo" in str(error):
            raise ProcessLost(f"process {rank()} ends because another one has ended") from error
        raise
    dist.destroy_process_group()  # not after an error: it would wait for the others


def leave(message: str) -> NoReturn:
    """Ends this process with an error, as `sys.exit(message)` does in a single one.

    One that is still joined to others leaves at once: while the interpreter takes itself down, Gloo's threads may
    abort it, with a core dump in place of its exit status (https://github.com/pytorch/pytorch/pull/179291).
    """
    if count() == 1:
        sys.exit(message)
    print(message, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def rank() -> int:
    """Number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_main() -> bool:
    """Whether this process is the one that writes files and talks."""
    return rank() == 0


def readers(device: torch.device) -> int:
    """How many processes should read images for this one: beside a GPU one a core, but no more than eight; else two.

    One reads 70 to 250 pairs a second (benchmarks/README.md), and a GPU trains on many more.
    """
    if device.type != "cuda":
        return 2
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores // int(os.environ.get("LOCAL_WORLD_SIZE", 1))))


@contextmanager
def main_first() -> Iterator[None]:
    """Process 0 runs the block, then the others: what it downloads, they find."""
    if not is_main():
        wait()
    yield
    if is_main():
        wait()


def highest(number: int) -> int:
    """The largest of the numbers of all processes. All have to ask; the answer is the same in all."""
    if count() == 1:
        return number
    largest = torch.tensor(number)
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return int(largest)


def wait() -> None:
    """Until all processes have come here."""
    highest(0)


def gather(value: Value) -> list[Value]:
    """The values of all processes, in their order, in process 0; elsewhere an empty list."""
    if count() == 1:
        return [value]
    values: list[Any] | None = [None] * count() if is_main() else None
    dist.gather_object(value, values)
    return values or []


@torch.no_grad()
def average(tensors: list[Tensor]) -> None:
    """Replaces tensors of one type by their means over all processes."""
    if count() > 1 and tensors:
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        flat /= count()
        for tensor, mean in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))


def average_statistics(*networks: nn.Module) -> None:
    """After a step: the running batch-norm statistics become the means over all processes.

    So they count the pictures of all, and the state of a run is the same in every process.
    """
    average([b for network in networks if network.training for b in network.buffers() if b.is_floating_point()])


def replica(network: nn.Module) -> nn.Module:
    """What to call in a step in place of `network`: its backward pass averages the gradients over all processes.

    Buffers are left to `average_statistics`. DistributedDataParallel would overwrite them before every forward
    pass; of a discriminator's two before its backward pass, the second would spoil the graph of the first.
    """
    if count() == 1:
        return network
    return DistributedDataParallel(network, forward_sync_buffers=False, gradient_as_bucket_view=True)


def synchronise(device: torch.device, *networks: nn.Module) -> None:
    """Gives networks batch norms that take the statistics of the batches of all processes together.

    Raises:
        DataError: not on a GPU.
    """
    if device.type != "cuda":
        raise DataError("--sync_batch_norm needs GPUs: PyTorch has it for CUDA alone; leave it out")
    for network in networks:  # in place, as no network here is a batch norm itself
        nn.SyncBatchNorm.convert_sync_batchnorm(network)
