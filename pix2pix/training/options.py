"""The options of each model's training: one dataclass a model, which is the command line of `train.py` too.

Values are checked when the options are made. Nobody writes to them later: what a network that goes on (`generator`) has
of its own is asked of the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..errors import DataError
from ..imaging.redraw_lines import WIDEST
from ..networks.dcgan import MOST_EXTRA_LAYERS
from ..networks.pix2pix import MOST_SMOOTH
from .losses import GAN_LOSSES, RECONSTRUCTION_LOSSES
from .option_fields import check_values, names_of, option
from .precision import PRECISIONS

DATA_SETS = ("mnist", "fashion-mnist", "emnist-letters", "emnist-balanced", "folder")
FLAGS_OF_L1 = ("--lambda_L1", "--lambda_l1")
PERCEPTUAL = "weight of the distance in an ImageNet network's features"


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Options of all models.

    Raises:
        DataError: a value that can't be, or values that don't go together.
    """

    kind: ClassVar[str]  # of the model: pix2pix, upscaler, dcgan

    output_dir: str | Path = option(
        "where the checkpoint goes; the app loads it from there", "output", metavar="DIR", place=True
    )
    epochs: int = option("total number of epochs, including those before --resume", 20, 1)
    batch_size: int = option("images per step, in each process of torchrun", 1, 1)
    max_images: int | None = option("train on so many images only", None, 1, metavar="N", fixed=True)
    lr: float = option("learning rate of Adam", 2e-4, 0, below=True)
    beta1: float = option("first moment decay of Adam", 0.5, 0, 1, below=True, fixed=True)
    epochs_lr_decay: int = option("let the learning rate fall to 0 over N epochs", 0, 0, metavar="N")
    epochs_lr_decay_start: int = option("from epoch N on; -1: so that it ends with the last epoch", -1, -1, metavar="N")
    ema: float = option(
        "serve an average of the generator's weights, such as 0.999; 0: off",
        0.999,
        0,
        1,
        below=True,
        metavar="DECAY",
        switch=True,
    )
    generator: str | Path | None = option(
        "go on with this generator: folder, Hub id or authors' .pth", None, metavar="PATH", place=True
    )
    discriminator: str | Path | None = option("go on with this discriminator", None, metavar="PATH", place=True)
    resume: bool = option("go on exactly where the training in --output_dir was stopped", False, place=True)
    save_data_interval: int = option("write the checkpoint every N epochs, and every ten minutes", 1, 1, metavar="N")
    save_image_interval: int = option("write a sample sheet every N epochs", 1, 1, metavar="N")
    log_interval: int = option("write losses every N steps", 50, 1, metavar="N")
    snapshots: int = option("save thumbnails at N moments, which the app's tab Inside replays", 0, 0, 60, metavar="N")
    tensorboard: bool = option("log to TensorBoard too (pip install tensorboard)", False)
    half: bool = option("write the checkpoint in half precision, half the size", False)
    precision: str = option(
        "auto: bf16 where the device has it, fp16 on GPUs like V100 and T4", "auto", choices=("auto", *PRECISIONS)
    )
    sync_batch_norm: bool = option("batch-norm statistics across all processes of torchrun", False)
    cpu: bool = option("do not use the GPU", False)
    seed: int = option("of weights, order, crops and noise", 0, 0, 2**31, fixed=True)
    push_to_hub: str | None = option(
        "at the end, upload the checkpoint with a model card", None, metavar="USER/NAME", place=True
    )

    def __post_init__(self) -> None:
        check_values(self)
        self.check()

    def check(self) -> None:
        """The rules that combine options. Raises DataError where one is broken."""
        if not str(self.output_dir):
            raise DataError("--output_dir is empty: expected a folder")
        decay, start = self.epochs_lr_decay, self.epochs_lr_decay_start
        if start >= 0 and not decay:
            raise DataError(
                f"--epochs_lr_decay_start {start} needs --epochs_lr_decay: over how many epochs does it fall?"
            )
        if decay > self.epochs and start < 0:
            raise DataError(f"--epochs_lr_decay {decay} is more than --epochs {self.epochs}")
        if decay and start >= 0 and start + decay < self.epochs:
            raise DataError(
                f"the learning rate would be 0 after epoch {start + decay} of {self.epochs}, and nothing more be "
                "learnt: choose a later --epochs_lr_decay_start, a longer --epochs_lr_decay or fewer --epochs"
            )

    @property
    def output(self) -> Path:
        """The folder of `output_dir`."""
        return Path(self.output_dir).expanduser()

    def record(self) -> dict[str, Any]:
        """What a checkpoint tells of its training: the model, and every option that names no place."""
        places = names_of(type(self), "place")
        return {"command": self.kind} | {name: value for name, value in vars(self).items() if name not in places}


