"""Checkpoints: a folder with `config.json` and `model.safetensors` (fetch.py brings one from the Hugging Face Hub).

A generator's checkpoint may also hold `discriminator/`, another checkpoint, and `snapshots/`, pictures of its training.
The authors' `.pth` files are read too. Loading never runs code from a file: safetensors hold numbers only, and `.pth`
files are read with `weights_only=True`.
"""

import copy
import inspect
import json
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from ..atomic_files import clear, replace, written
from ..errors import CheckpointError
from ..imaging.redraw_lines import WIDEST
from ..networks import PatchDiscriminator, UNetGenerator, authors_weights
from . import weights
from .kind import IN_WORDS, kind_of
from .locate import CONFIG, WEIGHTS, locate

MOST_CONFIG = 10**6  # bytes; in memory JSON takes up to thirty times its size
KINDS = {int: "a whole number", bool: "true or false", str: "a text"}  # of a network's arguments
NUMBERS = re.compile(r"\[\n([-+.\deE,\s]+)\]")  # a list of them, a line each; strings in JSON have no line breaks

Network = TypeVar("Network", bound=nn.Module)


def read_short(file: Path) -> str:
    """The text of a file that describes something. Readers of JSON and TOML would take minutes for 100 MB.

    Raises:
        OSError, UnicodeDecodeError: it can't be read.
        CheckpointError: it is larger than `MOST_CONFIG`.
    """
    with open(file, "rb") as opened:
        content = opened.read(MOST_CONFIG + 1)
    if len(content) > MOST_CONFIG:
        raise CheckpointError(f"{file} is larger than {MOST_CONFIG} bytes")
    return content.decode("utf-8")


def read_config(folder: Path) -> dict:
    """The checkpoint's `config.json`."""
    try:
        config = json.loads(read_short(folder / CONFIG))
    except CheckpointError:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise CheckpointError(f"{folder} is not a checkpoint: it has no {CONFIG}") from None
    except (OSError, ValueError, RecursionError):
        raise CheckpointError(
            f"{folder / CONFIG} is not readable JSON; download or train the checkpoint again"
        ) from None
    if not isinstance(config, dict):
        raise CheckpointError(f"{folder / CONFIG} should hold an object, not {type(config).__name__}")
    return config


def training_of(config: dict) -> dict:
    """How a checkpoint was trained; empty if config.json does not say."""
    training = config.get("training")
    return training if isinstance(training, dict) else {}


def training_options(config: dict) -> dict:
    """The options of a checkpoint's training; empty if config.json does not say."""
    options = training_of(config).get("options")
    return options if isinstance(options, dict) else {}


def is_settled(config: dict) -> bool:
    """Whether a generator was trained with fixed batch-norm statistics (`train.py pix2pix --settle`)."""
    return bool(training_options(config).get("settle"))


def sees_hints(config: dict) -> bool | None:
    """Whether a generator was trained with colour hints; None if config.json does not say."""
    earlier = training_of(config).get("earlier_runs")
    runs = [config] + [{"training": run} for run in (earlier if isinstance(earlier, list) else [])]
    told = [options for options in map(training_options, runs) if options]
    return any(options.get("color_hints") is True for options in told) if told else None


def line_width_of(config: dict) -> int:
    """Width in pixels of the redrawn lines that a network reads (redraw_lines.py); 0: it reads drawings as they are.

    Raises:
        CheckpointError: it is no such width.
    """
    width = config.get("line_width", 0)
    if type(width) is not int or not 0 <= width <= WIDEST:
        raise CheckpointError(f"{CONFIG} has line_width {str(width)[:40]}: expected a whole number up to {WIDEST}")
    return width


def anything(*_: nn.Module) -> None:
    """A check that accepts every network."""


def load(network: type[Network], path: Path, check: Callable[[Network], None] = anything) -> Network:
    """Loads a network, in evaluation mode, on the CPU, in float32.

    Names and shapes are compared before any number is read, so weights that don't fit take no memory.

    Args:
        path: a checkpoint folder, an authors' `.pth`, or a folder of these (see locate.py).
        check: is called with the network before it has memory, and may raise CheckpointError.

    Raises:
        CheckpointError: file missing or cut, tensors that don't fit the configuration, NaN weights.
    """
    path = locate(path, "D" if network is PatchDiscriminator else "G")
    if path.is_dir():
        file = path / WEIGHTS
        model = empty(network, path, read_config(path))
        check(model)
        with weights.safetensors(file) as (shapes, read):
            fill(model, file, shapes, read)
    else:
        config, tensors = authors_network(network, path)
        model = empty(network, path, config)
        check(model)
        fill(model, path, {name: tensor.to("meta") for name, tensor in tensors.items()}, tensors.__getitem__)
    return model.eval().requires_grad_(False)


def empty(network: type[Network], path: Path, config: dict) -> Network:
    """The network that `config` describes, without memory for its weights."""
    known = inspect.signature(network).parameters
    kind, expected = kind_of(config), kind_of(known)
    if kind and expected and kind != expected:
        raise CheckpointError(f"{path} is {IN_WORDS[kind]}: expected {IN_WORDS[expected]}")
    arguments = {key: value for key, value in config.items() if key in known}
    for key, value in arguments.items():
        if (kind := known[key].annotation) in KINDS and not is_a(kind, value):
            raise CheckpointError(f"{path} has {key} {str(value)[:40]!r}: expected {KINDS[kind]}")
    try:
        with torch.device("meta"):
            return network(**arguments)
    except MISFITS as error:
        raise misfit(path, network, error) from None


