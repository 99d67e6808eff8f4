"""Checkpoints: a folder with `config.json` and `model.safetensors` (fetch.py brings one from the Hugging Face Hub).

A checkpoint of a generator may hold more: `discriminator/`, a checkpoint too, and `snapshots/`, pictures
of its training. The authors' `.pth` files are read as well. Nothing here can run code of a stranger:
safetensors hold numbers only, and `.pth` files are read with `weights_only=True`.
"""

import copy
import inspect
import json
import os
import shutil
import textwrap
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ..atomic_files import replace, written
from ..errors import CheckpointError
from ..networks import PatchDiscriminator, UNetGenerator, authors_weights

CONFIG, WEIGHTS = "config.json", "model.safetensors"
# By an entry of config.json that no other network has.
KINDS = {
    "num_downs": "a pix2pix generator",
    "n_layers": "a PatchGAN discriminator",
    "z_dim": "a DCGAN generator",
    "upscaler_width": "an upscaler",
}

Network = TypeVar("Network", bound=nn.Module)


def read_config(folder: Path) -> dict:
    """The checkpoint's `config.json`."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise CheckpointError(f"{folder} is not a checkpoint: it has no {CONFIG}") from None
    except (OSError, ValueError):
        raise CheckpointError(
            f"{folder / CONFIG} is not readable JSON; download or train the checkpoint again"
        ) from None
    if not isinstance(config, dict):
        raise CheckpointError(f"{folder / CONFIG} should hold an object, not {type(config).__name__}")
    return config


def training_of(config: dict) -> dict:
    """How a checkpoint was trained; empty where its config.json does not tell."""
    training = config.get("training")
    return training if isinstance(training, dict) else {}


def training_options(config: dict) -> dict:
    """The options of the training that made a checkpoint; empty where its config.json does not tell."""
    options = training_of(config).get("options")
    return options if isinstance(options, dict) else {}


def sees_hints(config: dict) -> bool | None:
    """Whether colour hints were drawn in any training of a generator; None where its config.json does not tell."""
    earlier = training_of(config).get("earlier_runs")
    runs = [config] + [{"training": run} for run in (earlier if isinstance(earlier, list) else [])]
    told = [options for options in map(training_options, runs) if options]
    return any(options.get("color_hints") is True for options in told) if told else None


def load(network: type[Network], path: Path) -> Network:
    """A network in evaluation mode on the CPU, in float32, from a checkpoint folder or an authors' `.pth`.

    Raises:
        CheckpointError: file missing or cut, tensors that don't fit the configuration, NaN weights.
    """
    if path.is_dir():
        file, config = path / WEIGHTS, read_config(path)
        tensors = read_safetensors(file)
    else:
        file, tensors = path, authors_weights.strip_module(read_pth(path))
        config = authors_config(network, file, tensors)
    known = inspect.signature(network).parameters
    for key, what in KINDS.items():
        if key in config and key not in known:
            expected = next((kind for mark, kind in KINDS.items() if mark in known), network.__name__)
            raise CheckpointError(f"{path} is {what}: expected {expected}")
    try:
        with torch.device("meta"):  # no memory before the shapes are known to be right
            model = network(**{key: value for key, value in config.items() if key in known})
        expected = model.state_dict()
        model.load_state_dict({key: as_float(tensor) for key, tensor in tensors.items()}, assign=True)
    except (RuntimeError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        detail = textwrap.shorten(str(error), 160, placeholder=" ...")
        raise CheckpointError(f"{file} does not fit its configuration as a {network.__name__}: {detail}") from None
    state = model.state_dict()
    if wrong := [key for key in state if key in expected and state[key].dtype != expected[key].dtype]:
        key = wrong[0]
        raise CheckpointError(f"{file} holds {key} as {state[key].dtype}: expected {expected[key].dtype}")
    bad = [key for key, tensor in state.items() if not tensor.isfinite().all()]
    if bad:
        raise CheckpointError(f"{file} holds NaN or infinite numbers in {bad[0]}; use an earlier checkpoint")
    return model.eval().requires_grad_(False)


def as_float(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def read_safetensors(file: Path) -> dict[str, Tensor]:
    try:
        return load_file(file)
    except FileNotFoundError:
        raise CheckpointError(f"{file.parent} is not a checkpoint: it has no {file.name}") from None
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} is damaged or cut ({error}); download or train the checkpoint again") from None


def read_pth(file: Path) -> dict[str, Tensor]:
    try:
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    except Exception:  # torch.load raises whatever the bytes make its readers raise
        raise CheckpointError(
            f"{file} is not a PyTorch file of plain weights (a state dict), or it is damaged"
        ) from None
    if not isinstance(tensors, dict) or not all(
        isinstance(k, str) and isinstance(v, Tensor) for k, v in tensors.items()
    ):
        raise CheckpointError(f"{file} should hold a state dict: tensors by name, such as latest_net_G.pth")
    return tensors


def authors_config(network: type[nn.Module], file: Path, tensors: dict[str, Tensor]) -> dict:
    read = {
        UNetGenerator: authors_weights.generator_config,
        PatchDiscriminator: authors_weights.discriminator_config,
    }.get(network)
    try:
        return read(tensors)
    except (KeyError, TypeError, IndexError, ValueError):
        raise CheckpointError(f"{file} does not hold the layers of a {network.__name__} of the authors' code") from None


def save(network: nn.Module, folder: str | os.PathLike, half: bool = False, **facts) -> None:
    """Writes `config.json`, `model.safetensors` and, where there is none, a model card.

    Every file is written aside, flushed and renamed, so a crash leaves the old ones whole.

    Args:
        half: float16 convolutions, half the size; batch-norm statistics stay in float32.
        facts: further entries of `config.json`, such as training="...", metrics={...}.

    Raises:
        DiskError: such as on a full disk.
    """
    folder = Path(folder)
    if half:
        network = copy.deepcopy(network)
        for parameter in network.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.half()
    aside = folder / ".saving"
    shutil.rmtree(aside, ignore_errors=True)  # a kill may have left half a file of safetensors there, .tmpAb12Cd
    with written(folder):
        try:
            network.save_pretrained(aside, config={**network._hub_mixin_config, **facts})
            for file in sorted(aside.iterdir()):
                if file.name == "README.md" and (folder / file.name).exists():
                    continue  # a model card may hold words that people wrote
                replace(file, folder / file.name)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
