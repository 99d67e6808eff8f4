"""What one step of conditional DCGAN training is: networks, losses, data, and the pictures that show progress."""

import copy
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from .. import checkpoint
from ..checkpoint.fetch import fetch
from ..data.batches import consecutive, share_of_batch
from ..data.classes import labelled_dataset
from ..errors import DataError
from ..imaging.sheets import grid, save_image
from ..networks import DCGANDiscriminator, DCGANGenerator
from . import losses, parallel
from .adam import adam
from .average import update_average, with_fresh_statistics
from .classifier import class_loss, new_classifier
from .precision import Precision


class DCGANTraining:
    """Generator, discriminator, their optimisers and their step (Radford 2015, Mirza 2014).

    With `--wrong_labels`, real pictures under a label that is not theirs are fakes to the discriminator too (Reed et
    al., ICML 2016, https://arxiv.org/abs/1605.05396). It sees none otherwise: only what the generator gets wrong.
    With `--lambda_class`, a classifier learns too, and pictures that it takes for another class cost the generator (see
    classifier.py).

    Args:
        args: the options of `train.py dcgan`.
        device: where networks and images are.
    """

    def __init__(self, args: Namespace, device: torch.device):
        self.args, self.device, self.precision = args, device, Precision(args.precision, device)
        source, root = (args.dataset, args.dataroot) if args.dataset != "folder" else (Path(args.dataroot), ".")
        with parallel.main_first():
            data = labelled_dataset(source, root, args.image_size, download=args.download, max_images=args.max_images)
        if names := earlier_class_names(args):
            data = data.in_order_of(names)
        self.data = data.to(device)
        self.share = share_of_batch(len(data), args.batch_size, parallel.count())
        self.batch_size = self.share * parallel.count()
        self.batches_per_epoch = len(data) // self.batch_size
        self.num_classes = 0 if args.unconditional else len(data.class_names)
        for option in ("wrong_labels", "lambda_class"):
            if getattr(args, option) and self.num_classes < 2:
                raise DataError(f"--{option} needs two classes or more to choose from; here are {self.num_classes}")
        generator, discriminator = self.build(data.images.shape[1], data.class_names)
        self.networks: dict[str, nn.Module] = {"generator": generator, "discriminator": discriminator}
        if args.lambda_class:  # half as wide as the discriminator: real pictures of different classes are easy to tell
            self.networks["classifier"] = new_classifier(
                args.image_size, self.num_classes, max(1, args.ndf // 2), args.n_extra_layers, data.images.shape[1]
            )
        for network in self.networks.values():
            network.to(device).to(memory_format=torch.channels_last)
        self.optimizers = {name: adam(network, args) for name, network in self.networks.items()}
        self.ema = copy.deepcopy(generator) if args.ema else None
        if args.sync_batch_norm:
            parallel.synchronise(device, *self.networks.values())
        self.generator, self.discriminator = generator, discriminator
        # What a step calls for the sake of gradients; the networks themselves, in a single process.
        self.replicas = {name: parallel.replica(network) for name, network in self.networks.items()}
        # The same z in every column of every sample sheet, so that one sees how a picture develops.
        rows = max(1, self.num_classes)
        z = torch.randn(10, args.z_dim, generator=torch.Generator().manual_seed(0))
        self.example_z = z.repeat(rows, 1).to(device)
        self.example_labels = torch.arange(rows, device=device).repeat_interleave(10)

    def build(self, channels: int, class_names: list[str]) -> tuple[DCGANGenerator, DCGANDiscriminator]:
        """New networks, or those of `--generator` and `--discriminator`, to go on with.

        `args` then says what these are, so that the checkpoint tells of the networks that were trained.

        Raises:
            DataError: they were made for other pictures or classes.
        """
        args = self.args
        names = class_names if self.num_classes else None
        if args.generator:
            generator = checkpoint.load(DCGANGenerator, fetch(args.generator))
            config = checkpoint.config_of(generator)
            self.expect(
                "generator", config, image_size=args.image_size, num_classes=self.num_classes, output_nc=channels
            )
            if names and generator.class_names != names:
                raise DataError(f"--generator writes {generator.class_names}; the classes of the data are {names}")
            args.z_dim, args.ngf, args.n_extra_layers = (config[key] for key in ("z_dim", "ngf", "n_extra_layers"))
        else:
            generator = DCGANGenerator(
                args.image_size, self.num_classes, args.z_dim, args.ngf, args.n_extra_layers, channels, names
            )
        if args.discriminator:
            discriminator = checkpoint.load(DCGANDiscriminator, fetch(args.discriminator))
            config = checkpoint.config_of(discriminator)
            self.expect(
                "discriminator", config, image_size=args.image_size, num_classes=self.num_classes, input_nc=channels
            )
            args.ndf = config["ndf"]
        else:
            discriminator = DCGANDiscriminator(
                args.image_size, self.num_classes, args.ndf, args.n_extra_layers, channels
            )
        return generator.train().requires_grad_(True), discriminator.train().requires_grad_(True)

    @staticmethod
    def expect(option: str, config: dict, **facts: int) -> None:
        """Raises DataError unless the network of an option was made for what the data are."""
        for key, fact in facts.items():
            if config[key] != fact:
                raise DataError(f"--{option} has {key} {config[key]}; the data and options of this run ask for {fact}")

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        """This process' shares of the (images, labels) batches of an epoch from batch `start` on.

        All shares together are the same for the same (seed, epoch).
        """
        source = torch.Generator().manual_seed(self.args.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.data), generator=source).to(self.device)  # once: each copy waits for a GPU
        for batch in range(start, self.batches_per_epoch):
            first = batch * self.batch_size + parallel.rank() * self.share
            yield self.data.batch(order[first : first + self.share])

    def batches(self, epoch: int, start: int, epochs: int = 1) -> Iterator[tuple[Tensor, Tensor]]:
        """Those of so many epochs, one after the other."""
        return consecutive(self.epoch, epoch, start, epochs)

    def step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """One gradient step of D, then one of G on the same painted pictures. Returns the losses, detached.

        The classifier, if there is one, takes its step between the two.
        """
        images, labels = batch
        loss = self.args.gan_loss
        z = torch.randn(len(images), self.args.z_dim, device=self.device)
        with self.precision.autocast:
            fake = self.replicas["generator"](z, labels)
            judge = self.replicas["discriminator"]
            logits_real, logits_fake = judge(images, labels), judge(fake.detach(), labels)
            if self.args.wrong_labels:  # the matching-aware discriminator of Reed et al. 2016, section 4.2
                logits_fake = torch.cat([logits_fake, judge(images, self.other_classes(labels))])
        loss_d = losses.discriminator_loss(logits_real.float(), logits_fake.float(), loss)
        self.precision.descend(self.optimizers["discriminator"], loss_d)

        # The gradient flows through D into G, but not into D's weights. (So no replica: it would wait for theirs.)
        self.discriminator.requires_grad_(False)
        with self.precision.autocast:
            logits = self.discriminator(fake, labels)
        self.discriminator.requires_grad_(True)
        loss_g = losses.generator_loss(logits.float(), loss)
        report = {"loss_D": loss_d.detach(), "loss_G": loss_g.detach()}
        if self.args.lambda_class:
            with self.precision.autocast:
                guesses = self.replicas["classifier"](images)
            self.precision.descend(self.optimizers["classifier"], F.cross_entropy(guesses.float(), labels))
            with self.precision.autocast:
                loss_class = class_loss(self.networks["classifier"], fake, labels)
            report["loss_class"] = loss_class.detach()
            loss_g = loss_g + self.args.lambda_class * loss_class
        self.precision.descend(self.optimizers["generator"], loss_g)
        self.precision.update()
        parallel.average_statistics(*self.networks.values())
        if self.ema:
            update_average(self.ema, self.generator, self.args.ema)
        return report

    def other_classes(self, labels: Tensor) -> Tensor:
        """For every label, one of the other classes at random."""
        return (labels + torch.randint_like(labels, 1, self.num_classes)) % self.num_classes

    def served(self) -> DCGANGenerator:
        """The generator to keep, in evaluation mode: the averaged one, where there is one."""
        if not self.ema:
            return copy.deepcopy(self.generator).eval()
        noise = torch.Generator().manual_seed(0)
        some = torch.randperm(len(self.data), generator=noise)[: 100 * 256]  # folders hold one class after the other
        labels = self.data.labels[some.to(self.device)].split(256)
        inputs = ((torch.randn(len(y), self.args.z_dim, generator=noise).to(y.device), y) for y in labels)
        return with_fresh_statistics(self.ema, inputs)

    @torch.no_grad()
    def samples(self, generator: DCGANGenerator) -> Image.Image:
        """A row for every class, a column for every z."""
        return grid(generator(self.example_z, self.example_labels), columns=10)

    def snapshot(self, generator: DCGANGenerator, folder: Path, images_seen: int) -> None:
        """The sample sheet at this point of training."""
        save_image(self.samples(generator), folder / f"images_{images_seen:07d}.webp")

    def save(self, generator: DCGANGenerator, folder: Path, **facts) -> None:
        """Writes the checkpoint that the app serves."""
        checkpoint.save(generator, folder, self.args.half, **facts)
        checkpoint.save(self.discriminator, folder / "discriminator", self.args.half)


def earlier_class_names(args: Namespace) -> list[str] | None:
    """The classes of the generator that goes on, in its order: numbered ones were once sorted as words, 10 before 2."""
    source = Path(args.output_dir) if args.resume else args.generator and fetch(args.generator)
    if not source or not (source / checkpoint.CONFIG).is_file():
        return None
    return checkpoint.read_config(source).get("class_names")