def is_a(kind: type, value: object) -> bool:
    """Whether a value of a config.json is one of `KINDS`."""
    return type(value) is kind and (not isinstance(value, int) or abs(value) < 2**31)


def fill(model: nn.Module, file: Path, shapes: dict[str, Tensor], read: Callable[[str], Tensor]) -> None:
    """Fills an empty network with the tensors of a file, one by one. Names of the authors' code are translated.

    Args:
        shapes: the file's tensors on "meta".
        read: returns the tensor of a name in the file.
    """
    state = model.state_dict()
    # Files of old PyTorch versions lack the counts of batches.
    compared = {name: tensor for name, tensor in state.items() if name.endswith("num_batches_tracked")}
    try:
        places = authors_weights.strip_wrappers({name: name for name in shapes})
        if isinstance(model, UNetGenerator):
            authors_weights.rename_generator_keys(None, places)
        model.load_state_dict(compared | {name: shapes[place] for name, place in places.items()})  # only compares
    except MISFITS as error:
        raise misfit(file, type(model), error) from None
    for name, place in places.items():
        here, there = state[name].dtype, shapes[place].dtype
        if here != there and not (here.is_floating_point and there.is_floating_point):
            raise CheckpointError(f"{file} holds {name} as {there}: expected {here}")
    try:
        model.to_empty(device="cpu")
    except RuntimeError:
        size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
        raise CheckpointError(f"{file} takes {size / 1e6:.0f} MB of memory: there is less") from None
    for name, tensor in model.state_dict().items():
        if name not in places:
            tensor.zero_()
            continue
        tensor.copy_(read(places[name]).view_as(tensor))
        if not tensor.isfinite().all():
            raise CheckpointError(f"{file} holds NaN or infinite numbers in {name}; use an earlier checkpoint")


# Errors that constructors and load_state_dict raise for a wrong configuration.
MISFITS = (RuntimeError, TypeError, ValueError, ArithmeticError, LookupError)


def misfit(file: Path, network: type[nn.Module], error: Exception) -> CheckpointError:
    detail = textwrap.shorten(str(error), 160, placeholder=" ...")
    return CheckpointError(f"{file} does not fit its configuration as a {network.__name__}: {detail}")


def authors_network(network: type[nn.Module], file: Path) -> tuple[dict, dict[str, Tensor]]:
    """Configuration and tensors of the network in a `.pth` file, which may hold other entries too."""
    readers: dict[type[nn.Module], Callable[[dict[str, Tensor]], dict]] = {
        UNetGenerator: authors_weights.generator_config,
        PatchDiscriminator: authors_weights.discriminator_config,
    }
    found, state_dicts = {}, weights.pth(file)
    for place, tensors in state_dicts.items():
        try:
            found[place] = readers[network](tensors), tensors
        except (KeyError, TypeError, IndexError, ValueError):  # other layers, or no network of the authors' code
            continue
    if len(found) > 1:
        raise CheckpointError(f"{file} holds several networks ({', '.join(found)}): save the one to load by itself")
    if not found and network is UNetGenerator and any(map(authors_weights.is_resnet, state_dicts.values())):
        raise CheckpointError(f"{file} is a ResNet generator, as CycleGAN trains by default: only U-Nets load here")
    if not found:
        raise CheckpointError(f"{file} does not hold the layers of a {network.__name__} of the authors' code")
    return next(iter(found.values()))


def config_of(network: PyTorchModelHubMixin) -> dict[str, Any]:
    """The arguments that a network was made with, as `config.json` stores them."""
    config = network._hub_mixin_config
    return dict(config) if isinstance(config, dict) else {}


def as_json(content: dict) -> str:
    """JSON with each list of numbers on one line: strokes have thousands, which would be most of a config.json."""
    text = json.dumps(content, indent=2)
    return NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


def save(network: nn.Module, folder: str | os.PathLike, half: bool = False, **facts) -> None:
    """Writes `config.json`, `model.safetensors` and, where there is none, a model card.

    Every file is written under another name, flushed and renamed, so a crash leaves the old files whole.

    Args:
        half: float16 convolutions, half the size; batch-norm statistics stay in float32.
        facts: further entries of `config.json`, such as training="...", metrics={...}.

    Raises:
        DiskError: a file can't be written, such as on a full disk.
    """
    assert isinstance(network, PyTorchModelHubMixin)  # as all networks here
    folder = Path(folder)
    if half:
        network = copy.deepcopy(network)
        for parameter in network.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.half()
    aside = folder / ".saving"
    with written(folder):
        clear(aside)
        try:
            network.save_pretrained(aside, config=config_of(network) | facts)
            config = aside / CONFIG  # in which every number has a line
            config.write_text(as_json(json.loads(config.read_text(encoding="utf-8"))), encoding="utf-8")
            for file in sorted(aside.iterdir()):
                if file.name == "README.md" and (folder / file.name).exists():
                    continue  # keep a model card that a person may have edited
                replace(file, folder / file.name)
        finally:
            clear(aside)