@dataclass(frozen=True, kw_only=True)
class PairOptions(TrainingOptions):
    """Options of what learns from pairs."""

    dataroot: str | Path | Sequence[str | Path] = option(
        "folder of the data; of several folders, the pairs of all are learnt", metavar="DIR", place=True
    )
    phase: str = option("sub-folder of DATAROOT with the pairs", "train", fixed=True)
    load_size: int = option("resize to this ...", 286, 1, fixed=True)
    crop_size: int = option("... and crop this at random", 256, 1)
    workers: int | None = option("processes that read and augment images (beside a GPU up to 8, else 2)", None, 0)

    @property
    def roots(self) -> list[Path]:
        """The folders of `dataroot`: one, or several."""
        given = [self.dataroot] if isinstance(self.dataroot, str | Path) else self.dataroot
        return [Path(root).expanduser() for root in given]

    def check(self) -> None:
        super().check()
        if not self.roots:
            raise DataError("--dataroot names no folder: expected one at least")


@dataclass(frozen=True, kw_only=True)
class Pix2PixOptions(PairOptions):
    """Options of pix2pix; the defaults are the paper's."""

    kind: ClassVar[str] = "pix2pix"

    epochs: int = 200
    ema: float = 0.0
    save_data_interval: int = 10
    save_image_interval: int = 10
    direction: str = option("which half is the condition", "AtoB", choices=("AtoB", "BtoA"), fixed=True)
    input_nc: int = option("channels of the condition: 1 for grey, 3 for colour", 3, choices=(1, 3), fixed=True)
    output_nc: int = option("channels of the picture", 3, choices=(1, 3), fixed=True)
    num_downs: int = option("U-Net levels: 7, 8, 9 for 128, 256, 512 pixels", 8, 5, 12, fixed=True)
    ngf: int = option("channels of the generator's first level", 64, 1, fixed=True)
    ndf: int = option("channels of the discriminator's first level", 64, 1, fixed=True)
    n_layers: int = option("patch of the discriminator: 0, 1, 3, 5 for 1, 16, 70, 286 pixels", 3, 0, 5, fixed=True)
    norm: str = option("normalisation in both networks", "batch", choices=("batch", "instance"), fixed=True)
    no_dropout: bool = option("generator without dropout", False, fixed=True)
    no_flip: bool = option("do not mirror half of the pairs: for text, maps, faces to one side", False, fixed=True)
    gan_loss: str = option("adversarial loss; none: reconstruction alone", "vanilla", choices=GAN_LOSSES, fixed=True)
    unconditional: bool = option("hide the condition from the discriminator (ablation)", False, fixed=True)
    reconstruction: str = option("reconstruction loss", "l1", choices=tuple(RECONSTRUCTION_LOSSES), fixed=True)
    lambda_l1: float = option(
        "weight of the reconstruction loss; 0: GAN alone", 100.0, 0, below=True, flags=FLAGS_OF_L1
    )
    lambda_perceptual: float = option(PERCEPTUAL, 0.0, 0, below=True)
    lambda_projected: float = option(
        "weight of a second discriminator, of features; needs --lambda_perceptual", 0.0, 0, below=True, switch=True
    )
    lambda_tint: float = option(
        "weight of the mean colour's error: around strokes, or of the object with --style", 0.0, 0, below=True
    )
    batch_renorm: bool = option("batch renormalisation in the generator, for small batches", False, fixed=True)
    line_width: int = option(
        "redraw lines N pixels wide, here and in use; 0: don't", 0, 0, WIDEST, metavar="N", fixed=True
    )
    settle: bool = option(
        "a last, short run with fixed batch-norm statistics, as served; use with --generator and --lr 1e-5",
        False,
        fixed=True,
    )
    match_tones: bool = option("give what is saved the photos' brightness and contrast", False)
    drawn_by_hand: bool = option("make edge maps look drawn: thick, shaky, sparse lines", False, fixed=True)
    wide_handles: bool = option("with --drawn_by_hand: make handles of some domes, for bags", False, fixed=True)
    style: bool = option("tell the networks the style of the picture: colours, contrast, detail", False, fixed=True)
    styles: str | Path | None = option(
        "JSON list of built-in styles; default: chosen among the training pictures", None, metavar="FILE", place=True
    )
    subject: str | Path | None = option(
        "TOML file that says what is drawn, for the app: title, palette, tools, examples (see recipes/maps.toml)",
        None,
        metavar="FILE",
        place=True,
    )
    teacher: str | Path | None = option(
        "learn the pictures of this trained generator in place of the photos: for a smaller one that paints alike",
        None,
        metavar="PATH",
        place=True,
    )
    noise_nc: int = option(
        "planes of noise for the generator, from fine to coarse, from which it makes grain",
        0,
        0,
        4,
        metavar="N",
        fixed=True,
    )
    smooth: int = option(
        "blur the N outermost levels of the decoder: no grid in pictures", 0, 0, MOST_SMOOTH, metavar="N", fixed=True
    )
    color_hints: bool = option("draw strokes of the picture's colours into the condition", False, fixed=True)

    def check(self) -> None:
        super().check()
        if self.gan_loss == "none" and not (self.lambda_l1 or self.lambda_perceptual):
            raise DataError("nothing to learn from: --gan_loss none needs a --lambda_L1 or --lambda_perceptual above 0")
        if self.settle and not (self.generator or self.resume):
            raise DataError("--settle is for a last run: name the trained generator that it goes on with, --generator")
        if self.lambda_projected and not self.lambda_perceptual:
            raise DataError("--lambda_projected judges the features of --lambda_perceptual: give that a weight too")
        if self.settle and self.batch_renorm:
            raise DataError("--settle fixes the statistics that --batch_renorm is about: choose one")
        if self.lambda_tint and not (self.color_hints or self.style):
            raise DataError("--lambda_tint is about the colours asked for: it needs --color_hints or --style")
        if self.wide_handles and not self.drawn_by_hand:
            raise DataError("--wide_handles is a part of --drawn_by_hand: give that too")
        if self.styles and not self.style:
            raise DataError("--styles names the styles of a network that is told one: it needs --style")
        if self.color_hints and self.style:
            raise DataError("--color_hints draws hints into the condition, --style beside it: choose one")
        if self.batch_renorm and self.sync_batch_norm:
            raise DataError("--batch_renorm and --sync_batch_norm are two ways to mend small batches: choose one")


