"""The loop that trains either model: progress, losses file, sample sheets, checkpoints, resume.

A run's folder is a checkpoint that the app and the pipelines load as it is; `training/` in it holds
what only the training needs: `state.pt` to resume from, `losses.csv`, `samples/*.png`.
"""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from .. import checkpoint
from ..checkpoint.fetch import name_of
from ..errors import DataError, TrainingError
from ..imaging.sheets import save_image
from . import parallel
from .earlier import earlier_config
from .log import LossLog
from .options import TrainingOptions
from .protocol import Training
from .run_lock import run_lock
from .state import (
    Position,
    check_options,
    expect_state,
    load_state,
    random_state,
    save_state,
    set_learning_rate,
)

STATE = Path("training") / "state.pt"
LOCK = Path("training") / "lock"
SECONDS_BETWEEN_SAVES = 600  # the most that a hard kill takes away
GO_ON, SAVE, STOP = range(3)  # what a process wishes for after a step


def learning_rate_factor(epoch: int, decay: int, start: int) -> float:
    """1 up to epoch `start`, then linearly to 0 over `decay` epochs; always 1 if `decay` is 0."""
    return 1.0 if decay == 0 else min(1.0, max(0.0, 1 - (epoch - start) / decay))


class Run:
    """One training from where it stands to its last epoch: its position, and all that it writes on the way.

    Of several processes (see parallel.py), all go through the same positions, and process 0 alone writes.

    Attributes:
        position: how far the run has come.
        snapshots: points in images seen at which small pictures are still to be kept, in their order.
    """

    def __init__(self, training: Training, device: torch.device):
        self.training, self.options, self.device = training, training.options, device
        self.output, self.main = self.options.output, parallel.is_main()
        self.schedules = schedules_of(training)
        if not self.main:
            # The same networks everywhere, but other noise.
            torch.manual_seed(self.options.seed * 1_000_003 + parallel.rank())
        self.before = origin(self.options) if self.main else {}
        self.position = start(training, self.schedules, device)
        total = self.options.epochs * training.batches_per_epoch
        points = snapshot_points(self.options.snapshots, total * training.batch_size)
        self.snapshots = [point for point in points if point >= self.position.images]
        self.log = LossLog(self.output / "training", self.position.images, self.options.tensorboard)
        self.began = time.monotonic() - self.position.seconds
        self.saved = time.monotonic()
        self.bar = tqdm(total=total, initial=self.steps, unit="batch", dynamic_ncols=True, disable=not self.main)
        self.stream = training.batches(
            self.position.epoch, self.position.batch, self.options.epochs - self.position.epoch
        )

    @property
    def steps(self) -> int:
        """Steps taken since the very start."""
        return self.position.epoch * self.training.batches_per_epoch + self.position.batch

    def batches(self) -> Iterator:
        """Those left of the epoch. When an image can't be read, the state is saved before the error goes on."""
        try:
            yield from islice(self.stream, self.training.batches_per_epoch - self.position.batch)
        except DataError:
            if self.steps and parallel.count() == 1:
                with contextlib.suppress(DataError):
                    self.save(self.training.served())
            raise

    def step(self, batch) -> None:
        """One step of the model, and before it a snapshot if one is due."""
        if self.snapshots and self.position.images >= self.snapshots[0]:
            if self.main:
                self.snapshot(self.training.served())
            parallel.wait()
            self.snapshots = [point for point in self.snapshots if point > self.position.images]
        self.log.add(self.training.step(batch))
        self.position.batch += 1
        self.position.images += self.training.batch_size
        self.bar.update()

    def wish(self, stop: bool) -> int:
        """What all processes do after a step: STOP where one is asked to, SAVE where the last save is long ago."""
        due = self.main and time.monotonic() - self.saved >= SECONDS_BETWEEN_SAVES
        return parallel.highest(STOP if stop else SAVE if due else GO_ON)

    def end_epoch(self) -> None:
        """Moves on to the next epoch, and keeps of the last one what the options ask for."""
        if self.log.pending:
            self.report()  # before anything is kept of an epoch whose losses have gone wrong
        for schedule in self.schedules.values():
            schedule.step()
        self.position.epoch, self.position.batch = self.position.epoch + 1, 0
        done, options = self.position.epoch, self.options
        last = done == options.epochs
        show, keep = last or done % options.save_image_interval == 0, last or done % options.save_data_interval == 0
        # Once for all: it may take a while to make.
        generator = self.training.served() if self.main and (show or keep) else None
        if generator is not None and show:
            sheet = self.output / "training" / "samples" / f"epoch_{done:05d}.png"
            save_image(self.training.samples(generator), sheet)
        if generator is not None and last and options.snapshots:
            self.snapshot(generator)
        if keep:
            self.save(generator)
        parallel.wait()  # for process 0, rather than in a step, where NCCL waits for minutes only

    def report(self) -> None:
        """Writes a row of losses.

        Raises:
            TrainingError: one of them is not a number any more.
        """
        position = self.position
        lr = self.training.optimizers["generator"].param_groups[0]["lr"]
        row = self.log.write(position.epoch + 1, position.images, lr)
        rate = (self.bar.format_dict["rate"] or 0) * self.training.batch_size
        self.bar.set_postfix_str(f"epoch {position.epoch + 1}/{self.options.epochs}, {row.text}, {rate:.1f} images/s")
        if not row.finite:
            saved = (self.output / STATE).exists()
            again = "the state saved last is kept: resume from it" if saved else "start again"
            raise TrainingError(
                f"a loss is not a number any more after {position.images} images; {again} "
                "with a lower --lr or --precision fp32"
            )

    def snapshot(self, generator: torch.nn.Module) -> None:
        self.training.snapshot(generator, self.output / "snapshots", self.position.images)

    def save(self, generator: torch.nn.Module | None) -> None:
        """Writes the checkpoint with `generator`, and the state to resume from; process 0 alone has a generator."""
        if self.log.pending:
            self.report()  # never save a state whose losses have gone wrong
        self.position.seconds = time.monotonic() - self.began
        noise = parallel.gather(random_state(self.device))
        if generator is not None:
            history = facts(self.training, self.position, self.device) | self.before
            self.training.save(generator, self.output, training=history)
            save_state(self.output / STATE, self.training, self.schedules, self.position, noise)
        self.saved = time.monotonic()


