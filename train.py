#!/usr/bin/env python
"""Trains pix2pix and the conditional DCGAN, and prepares their data.

  python train.py download facades                               an official data set into data/facades
  python train.py pix2pix --dataroot data/facades --direction BtoA --epochs 200 --output_dir output/facades
  python train.py combine photos/A photos/B data/own             two folders of images into pairs
  python train.py outline photos --output data/own               photos alone: outlines are drawn by an edge detector
  python train.py pix2pix --dataroot data/own --resume           go on after Ctrl-C
  torchrun --nproc_per_node 8 train.py pix2pix ...               the same on 8 GPUs
  python train.py upscaler --dataroot data/own --output_dir output/facades/upscaler    the step to twice the size
  python train.py dcgan --dataroot data --download               MNIST digits
  python train.py push output/facades user/name                  the result onto the Hugging Face Hub, with a model card
  python app.py --pix2pix output/facades                         draw with the result

`python train.py COMMAND --help` lists the options; every name may be spelled with _ or -.
"""

import argparse
import os
import shlex
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the seconds of importing ends it without more words

from pix2pix.arguments import DefaultsInHelp, number, path, print_anything
from pix2pix.checkpoint.push import push
from pix2pix.data.download import DATASETS, download
from pix2pix.data.make_pairs import combine, outline_pairs
from pix2pix.errors import UserError
from pix2pix.training import DCGANOptions, Pix2PixOptions, TrainingOptions, UpscalerOptions, parallel, train
from pix2pix.training.option_fields import add_options

not_negative = number(int, 0)
TRAININGS = {
    "pix2pix": (Pix2PixOptions, "train on pairs of images"),
    "upscaler": (UpscalerOptions, "train the step to twice the size on pairs"),
    "dcgan": (DCGANOptions, "train on labelled pictures"),
}


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    defaults = DefaultsInHelp

    for kind, (options, text) in TRAININGS.items():
        add_options(commands.add_parser(kind, help=text, formatter_class=defaults), options)

    command = commands.add_parser("download", help="fetch an official pix2pix data set")
    command.add_argument("name", choices=tuple(DATASETS), metavar="NAME", help=", ".join(DATASETS))
    add = command.add_argument
    add("--output_dir", type=path, default="data", metavar="DIR", help="folder to unpack it in (default: data)")
    add("--sha256", metavar="HEX", help="checksum that the archive must have; printed by a download")

    command = commands.add_parser("combine", help="join two folders of images into pairs")
    add = command.add_argument
    add("a", type=path, metavar="A", help="folder of conditions")
    add("b", type=path, metavar="B", help="folder of pictures with the same names")
    add("output", type=path, metavar="OUTPUT", help="folder for the pairs")
    add("--resize", action="store_true", help="resize B to A where their sizes differ")
    add("--val", type=not_negative, default=0, metavar="N", help="keep N pairs of train for val")

    command = commands.add_parser("outline", help="make pairs of photos and their outlines", formatter_class=defaults)
    add = command.add_argument
    add("photos", type=path, metavar="PHOTOS", help="folder of photos")
    add("--output", "--output_dir", dest="output", type=path, required=True, metavar="DIR", help="for the pairs")
    add("--size", type=number(int, 1, 4096), default=256, help="side of the squares in pixels")
    add("--detail", type=float, default=0.5, help="0: strongest edges only, 1: fine texture too")
    add("--val", type=not_negative, default=0, metavar="N", help="keep N pairs of train for val")

    command = commands.add_parser("push", help="upload a checkpoint to the Hugging Face Hub, with a model card")
    command.add_argument("folder", type=path, metavar="FOLDER", help="the checkpoint, such as an --output_dir")
    command.add_argument("repo", metavar="USER/NAME", help="its repository, which is made if there is none")
    return parser


def options_of(args: argparse.Namespace) -> TrainingOptions:
    """The options of a training that a command line gives. Raises DataError where they don't go together."""
    options, _ = TRAININGS[args.command]
    return options(**{name: value for name, value in vars(args).items() if name != "command"})


def run_training(args: argparse.Namespace) -> None:
    finished = train(options_of(args), resume_command())
    if not finished and "WORLD_SIZE" not in os.environ:  # torchrun would take it for a failure
        sys.exit(130)  # as after any Ctrl-C, so that `train && evaluate` stops too


def resume_command() -> str:
    """The command line that goes on with this run; on many machines, what to do there."""
    command = shlex.join([*(argument for argument in sys.argv if argument != "--resume"), "--resume"])
    processes = int(os.environ.get("WORLD_SIZE", 1))
    if processes == 1:
        return f"python {command}"
    here = int(os.environ.get("LOCAL_WORLD_SIZE", processes))
    if here < processes:  # torchrun's own options are not visible here
        return f"torchrun, on every machine with the options that it had, and {command}"
    return f"torchrun --nproc_per_node {here} {command}"


def underscores(argument: str) -> str:
    """--batch-size and --batch_size are the same option."""
    name, equals, value = argument.partition("=")
    return name.replace("-", "_").replace("__", "--", 1) + equals + value if name.startswith("--") else argument


def main(arguments: list[str]) -> None:
    print_anything()
    args = build_parser().parse_args([underscores(argument) for argument in arguments])
    try:
        if args.command == "download":
            print(f"The pairs are in {download(args.name, args.output_dir, sha256=args.sha256)}")
        elif args.command == "combine":
            combine(args.a, args.b, args.output, resize=args.resize, val=args.val)
            print(f"The pairs are in {args.output}")
        elif args.command == "outline":
            outline_pairs(args.photos, args.output, args.size, args.detail, args.val)
            print(f"The pairs are in {args.output}")
        elif args.command == "push":
            print(f"The checkpoint is on the Hub: {push(args.folder, args.repo)}")
        else:
            run_training(args)
    except UserError as error:
        parallel.leave(f"train.py: {error}")
    except OSError as error:  # such as a full disk
        named = f"{error.filename}: {error.strerror}" if error.filename else ""
        parallel.leave(f"train.py: {named or str(error) or repr(error)}")
    except KeyboardInterrupt:
        parallel.leave("\ntrain.py: stopped")


def command_line() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(sys.argv[1:])


if __name__ == "__main__":
    command_line()