@dataclass(frozen=True, kw_only=True)
class UpscalerOptions(PairOptions):
    """Options of the step to twice the size."""

    kind: ClassVar[str] = "upscaler"

    epochs: int = 4
    batch_size: int = 4
    width: int = option("channels of the network", 32, 1, 256)
    line_width: int = option("redraw lines N pixels wide", 4, 1, WIDEST, metavar="N", fixed=True)
    lambda_l1: float = option("weight of the L1 loss", 10.0, 0, below=True, flags=FLAGS_OF_L1)
    lambda_perceptual: float = option(PERCEPTUAL, 1.0, 0, below=True)


@dataclass(frozen=True, kw_only=True)
class DCGANOptions(TrainingOptions):
    """Options of the conditional DCGAN."""

    kind: ClassVar[str] = "dcgan"

    batch_size: int = 128
    dataroot: str | Path = option("folder of the data", metavar="DIR", place=True)
    dataset: str = option("folder: DATAROOT has a sub-folder for every class", "mnist", choices=DATA_SETS, fixed=True)
    download: bool = option("download the data set if its files are missing", False)
    image_size: int = option("side of a picture in pixels", 28, choices=(28, 32, 64), fixed=True)
    unconditional: bool = option("a plain DCGAN that ignores the labels", False, fixed=True)
    z_dim: int = option("size of the noise", 100, 1, fixed=True)
    ngf: int = option("channels of the generator's last level", 64, 1, fixed=True)
    n_extra_layers: int = option(
        "extra 3x3 convolutions at every level of both networks", 0, 0, MOST_EXTRA_LAYERS, metavar="N", fixed=True
    )
    ndf: int = option("channels of the discriminator's first level", 64, 1, fixed=True)
    gan_loss: str = option("adversarial loss", "vanilla", choices=GAN_LOSSES[:3], fixed=True)
    lambda_class: float = option(
        "weight of a classifier's loss, against pictures of other classes", 0.0, 0, below=True, switch=True
    )
    wrong_labels: bool = option("show D real pictures under wrong labels, as fakes", False, fixed=True)

    @property
    def root(self) -> Path:
        """The folder of `dataroot`."""
        return Path(self.dataroot).expanduser()
