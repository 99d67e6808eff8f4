"""Small trainings on small data, as a user starts them, and what they leave."""

import csv
import shlex
from pathlib import Path

import torch
from PIL import Image, ImageDraw

import train as command
from pix2pix.training.dcgan import DCGANTraining

TINY = shlex.split("--num_downs 5 --load_size 36 --crop_size 32 --ngf 4 --ndf 4 --n_layers 1 --cpu --workers 0")


def pair(number: int) -> Image.Image:
    """An outline and the filled shape, 48 pixels each."""
    image = Image.new("RGB", (96, 48), "white")
    draw = ImageDraw.Draw(image)
    x, color = 6 + number, ("firebrick", "seagreen", "navy", "goldenrod")[number % 4]
    draw.rectangle((x, 14, x + 26, 40), outline="black")
    draw.rectangle((48 + x, 14, 48 + x + 26, 40), fill=color)
    return image


def spoil(file: Path) -> None:
    """Damages the pixels of a picture, but neither its header nor its end."""
    content = file.read_bytes()
    pixels = content.index(b"IDAT") + 4
    file.write_bytes(content[:pixels] + b"?" * 20 + content[pixels + 20 :])


def losses_of(folder: Path) -> list[dict]:
    with open(folder / "training" / "losses.csv", newline="") as file:
        return list(csv.DictReader(file))


def run(*arguments) -> None:
    command.main([str(argument) for argument in arguments])


def pix2pix(pairs, output, *arguments) -> Path:
    run("pix2pix", "--dataroot", pairs, "--output_dir", output, *TINY, "--batch_size", 2, *arguments)
    return output


def dcgan(classes, output, *arguments) -> Path:
    options = shlex.split("--dataset folder --ngf 4 --ndf 4 --batch_size 4 --cpu")
    run("dcgan", "--dataroot", classes, "--output_dir", output, *options, *arguments)
    return output


def parsed(words):
    """The options of a training from the words of its command."""
    return command.options_of(command.build_parser().parse_args([str(word) for word in words]))


def options(pairs, *arguments):
    words = ["pix2pix", "--dataroot", pairs, *TINY, "--batch_size", 2, "--precision", "fp32", *arguments]
    return parsed(words)


def dcgan_training(classes, *arguments) -> DCGANTraining:
    """To take single steps of, in place of a run."""
    words = shlex.split("dcgan --dataset folder --ngf 4 --ndf 4 --precision fp32 --dataroot")
    return DCGANTraining(parsed([*words, classes, *arguments]), torch.device("cpu"))


def state(folder: Path) -> dict:
    return torch.load(folder / "training" / "state.pt", weights_only=True)


def assert_same(a, b, where="state"):
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b), where
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}.{i}")
    elif not where.endswith("seconds"):
        assert a == b, where
