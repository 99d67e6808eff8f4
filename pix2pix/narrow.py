"""Makes a narrower copy of a trained pix2pix generator, for `train.py pix2pix --teacher` to go on with.

python -m pix2pix.narrow checkpoints/handbags output/narrow --dataroot data/edges2handbags --ngf 16

Every level keeps the channels from which its other channels can best be told, over pictures of the training set. What
the other channels would have said is told by the kept ones, in the weights that read them. So the copy paints much the
same before it has learned anything, and a student that begins as it needs a fraction of the time. It has the batch-norm
statistics of the teacher: go on with --settle.

Channel pruning: He, Zhang, Sun, ICCV 2017, https://arxiv.org/abs/1707.06168
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from scipy.linalg import qr
from torch import Tensor, nn

from . import checkpoint
from .arguments import ends_clearly, number, path, print_anything
from .data.image_files import split_folder
from .data.pairs import list_pairs, open_pair
from .errors import DataError
from .networks import UNetGenerator
from .pipelines import Pix2PixPipeline
from .pipelines.pick_fastest import psnr

PICTURES = 64
PLACES = 4096  # pixels of them that are compared on each level
RIDGE = 1e-3  # against mixes of channels that are nearly alike, as a share of their mean square
KEPT_FACTS = ("line_width", "styles", "subject", "training")


class Kept:
    """The channels that a level keeps, and all of them as sums of these, once for each layer that reads them.

    Args:
        readers: pairs of what a layer reads, (M, channels), and the strength with which it reads each, (channels,).
        count: how many channels to keep.

    Attributes:
        channels: their indices, ascending.
        mixes: for each reader (count, channels): row k says how much of each channel the kept one k brings.
    """

    def __init__(self, readers: Sequence[tuple[Tensor, Tensor]], count: int):
        _, _, order = qr(
            torch.cat([seen * strength for seen, strength in readers]).numpy(), mode="economic", pivoting=True
        )
        self.channels = torch.as_tensor(order[:count]).sort().values.long()
        self.mixes = [self.mix(seen) for seen, _ in readers]

    def mix(self, seen: Tensor) -> Tensor:
        kept = seen[:, self.channels]
        square = kept.T @ kept
        square += RIDGE * square.diagonal().mean() * torch.eye(len(square))
        return torch.linalg.solve(square, kept.T @ seen)


def kernel(level: nn.Module) -> Tensor:
    """The weights of a level's convolution."""
    return next(weight for weight in level.parameters() if weight.dim() == 4)


def strength(weight: Tensor, channel: int) -> Tensor:
    """Norm of the weights that read each channel; `channel` is their axis."""
    return weight.transpose(0, channel).flatten(1).norm(dim=1)


def places(features: Tensor) -> Tensor:
    """Some pixels of (N, C, h, w): (M, C)."""
    pixels = features.permute(0, 2, 3, 1).flatten(0, 2)
    return pixels[torch.randperm(len(pixels))[:PLACES]]


def kept_channels(teacher: UNetGenerator, ngf: int, x: Tensor) -> tuple[list[Kept], list[Kept]]:
    """What each encoder level keeps, and each decoder level but the outermost."""
    skips = teacher.encode(x)
    from_below = teacher.decode(skips)
    if not all(values.isfinite().all() for values in (*skips, *from_below)):
        raise DataError("the checkpoint paints no numbers: its weights are too large, or its batch norm is damaged")
    encoder, decoder = [], []
    for level, (skip, up) in enumerate(zip(skips, teacher.up, strict=True)):
        weight, seen, width = kernel(up), places(skip), skip.shape[1] * ngf // teacher.ngf
        readers = [(seen.relu(), strength(weight[: skip.shape[1]], 0))]
        if level + 1 < len(skips):
            readers.append((F.leaky_relu(seen, 0.2), strength(kernel(teacher.down[level + 1]), 1)))
            below = places(from_below[level + 1]).relu()
            decoder.append(Kept([(below, strength(weight[skip.shape[1] :], 0))], width))
        encoder.append(Kept(readers, width))
    return encoder, decoder


