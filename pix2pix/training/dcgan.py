"""What one step of conditional DCGAN training is: networks, losses, data, and the pictures that show progress."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from .options import DCGANOptions
from .precision import Precision


class DCGANTraining:
    """Generator, discriminator, their optimisers and their step (Radford 2015, Mirza 2014).

    With `--wrong_labels`, real pictures under a label that is not theirs are fakes to the discriminator too (Reed et
    al., ICML 2016, https://arxiv.org/abs/1605.05396). It sees none otherwise: only what the generator gets wrong.
    With `--lambda_class`, a classifier learns too, and pictures that it takes for another class cost the generator (see
    classifier.py).

    Args:
        options: those of `train.py dcgan`.
        device: where networks and images are.
    """

    def __init__(self, options: DCGANOptions, device: torch.device):
        self.options, self.device, self.precision = options, device, Precision(options.precision, device)
        source, root = (options.dataset, options.root) if options.dataset != "folder" else (options.root, ".")
        take = {"download": options.download, "max_images": options.max_images}
        with parallel.main_first():
            data = labelled_dataset(source, root, options.image_size, **take)
        if names := earlier_class_names(options):
            data = data.in_order_of(names)
        self.data = data.to(device)
        self.share = share_of_batch(len(data), options.batch_size, parallel.count())
        self.batch_size = self.share * parallel.count()
        self.batches_per_epoch = len(data) // self.batch_size
        self.num_classes = 0 if options.unconditional else len(data.class_names)
        for option in ("wrong_labels", "lambda_class"):
            if getattr(options, option) and self.num_classes < 2:
                raise DataError(f"--{option} needs two classes or more to choose from; here are {self.num_classes}")
        generator, discriminator = self.build(data.images.shape[1], data.class_names)
        self.networks: dict[str, nn.Module] = {"generator": generator, "discriminator": discriminator}
        if options.lambda_class:
            width = checkpoint.config_of(discriminator)["ndf"] // 2  # as real pictures are easy to tell apart
            depth = checkpoint.config_of(generator)["n_extra_layers"]
            self.networks["classifier"] = new_classifier(
                options.image_size, self.num_classes, max(1, width), depth, data.images.shape[1]
            )
        for network in self.networks.values():
            network.to(device).to(memory_format=torch.channels_last)
        self.optimizers = {name: adam(network, options) for name, network in self.networks.items()}
        self.ema = copy.deepcopy(generator) if options.ema else None
        if options.sync_batch_norm:
            parallel.synchronise(device, *self.networks.values())
        self.generator, self.discriminator = generator, discriminator
        # What a step calls for the sake of gradients; the networks themselves, in a single process.
        self.replicas = {name: parallel.replica(network) for name, network in self.networks.items()}
        # The same z in every column of every sample sheet, so that one sees how a picture develops.
        rows = max(1, self.num_classes)
        z = torch.randn(10, generator.z_dim, generator=torch.Generator().manual_seed(0))
        self.example_z = z.repeat(rows, 1).to(device)
        self.example_labels = torch.arange(rows, device=device).repeat_interleave(10)

    def build(self, channels: int, class_names: list[str]) -> tuple[DCGANGenerator, DCGANDiscriminator]:
        """New networks, or those of `--generator` and `--discriminator`, to go on with.

        Of a network that goes on, its own configuration counts, not the options.

        Raises:
            DataError: they were made for other pictures or classes.
        """
        options, size, classes = self.options, self.options.image_size, self.num_classes
        names = class_names if classes else None
        if options.generator:
            generator = checkpoint.load(DCGANGenerator, fetch(options.generator))
            self.expect("generator", generator, image_size=size, num_classes=classes, output_nc=channels)
            if names and generator.class_names != names:
                raise DataError(f"--generator writes {generator.class_names}; the classes of the data are {names}")
        else:
            generator = DCGANGenerator(
                size, classes, options.z_dim, options.ngf, options.n_extra_layers, channels, names
            )
        if options.discriminator:
            discriminator = checkpoint.load(DCGANDiscriminator, fetch(options.discriminator))
            self.expect("discriminator", discriminator, image_size=size, num_classes=classes, input_nc=channels)
        else:
            depth = checkpoint.config_of(generator)["n_extra_layers"]
            discriminator = DCGANDiscriminator(size, classes, options.ndf, depth, channels)
        return generator.train().requires_grad_(True), discriminator.train().requires_grad_(True)

    @staticmethod
    def expect(option: str, network: DCGANGenerator | DCGANDiscriminator, **facts: int) -> None:
        """Raises DataError unless the network of an option was made for what the data are."""
        config = checkpoint.config_of(network)
        for key, fact in facts.items():
            if config[key] != fact:
                raise DataError(f"--{option} has {key} {config[key]}; the data and options of this run ask for {fact}")

    @property
    def record(self) -> dict[str, Any]:
        """The options with what was really used: networks that go on have sizes of their own."""
        generator, discriminator = checkpoint.config_of(self.generator), checkpoint.config_of(self.discriminator)
        used = {name: generator[name] for name in ("z_dim", "ngf", "n_extra_layers")} | {"ndf": discriminator["ndf"]}
        return self.options.record() | used

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        """This process' shares of the (images, labels) batches of an epoch from batch `start` on.

        All shares together are the same for the same (seed, epoch).
        """
        source = torch.Generator().manual_seed(self.options.seed * 1_000_003 + epoch)
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
        loss = self.options.gan_loss
        z = torch.randn(len(images), self.generator.z_dim, device=self.device)
        with self.precision.autocast:
            fake = self.replicas["generator"](z, labels)
            judge = self.replicas["discriminator"]
            logits_real, logits_fake = judge(images, labels), judge(fake.detach(), labels)
            if self.options.wrong_labels:  # the matching-aware discriminator of Reed et al. 2016, section 4.2
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
        if self.options.lambda_class:
            with self.precision.autocast:
                guesses = self.replicas["classifier"](images)
            self.precision.descend(self.optimizers["classifier"], F.cross_entropy(guesses.float(), labels))
            with self.precision.autocast:
                loss_class = class_loss(self.networks["classifier"], fake, labels)
            report["loss_class"] = loss_class.detach()
            loss_g = loss_g + self.options.lambda_class * loss_class
        self.precision.descend(self.optimizers["generator"], loss_g)
        self.precision.update()
        parallel.average_statistics(*self.networks.values())
        if self.ema:
            update_average(self.ema, self.generator, self.options.ema)
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
        inputs = ((torch.randn(len(y), self.generator.z_dim, generator=noise).to(y.device), y) for y in labels)
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
        checkpoint.save(generator, folder, self.options.half, **facts)
        checkpoint.save(self.discriminator, folder / "discriminator", self.options.half)


def earlier_class_names(options: DCGANOptions) -> list[str] | None:
    """The classes of the generator that goes on, in its order: numbered ones were once sorted as words, 10 before 2."""
    source = options.output if options.resume else options.generator and fetch(options.generator)
    if not source or not (source / checkpoint.CONFIG).is_file():
        return None
    return checkpoint.read_config(source).get("class_names")
