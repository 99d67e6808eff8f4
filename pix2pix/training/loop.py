"""The loop that trains either model: progress, losses file, sample sheets, checkpoints, resume.

A run's folder is a checkpoint that the app and the pipelines load as it is; `training/` in it holds
what only the training needs: `state.pt` to resume from, `losses.csv`, `samples/*.png`.
"""

import contextlib
import os
import shlex
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from .. import checkpoint
from ..checkpoint.fetch import fetch, name_of
from ..errors import DataError, TrainingError
from ..imaging.sheets import save_image
from . import parallel
from .log import LossLog
from .protocol import Training
from .state import check_options, load_state, random_state, save_state, set_learning_rate

STATE = Path("training") / "state.pt"
# Options that name places on one machine: no fact about a checkpoint.
PLACES = ("dataroot", "output_dir", "generator", "discriminator", "styles", "resume", "push_to_hub")


def learning_rate_factor(epoch: int, decay: int, start: int) -> float:
    """1 up to epoch `start`, then linearly to 0 over `decay` epochs; always 1 if `decay` is 0."""
    return 1.0 if decay == 0 else min(1.0, max(0.0, 1 - (epoch - start) / decay))


def train(training: Training, args: Namespace, device: torch.device) -> bool:
    """Trains for `args.epochs` epochs, or goes on where a run was stopped (`args.resume`).

    Ctrl-C (or SIGTERM) finishes the step, saves, and says how to resume; a second one stops at once.
    Of several processes (see parallel.py), all take the same steps, and process 0 alone writes.

    Returns:
        Whether all epochs are done.

    Raises:
        TrainingError: a loss is no longer a number, or see `start`.
    """
    output, main = Path(args.output_dir), parallel.is_main()
    decay_start = args.epochs_lr_decay_start if args.epochs_lr_decay_start >= 0 else args.epochs - args.epochs_lr_decay
    schedules = {
        name: LambdaLR(optimizer, lambda epoch: learning_rate_factor(epoch, args.epochs_lr_decay, decay_start))
        for name, optimizer in training.optimizers.items()
    }
    if not main:
        torch.manual_seed(args.seed * 1_000_003 + parallel.rank())  # the same networks everywhere, but other noise
    before = origin(args) if main else {}
    epoch, batch, images, seconds = start(training, args, schedules, device)
    total = args.epochs * training.batches_per_epoch
    snapshots = [p for p in snapshot_points(args.snapshots, total * training.batch_size) if p >= images]
    log = LossLog(output / "training", images, args.tensorboard)
    began = time.monotonic() - seconds

    def report() -> None:
        row = log.write(epoch, images, training.optimizers["generator"].param_groups[0]["lr"])
        rate = (bar.format_dict["rate"] or 0) * training.batch_size
        bar.set_postfix_str(f"epoch {epoch + 1}/{args.epochs}, {row.text}, {rate:.1f} images/s")
        if not row.finite:
            again = "the state saved last is kept: resume from it" if (output / STATE).exists() else "start again"
            raise TrainingError(
                f"a loss is not a number any more after {images} images; {again} with a lower --lr or --precision fp32"
            )

    def save(generator: torch.nn.Module | None, next_epoch: int, next_batch: int) -> None:
        if log.pending:
            report()  # never save a state whose losses have gone wrong
        seconds = time.monotonic() - began
        noise = parallel.gather(random_state(device))
        if main:
            training.save(generator, output, training=facts(args, next_epoch, images, seconds, device) | before)
            position = [next_epoch, next_batch, images]
            save_state(output / STATE, training, schedules, position, seconds, noise)

    steps = epoch * training.batches_per_epoch + batch
    bar = tqdm(total=total, initial=steps, unit="batch", dynamic_ncols=True, disable=not main)

    stream = training.batches(epoch, batch, args.epochs - epoch)

    def batches() -> Iterator:
        """Those left of the epoch. When an image can't be read, the state is saved before the error goes on."""
        try:
            yield from islice(stream, training.batches_per_epoch - batch)
        except DataError:
            if steps and parallel.count() == 1:
                with contextlib.suppress(DataError):
                    save(training.served(), epoch, batch)
            raise

    with stop_signals() as stop, bar:
        for epoch in range(epoch, args.epochs):  # noqa: B020 -- from the resumed one on
            for data in batches():
                if snapshots and images >= snapshots[0]:
                    if main:
                        training.snapshot(training.served(), output / "snapshots", images)
                    parallel.wait()
                    snapshots = [point for point in snapshots if point > images]
                log.add(training.step(data))
                batch += 1
                steps += 1
                images += training.batch_size
                bar.update()
                stopping = parallel.any_of(bool(stop))
                if steps % args.log_interval == 0:
                    report()
                if stopping:
                    save(training.served() if main else None, epoch, batch)
                    if main:
                        tqdm.write(f"\nStopped after {images} images; to resume: {resume_command()}", file=sys.stderr)
                    return False
            batch = 0
            if log.pending:
                report()  # before anything is kept of an epoch whose losses have gone wrong
            for schedule in schedules.values():
                schedule.step()
            done = epoch + 1
            last = done == args.epochs
            show, keep = last or done % args.save_image_interval == 0, last or done % args.save_data_interval == 0
            # Once for all: it may take a while to make.
            generator = training.served() if main and (show or keep) else None
            if main and show:
                save_image(training.samples(generator), output / "training" / "samples" / f"epoch_{done:05d}.png")
            if main and last and args.snapshots:
                training.snapshot(generator, output / "snapshots", images)
            if keep:
                save(generator, done, 0)
            parallel.wait()  # for process 0, rather than in a step, where NCCL waits for minutes only
    log.close()
    return True


