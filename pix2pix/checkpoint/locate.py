"""Decides which files are a checkpoint. The app, training, evaluation, the Hub and a Space all use this rule.

A checkpoint is a folder with `config.json` and `model.safetensors`; `discriminator/` in it is a checkpoint too. The
authors' code writes a folder of `.pth` files instead: `5_net_G.pth`, `latest_net_G.pth`, `latest_net_D.pth`. `latest`
is loaded if it is there, else the highest epoch; a file given by name is loaded as it is. The discriminator has the
same epoch as the generator.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import CheckpointError

CONFIG, WEIGHTS, CARD = "config.json", "model.safetensors", "README.md"
FOLDERS = ["", "discriminator/", "upscaler/", "student/"]  # each with a network
# By the names that a training gives: whatever else lies there, such as a photo to compare with, is somebody's own.
SEEN = [f"images_{digits * '[0-9]'}" for digits in (7, 8, 9)]
SNAPSHOTS = [f"snapshots/{name}.webp" for name in (*SEEN, "inputs", "targets")]
PARTS = [*(folder + file for folder in FOLDERS for file in (CONFIG, WEIGHTS)), *SNAPSHOTS]
PUBLISHED = [*PARTS, *(folder + CARD for folder in FOLDERS)]  # without training/, which only --resume needs
# CycleGAN has two of each network: G_A, G_B, D_A, D_B.
AUTHORS = re.compile(r"(?P<epoch>.+)_net_(?P<network>[GD])(?P<side>_[AB])?\.pth")


def pick(names: Iterable[str], where: object, network: str = "G") -> str:
    """Chooses the file of a folder to load: `config.json`, which stands for the folder, or a `.pth` file.

    Args:
        names: the files of the folder.
        where: the folder's name, for messages.
        network: "G" for the generator, "D" for the discriminator.

    Raises:
        CheckpointError: no checkpoint, or several with nothing to choose by.
    """
    names = sorted(names)
    if CONFIG in names:
        return CONFIG
    files = [match for match in map(AUTHORS.fullmatch, names) if match]
    fitting = [match for match in files if match["network"] == network]
    if found := [match for match in fitting if not match["side"]]:
        last = max(map(age, found))
        best = [match[0] for match in found if age(match) == last]
    elif fitting:
        best = ", ".join(match[0] for match in fitting if age(match) == max(map(age, fitting)))
        raise CheckpointError(f"{where} is a folder of CycleGAN, which has two of each network: name a file ({best})")
    else:
        best = [name for name in names if name.endswith(".pth") and not AUTHORS.fullmatch(name)]
    if not best:
        raise CheckpointError(f"{where} is not a checkpoint: it has no {CONFIG}, nor a file such as latest_net_G.pth")
    if len(best) > 1:
        shown = ", ".join(best[:4]) + (", ..." if len(best) > 4 else "")
        raise CheckpointError(f"{where} holds several networks: name the file to load ({shown})")
    return best[0]


def age(file: re.Match) -> tuple[int, int]:
    """A sort key for the authors' files of one network: later epochs have higher keys."""
    epoch = file["epoch"]
    if epoch == "latest":
        return 3, 0
    if re.fullmatch(r"\d{1,9}", epoch, re.ASCII):
        return 2, int(epoch)
    steps = re.fullmatch(r"iter_(\d{1,12})", epoch, re.ASCII)
    return (1, int(steps[1])) if steps else (0, 0)


def locate(path: Path, network: str = "G") -> Path:
    """The checkpoint folder or `.pth` file that `path` names. A file in a checkpoint folder stands for the folder.

    Raises:
        CheckpointError: no checkpoint, or several with nothing to choose by; or one with pipes, which would never end.
    """
    for file in (path, *path.glob("*"), *path.glob("*/*")):
        if file.is_fifo():
            raise CheckpointError(f"{file} is a pipe, not a file: take it away")
    if path.is_dir():
        name = pick((file.name for file in path.iterdir()), path, network)
        return path if name == CONFIG else path / name
    if path.suffix != ".pth" and (path.parent / CONFIG).is_file():
        return path.parent
    if path.suffix == ".safetensors":
        raise CheckpointError(f"{path} lacks the {CONFIG} that belongs to it: put it into the same folder")
    return path


def discriminator_of(path: Path) -> Path | None:
    """The place of the discriminator that belongs to a located generator; None if there is none."""
    name = "discriminator" if path.is_dir() else discriminator_name(path.name)
    beside = (path if path.is_dir() else path.parent) / (name or "")
    return beside if name and beside.exists() else None


def discriminator_name(name: str) -> str | None:
    """The authors' file name of the discriminator of the same epoch. CycleGAN's D_A belongs to G_A."""
    match = AUTHORS.fullmatch(name)
    return f"{match['epoch']}_net_D{match['side'] or ''}.pth" if match and match["network"] == "G" else None
