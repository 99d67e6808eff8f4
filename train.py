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
  python app.py --handbags output/facades                        draw with the result

`python train.py COMMAND --help` lists the options; every name may be spelled with _ or -.
"""

import argparse
import importlib.util
import os
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the seconds of importing ends it without more words

import torch

from pix2pix.arguments import number, path, print_anything
from pix2pix.checkpoint.push import check_name, push
from pix2pix.data.download import DATASETS, download
from pix2pix.data.make_pairs import combine, outline_pairs
from pix2pix.errors import DataError, UserError, note
from pix2pix.imaging.redraw_lines import WIDEST
from pix2pix.networks.dcgan import MOST_EXTRA_LAYERS
from pix2pix.networks.device import choose_device
from pix2pix.networks.pix2pix import MOST_SMOOTH
from pix2pix.training import parallel
from pix2pix.training.losses import GAN_LOSSES, RECONSTRUCTION_LOSSES
from pix2pix.training.precision import PRECISIONS

positive, not_negative = number(int, 1), number(int, 0)
weight = number(float, 0, below=True)
decay = number(float, 0, 1, below=True)  # of a running average
FOLDERS_OF_PAIRS = {
    "type": path,
    "nargs": "+",
    "action": "extend",
    "required": True,
    "metavar": "DIR",
    "help": "folder of the data; of several folders, the pairs of all are learnt",
}


def add_training_options(parser: argparse.ArgumentParser, **defaults) -> None:
    """Options of both models."""
    add = parser.add_argument
    add(
        "--output_dir",
        type=path,
        default="output",
        metavar="DIR",
        help="where the checkpoint goes; the app loads it from there",
    )
    add("--epochs", type=positive, help="passes over the data, from the very start of a resumed run")
    add("--batch_size", type=positive, help="images per step, in each process of torchrun")
    add("--max_images", type=positive, metavar="N", help="train on so many images only")
    add("--lr", type=weight, default=2e-4, help="learning rate of Adam")
    add("--beta1", type=decay, default=0.5, help="first moment decay of Adam")
    add(
        "--epochs_lr_decay",
        type=not_negative,
        default=0,
        metavar="N",
        help="let the learning rate fall to 0 over N epochs",
    )
    add(
        "--epochs_lr_decay_start",
        type=number(int, -1),
        default=-1,
        metavar="N",
        help="from epoch N on; -1: so that it ends with the last epoch",
    )
    add("--ema", type=decay, metavar="DECAY", help="serve an average of the generator's weights, such as 0.999; 0: off")
    add("--generator", type=path, metavar="PATH", help="go on with this generator: folder, Hub id or authors' .pth")
    add("--discriminator", type=path, metavar="PATH", help="go on with this discriminator")
    add("--resume", action="store_true", help="go on exactly where the training in --output_dir was stopped")
    add(
        "--save_data_interval",
        type=positive,
        metavar="N",
        help="write the checkpoint every N epochs, and every ten minutes",
    )
    add("--save_image_interval", type=positive, metavar="N", help="write a sample sheet every N epochs")
    add("--log_interval", type=positive, metavar="N", help="write losses every N steps")
    add(
        "--snapshots",
        type=number(int, 0, 60),
        default=0,
        metavar="N",
        help="keep N small pictures of the training's course",
    )
    add("--tensorboard", action="store_true", help="log to TensorBoard too (pip install tensorboard)")
    add("--half", action="store_true", help="write the checkpoint in half precision, half the size")
    add(
        "--precision",
        choices=("auto", *PRECISIONS),
        default="auto",
        help="auto: bf16 where the device has it, fp16 on GPUs like V100 and T4",
    )
    add("--sync_batch_norm", action="store_true", help="on several GPUs: batch statistics of all together")
    add("--cpu", action="store_true", help="do not use the GPU")
    add("--seed", type=number(int, 0, 2**31), default=0, help="of weights, order, crops and noise")
    add("--push_to_hub", metavar="USER/NAME", help="at the end, upload the checkpoint with a model card")
    parser.set_defaults(**defaults)


def add_pair_options(parser: argparse.ArgumentParser) -> None:
    """Options of what learns from pairs."""
    add = parser.add_argument
    add("--dataroot", **FOLDERS_OF_PAIRS)
    add("--phase", default="train", help="sub-folder of DATAROOT with the pairs")
    add("--load_size", type=positive, default=286, help="resize to this ...")
    add("--crop_size", type=positive, default=256, help="... and crop this at random")
    add("--workers", type=not_negative, help="processes that read and augment images (beside a GPU up to 8, else 2)")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    defaults = argparse.ArgumentDefaultsHelpFormatter

    command = commands.add_parser("pix2pix", help="train on pairs of images", formatter_class=defaults)
    add_training_options(
        command, epochs=200, batch_size=1, ema=0.0, save_data_interval=10, save_image_interval=10, log_interval=50
    )
    add_pair_options(command)
    add = command.add_argument
    add("--direction", choices=("AtoB", "BtoA"), default="AtoB", help="which half is the condition")
    add("--input_nc", type=int, choices=(1, 3), default=3, help="channels of the condition: 1 for grey, 3 for colour")
    add("--output_nc", type=int, choices=(1, 3), default=3, help="channels of the picture")
    add("--num_downs", type=number(int, 5, 12), default=8, help="U-Net levels: 7, 8, 9 for 128, 256, 512 pixels")
    add("--ngf", type=positive, default=64, help="channels of the generator's first level")
    add("--ndf", type=positive, default=64, help="channels of the discriminator's first level")
    add(
        "--n_layers",
        type=number(int, 0, 5),
        default=3,
        help="patch of the discriminator: 0, 1, 3, 5 for 1, 16, 70, 286 pixels",
    )
    add("--norm", choices=("batch", "instance"), default="batch", help="normalisation in both networks")
    add("--no_dropout", action="store_true", help="generator without dropout")
    add("--no_flip", action="store_true", help="do not mirror half of the pairs: for text, maps, faces to one side")
    add(
        "--gan_loss",
        choices=GAN_LOSSES,
        default="vanilla",
        help="adversarial loss; none: reconstruction alone",
    )
    add("--unconditional", action="store_true", help="hide the condition from the discriminator (ablation)")
    add("--reconstruction", choices=tuple(RECONSTRUCTION_LOSSES), default="l1", help="reconstruction loss")
    add(
        "--lambda_L1",
        "--lambda_l1",
        dest="lambda_l1",
        type=weight,
        default=100.0,
        help="weight of the reconstruction loss; 0: GAN alone",
    )
    add(
        "--lambda_perceptual", type=weight, default=0.0, help="weight of the distance in an ImageNet network's features"
    )
    add(
        "--lambda_projected",
        type=weight,
        default=0.0,
        help="weight of a second discriminator, of features; needs --lambda_perceptual",
    )
    add("--lambda_tint", type=weight, default=0.0, help="weight of the mean colour's distance around colour hints")
    add("--batch_renorm", action="store_true", help="batch renormalisation in the generator, for small batches")
    add(
        "--line_width",
        type=number(int, 0, WIDEST),
        default=0,
        metavar="N",
        help="redraw lines N pixels wide, here and in use; 0: don't",
    )
    add(
        "--settle",
        action="store_true",
        help="a last, short run with fixed batch-norm statistics, as served; use with --generator and --lr 1e-5",
    )
    add("--drawn_by_hand", action="store_true", help="make edge maps look drawn: thick, shaky, sparse lines")
    add("--style", action="store_true", help="tell the networks the style of the picture: colours, contrast, detail")
    add(
        "--styles",
        type=path,
        metavar="FILE",
        help="JSON list of built-in styles (default: chosen among the training pictures)",
    )
    add(
        "--noise_nc",
        type=number(int, 0, 4),
        default=0,
        metavar="N",
        help="planes of noise for the generator, from which it makes grain",
    )
    add(
        "--smooth",
        type=number(int, 0, MOST_SMOOTH),
        default=0,
        metavar="N",
        help="blur the N outermost levels of the decoder: no grid in pictures",
    )
    add("--color_hints", action="store_true", help="draw strokes of the picture's colours into the condition")

    command = commands.add_parser(
        "upscaler", help="train the step to twice the size on pairs", formatter_class=defaults
    )
    add_training_options(
        command, epochs=4, batch_size=4, ema=0.999, save_data_interval=1, save_image_interval=1, log_interval=50
    )
    add_pair_options(command)
    add = command.add_argument
    add("--width", type=number(int, 1, 256), default=32, help="channels of the network")
    add("--line_width", type=number(int, 1, WIDEST), default=4, metavar="N", help="redraw lines N pixels wide")
    add("--lambda_L1", "--lambda_l1", dest="lambda_l1", type=weight, default=10.0, help="weight of the L1 loss")
    add(
        "--lambda_perceptual", type=weight, default=1.0, help="weight of the distance in an ImageNet network's features"
    )
    command.set_defaults(direction="AtoB", input_nc=3, output_nc=3)

    command = commands.add_parser("dcgan", help="train on labelled pictures", formatter_class=defaults)
    add_training_options(
        command, epochs=20, batch_size=128, ema=0.999, save_data_interval=1, save_image_interval=1, log_interval=50
    )
    add = command.add_argument
    add("--dataroot", type=path, required=True, metavar="DIR", help="folder of the data")
    sets = ("mnist", "fashion-mnist", "emnist-letters", "emnist-balanced", "folder")
    add("--dataset", choices=sets, default="mnist", help="folder: DATAROOT has a sub-folder for every class")
    add("--download", action="store_true", help="download the data set if its files are missing")
    add("--image_size", type=int, choices=(28, 32, 64), default=28, help="side of a picture in pixels")
    add("--unconditional", action="store_true", help="a plain DCGAN that ignores the labels")
    add("--z_dim", type=positive, default=100, help="size of the noise")
    add("--ngf", type=positive, default=64, help="channels of the generator's last level")
    add(
        "--n_extra_layers",
        type=number(int, 0, MOST_EXTRA_LAYERS),
        default=0,
        metavar="N",
        help="extra 3x3 convolutions at every level of both networks",
    )
    add("--ndf", type=positive, default=64, help="channels of the discriminator's first level")
    add("--gan_loss", choices=GAN_LOSSES[:3], default="vanilla", help="adversarial loss")
    add(
        "--lambda_class",
        type=weight,
        default=0.0,
        help="weight of a classifier's loss, against pictures of other classes",
    )
    add("--wrong_labels", action="store_true", help="show D real pictures under wrong labels, as fakes")

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
    add("--size", type=positive, default=256, help="side of the squares in pixels")
    add("--detail", type=float, default=0.5, help="0: strongest edges only, 1: fine texture too")
    add("--val", type=not_negative, default=0, metavar="N", help="keep N pairs of train for val")

    command = commands.add_parser("push", help="upload a checkpoint to the Hugging Face Hub, with a model card")
    command.add_argument("folder", type=path, metavar="FOLDER", help="the checkpoint, such as an --output_dir")
    command.add_argument("repo", metavar="USER/NAME", help="its repository, which is made if there is none")
    return parser


def run_training(args: argparse.Namespace) -> None:
    from pix2pix.training.loop import train  # here, as torchvision takes seconds to import, which `--help` can spare

    device = torch.device("cpu") if args.cpu else choose_device("auto")
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True  # shapes never change: let cuDNN try which of its kernels is the fastest
    torch.set_flush_denormal(True)  # tiny numbers of a converged network make a CPU ten times slower
    if args.command == "pix2pix":
        if args.gan_loss == "none" and not (args.lambda_l1 or args.lambda_perceptual):
            raise DataError("nothing to learn from: --gan_loss none needs a --lambda_L1 or --lambda_perceptual above 0")
        if args.settle and not (args.generator or args.resume):
            raise DataError("--settle is for a last run: name the trained generator that it goes on with, --generator")
        if args.lambda_projected and not args.lambda_perceptual:
            raise DataError("--lambda_projected judges the features of --lambda_perceptual: give that a weight too")
        if args.settle and args.batch_renorm:
            raise DataError("--settle fixes the statistics that --batch_renorm is about: choose one")
        if args.lambda_tint and not (args.color_hints or args.style):
            raise DataError("--lambda_tint is about the colours asked for: it needs --color_hints or --style")
        if args.styles and not args.style:
            raise DataError("--styles names the styles of a network that is told one: it needs --style")
        if args.color_hints and args.style:
            raise DataError("--color_hints draws hints into the condition, --style beside it: choose one")
        if args.batch_renorm and args.sync_batch_norm:
            raise DataError("--batch_renorm and --sync_batch_norm are two ways to mend small batches: choose one")
        from pix2pix.training.pix2pix import Pix2PixTraining as Training
    elif args.command == "upscaler":
        from pix2pix.training.upscaler import UpscalerTraining as Training
    else:
        from pix2pix.training.dcgan import DCGANTraining as Training
    if args.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise DataError("--tensorboard needs a package: pip install tensorboard, or leave it out")
    check_decay(args)
    if args.push_to_hub:
        check_name(args.push_to_hub)
    if not args.output_dir:
        raise DataError("--output_dir is empty: expected a folder")
    with parallel.processes(device) as device:
        finished = train(Training(args, device), args, device)
        main = parallel.is_main()
    if main:
        print(f"The checkpoint is in {args.output_dir}")
    if main and finished and args.push_to_hub:
        print(f"and on the Hub: {push(args.output_dir, args.push_to_hub)}")
    if not finished and "WORLD_SIZE" not in os.environ:  # torchrun would take it for a failure
        sys.exit(130)  # as after any Ctrl-C, so that `train && evaluate` stops too


def check_decay(args: argparse.Namespace) -> None:
    """Raises DataError where the learning rate does not do what its options say, or is 0 before the end."""
    decay, start = args.epochs_lr_decay, args.epochs_lr_decay_start
    if start >= 0 and not decay:
        raise DataError(f"--epochs_lr_decay_start {start} needs --epochs_lr_decay: over how many epochs does it fall?")
    if decay > args.epochs and start < 0:
        raise DataError(f"--epochs_lr_decay {decay} is more than --epochs {args.epochs}")
    if decay and start >= 0 and start + decay < args.epochs:
        raise DataError(
            f"the learning rate would be 0 after epoch {start + decay} of {args.epochs}, and nothing more be learnt: "
            "choose a later --epochs_lr_decay_start, a longer --epochs_lr_decay or fewer --epochs"
        )
    if not args.lr:
        note("--lr is 0, so nothing will be learnt")


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
    except torch.OutOfMemoryError:
        parallel.leave(
            "train.py: the GPU has too little memory for this: choose a lower --batch_size, or --ngf and --ndf"
        )
    except (UserError, OSError) as error:
        # OSError: such as a full disk. An error of a worker process comes with that process' traceback before it.
        message = (str(error).strip() or repr(error)).splitlines()[-1]
        if isinstance(error, OSError) and error.filename:
            message = f"{error.filename}: {error.strerror}"
        parallel.leave(f"train.py: {message.split('Error: ', 1)[-1]}")
    except KeyboardInterrupt:
        parallel.leave("\ntrain.py: stopped")


def run() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(sys.argv[1:])


if __name__ == "__main__":
    run()