def start(training: Training, args: Namespace, schedules: dict, device: torch.device) -> tuple[int, int, int, float]:
    """Epoch, batch in it, images and seconds so far: zeros, or with --resume where the run was stopped.

    Raises:
        TrainingError: the folder holds a training, and this is not asked to go on with it.
    """
    output = Path(args.output_dir)
    if not args.resume:
        if (output / STATE).exists():
            raise TrainingError(
                f"{output} holds a training already: add --resume to go on with it, or choose another --output_dir"
            )
        return 0, 0, 0, 0.0
    check_options(output, args)
    position = load_state(output / STATE, training, schedules, device)
    for schedule in schedules.values():
        set_learning_rate(schedule, args.lr)
    if position[0] >= args.epochs and parallel.is_main():
        print(f"{output} has had {position[0]} epochs already; a higher --epochs goes on")
    return position


def snapshot_points(count: int, images: int) -> list[int]:
    """`count` points of training, in images seen: the start, then ever rarer; the end is taken by the loop."""
    return [round(images * (i / count) ** 2.5) for i in range(count)]


def origin(args: Namespace) -> dict:
    """What the generator has been through before this training, where it goes on with one (--generator)."""
    if not args.generator:
        return {}
    path = fetch(args.generator)
    last = checkpoint.training_of(checkpoint.read_config(path)) if path.is_dir() else {}
    before = last.pop("earlier_runs", [])
    runs = [last, *before] if isinstance(before, list) else [last]
    return {"continues": name_of(args.generator), "earlier_runs": runs}


def facts(args: Namespace, epoch: int, images: int, seconds: float, device: torch.device) -> dict:
    """How a checkpoint came about, for its config.json."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
    options = {key: value for key, value in vars(args).items() if value is not None and not callable(value)}
    return {
        "options": {key: value for key, value in options.items() if key not in PLACES},
        "epochs": epoch,
        "images": images,
        "seconds": round(seconds),
        "processes": parallel.count(),
        "device": name,
        "torch": torch.__version__,
    }


def resume_command() -> str:
    """The command line that goes on with this run; on many machines, what to do there."""
    command = shlex.join([*(argument for argument in sys.argv if argument != "--resume"), "--resume"])
    if parallel.count() == 1:
        return f"python {command}"
    here = int(os.environ["LOCAL_WORLD_SIZE"])
    if here < parallel.count():  # torchrun's own options are not visible here
        return f"torchrun, on every machine with the options that it had, and {command}"
    return f"torchrun --nproc_per_node {here} {command}"


@contextlib.contextmanager
def stop_signals():
    """A list that fills when Ctrl-C or SIGTERM asks to stop, so that a step is never cut in half."""
    asked = []

    def ask(number, _frame):
        asked.append(number)
        signal.signal(number, previous[number])  # the second time stops at once

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
