"""The state that a run goes on from: written at every save, read back by `--resume`."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from .. import checkpoint
from ..atomic_files import replacing
from ..errors import CheckpointError, DataError
from . import parallel
from .option_fields import names_of
from .protocol import Training


@dataclass
class Position:
    """How far a run has come: epochs done, batches done of the next one, images seen, seconds spent."""

    epoch: int = 0
    batch: int = 0
    images: int = 0
    seconds: float = 0.0


def check_options(output: Path, training: Training) -> None:
    """Raises DataError if the training in `output` had other options where that can't be."""
    if not (output / checkpoint.CONFIG).exists():
        return
    before, now = checkpoint.training_options(checkpoint.read_config(output)), training.record
    if before:
        before.setdefault("max_images", None)  # an option without a value is not written down
    fixed, switches = (names_of(type(training.options), mark) for mark in ("fixed", "switch"))
    for name in sorted(before.keys() & now.keys()):
        old, new = before[name], now[name]
        if (name in fixed | {"command"} and old != new) or (name in switches and bool(old) != bool(new)):
            raise DataError(
                f"the training in {output} has {name} {old}, not {new}: resume with the options that it "
                "had, or start another in another --output_dir"
            )


def random_state(device: torch.device) -> list[Tensor]:
    """Of this process' noise: on the CPU, and on its GPU if it has one."""
    return [torch.get_rng_state()] + ([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])


def save_state(
    file: Path, training: Training, schedules: dict[str, LambdaLR], position: Position, random: list[list[Tensor]]
) -> None:
    """All that a run needs to go on exactly, in any number of processes.

    Args:
        random: the `random_state` of every process.
    """
    state = {
        "position": [position.epoch, position.batch, position.images],
        "batch_size": training.batch_size,
        "seconds": position.seconds,
        "networks": {name: network.state_dict() for name, network in training.networks.items()},
        "optimizers": {name: optimizer.state_dict() for name, optimizer in training.optimizers.items()},
        "schedules": {name: schedule.state_dict() for name, schedule in schedules.items()},
        "ema": training.ema.state_dict() if training.ema else None,
        "scaler": training.precision.scaler.state_dict(),  # nothing, but in float16
        "random": random,
    }
    # Into an open file: by a name, PyTorch reports a full disk as a fault of its own.
    with replacing(file) as aside, open(aside, "wb") as handle:
        try:
            torch.save(state, handle)
        except RuntimeError as error:  # of its writer, which goes on to close the archive
            if isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise


def expect_state(file: Path) -> None:
    if not file.exists():
        raise CheckpointError(f"nothing to resume: there is no {file}; leave --resume out to start a new training")


def load_state(file: Path, training: Training, schedules: dict[str, LambdaLR], device: torch.device) -> Position:
    """Puts a saved state back; returns how far the run had come."""
    expect_state(file)
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception:  # torch.load raises whatever the bytes make its readers raise
        folder = file.parents[1]
        raise CheckpointError(
            f"{file} is damaged or cut; its networks can go on in another --output_dir, "
            f"with --generator {folder} --discriminator {folder / 'discriminator'} in place of --resume"
        ) from None
    try:
        for name, network in training.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, optimizer in training.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
            lay_out(optimizer)
        for name, schedule in schedules.items():
            schedule.load_state_dict(state["schedules"][name])
        if training.ema:
            training.ema.load_state_dict(state["ema"])
        if scaler := state.get("scaler"):
            training.precision.scaler.load_state_dict(scaler)
    except (RuntimeError, KeyError, ValueError, TypeError, EOFError) as error:
        detail = str(error).splitlines()[0]
        raise CheckpointError(
            f"{file} does not fit these options; resume with those of its training ({detail})"
        ) from None
    if parallel.rank() < len(state["random"]):
        cpu, *gpu = state["random"][parallel.rank()]
        torch.set_rng_state(cpu)
        if gpu and device.type == "cuda":
            torch.cuda.set_rng_state(gpu[0], device)
    epoch, batch, images = state["position"]
    # With other batches than before, go on at the same place of the epoch's order.
    batch = batch * state["batch_size"] // training.batch_size
    return Position(epoch, batch, images, state["seconds"])


def lay_out(optimizer: torch.optim.Optimizer) -> None:
    """Moments in the memory order of their weights, which another device or precision may have changed (quick.py).

    The fused kernels go through the memory of both side by side and do not ask for the order.
    """
    for parameter, state in optimizer.state.items():
        for name, moment in state.items():
            if moment.shape == parameter.shape:
                state[name] = torch.empty_like(parameter).copy_(moment)


def set_learning_rate(schedule: LambdaLR, lr: float) -> None:
    """`--lr` and the decay options hold for a resumed run too: the saved state would bring back the old rate."""
    schedule.base_lrs = [lr for _ in schedule.base_lrs]
    for group, factor in zip(schedule.optimizer.param_groups, schedule.lr_lambdas, strict=True):
        group["initial_lr"], group["lr"] = lr, lr * factor(schedule.last_epoch)