def run_to_end(training: Training, device: torch.device, how_to_resume: str) -> bool:
    """Trains for all epochs of the options, or goes on where a run was stopped (their `resume`).

    Ctrl-C (or SIGTERM) finishes the step, saves, and says how to resume; a second one stops at once. Whatever the save
    interval is, a run is saved every ten minutes too.

    Returns:
        Whether all epochs are done.

    Raises:
        TrainingError: a loss is no longer a number, another run writes into the same folder, or see `start`.
    """
    output = training.options.output
    if training.options.resume:
        expect_state(output / STATE)  # before the lock makes the folder
    with run_lock(output / LOCK) if parallel.is_main() else contextlib.nullcontext():
        return go_through(Run(training, device), how_to_resume)


def go_through(run: Run, how_to_resume: str) -> bool:
    """All steps that are left of a run; False where it was stopped before its end."""
    with stop_signals() as stop, run.bar:
        while run.position.epoch < run.options.epochs:
            for batch in run.batches():
                run.step(batch)
                wish = run.wish(bool(stop))
                if run.steps % run.options.log_interval == 0:
                    run.report()
                if wish != GO_ON:
                    run.save(run.training.served() if run.main else None)
                if wish == STOP:
                    if run.main:
                        images = run.position.images
                        tqdm.write(f"\nStopped after {images} images; to resume: {how_to_resume}", file=sys.stderr)
                    return False
            run.end_epoch()
    run.log.close()
    return True


def schedules_of(training: Training) -> dict[str, LambdaLR]:
    """The learning rate of every optimiser, epoch by epoch."""
    options = training.options
    given = options.epochs_lr_decay_start >= 0
    first = options.epochs_lr_decay_start if given else options.epochs - options.epochs_lr_decay

    def factor(epoch: int) -> float:  # a plain function: of any other callable, LambdaLR would save the attributes
        return learning_rate_factor(epoch, options.epochs_lr_decay, first)

    return {name: LambdaLR(optimizer, factor) for name, optimizer in training.optimizers.items()}


def start(training: Training, schedules: dict, device: torch.device) -> Position:
    """The very start, or with --resume where the run was stopped.

    Raises:
        TrainingError: the folder holds a training, and this is not asked to go on with it.
    """
    options, output = training.options, training.options.output
    if not options.resume:
        if (output / STATE).exists():
            raise TrainingError(
                f"{output} holds a training already: add --resume to go on with it, or choose another --output_dir"
            )
        return Position()
    check_options(output, training)
    position = load_state(output / STATE, training, schedules, device)
    for schedule in schedules.values():
        set_learning_rate(schedule, options.lr)
    if position.epoch >= options.epochs and parallel.is_main():
        print(f"{output} has had {position.epoch} epochs already; a higher --epochs goes on")
    return position


def snapshot_points(count: int, images: int) -> list[int]:
    """`count` points of training, in images seen: the start, then ever rarer; the end is taken by the loop."""
    return [round(images * (i / count) ** 2.5) for i in range(count)]


def origin(options: TrainingOptions) -> dict:
    """What the generator has been through before this training, where it goes on with one (--generator)."""
    if not options.generator:
        return {}
    last = checkpoint.training_of(earlier_config(options))
    before = last.pop("earlier_runs", [])
    runs = [last, *before] if isinstance(before, list) else [last]
    return {"continues": name_of(options.generator), "earlier_runs": runs}


def facts(training: Training, position: Position, device: torch.device) -> dict:
    """How a checkpoint came about, for its config.json."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
    return {
        "options": {name: value for name, value in training.record.items() if value is not None},
        "epochs": position.epoch,
        "images": position.images,
        "seconds": round(position.seconds),
        "processes": parallel.count(),
        "device": name,
        "torch": torch.__version__,
    }


@contextlib.contextmanager
def stop_signals():
    """A list that fills when Ctrl-C or SIGTERM asks to stop, so that a step is never cut in half.

    Only a program's main thread gets signals; in another one, nothing asks.
    """
    asked = []

    def ask(number, _frame):
        asked.append(number)
        signal.signal(number, previous[number])  # the second time stops at once

    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    previous = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