@torch.inference_mode()
def narrowed(teacher: UNetGenerator, ngf: int, x: Tensor) -> UNetGenerator:
    """A copy with `ngf` channels on the first level.

    Args:
        teacher: in evaluation mode.
        x: conditions as it reads them, with style and noise, (N, channels, S, S).

    Raises:
        DataError: it is not wider than `ngf`.
    """
    config = checkpoint.config_of(teacher)
    if not ngf < teacher.ngf:
        raise DataError(f"--ngf is {ngf}: expected less than the {teacher.ngf} of the checkpoint")
    student = UNetGenerator(**{**config, "ngf": ngf}).eval()
    encoder, decoder = kept_channels(teacher, ngf, x)
    for level, kept in enumerate(encoder):
        inputs = encoder[level - 1].mixes[1] if level else torch.eye(x.shape[1])
        narrow(teacher.down[level], student.down[level], kept.channels, inputs, axis=1)
        inputs = kept.mixes[0] if level == len(decoder) else torch.block_diag(kept.mixes[0], decoder[level].mixes[0])
        outputs = decoder[level - 1].channels if level else torch.arange(teacher.output_nc)
        narrow(teacher.up[level], student.up[level], outputs, inputs, axis=0)
    return student


def narrow(wide: nn.Module, thin: nn.Module, outputs: Tensor, inputs: Tensor, axis: int) -> None:
    """Copies the chosen outputs of a level, convolution and norm; its inputs are mixed. `axis`: the weights' inputs."""
    state = {}
    for name, values in wide.state_dict().items():
        if values.dim() == 4:
            mixed = torch.tensordot(inputs, values.transpose(0, axis), 1)
            state[name] = mixed.transpose(0, axis).index_select(1 - axis, outputs)
        else:
            state[name] = values[outputs] if values.dim() else values
    thin.load_state_dict(state)


def conditions(pipe: Pix2PixPipeline, files: Sequence[Path], direction: str) -> Tensor:
    """What the network reads of these pairs."""
    pairs = (open_pair(file, direction) for file in files)
    return torch.cat([pipe.condition(a, pipe.style_of(b) if pipe.styles else None).tensor for a, b in pairs])


def make(source: str, output: Path, dataroot: Path, ngf: int, direction: str | None = None) -> float:
    """Writes the narrower copy; returns how near its pictures are to the checkpoint's, in dB PSNR.

    Raises:
        UserError: the checkpoint can't be used, there are no pairs, or something lies at `output`.
    """
    if output.exists():
        raise DataError(f"{output} exists: name a new folder")
    pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
    files = list_pairs(split_folder(dataroot, "train")).images
    direction = direction or checkpoint.training_options(pipe.config).get("direction", "AtoB")
    torch.manual_seed(0)
    x = conditions(pipe, files[:: -(-len(files) // PICTURES)], direction)
    student = narrowed(pipe.generator, ngf, x)
    checkpoint.save(student, output, half=True, **{key: pipe.config[key] for key in KEPT_FACTS if key in pipe.config})
    with torch.inference_mode():
        return psnr(student(x), pipe.generator(x))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pix2pix.narrow", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=path, metavar="SOURCE", help="checkpoint: folder, .pth file or Hub id")
    parser.add_argument("output", type=path, metavar="OUTPUT", help="the folder to write, a new one")
    parser.add_argument("--dataroot", type=path, required=True, metavar="DIR", help="folder of its training pairs")
    parser.add_argument("--ngf", type=number(int, 1), required=True, metavar="N", help="channels of the first level")
    parser.add_argument(
        "--direction", choices=("AtoB", "BtoA"), help="which half is the input; default: as in training"
    )
    print_anything()
    args = parser.parse_args(arguments)
    torch.set_flush_denormal(True)  # denormal numbers make a CPU ten times slower
    with ends_clearly("narrow"):
        quality = make(args.source, Path(args.output).expanduser(), Path(args.dataroot), args.ngf, args.direction)
    print(f"{args.output} paints what {args.source} does, to {quality:.0f} dB, before it has learned anything")


if __name__ == "__main__":
    main()
