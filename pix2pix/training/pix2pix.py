"""What one step of pix2pix training is: networks, losses, data, and the pictures that show progress."""

import copy
import math
from argparse import Namespace
from collections.abc import Iterator
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from .. import checkpoint
from ..checkpoint.styles import styles_of_file
from ..data.augment import ColorHints, DrawnByHand, redrawn
from ..data.pairs import Augmentation
from ..data.styled import Styled, built_in_styles
from ..imaging.sheets import grid, save_image
from ..imaging.style import COLOR
from ..networks import UNetGenerator
from ..networks.pix2pix import noise_planes
from ..networks.receptive_field import patch_arithmetic
from . import losses, parallel
from .adam import adam
from .average import update_average, with_fresh_statistics
from .build import build_networks
from .hints import beside_hints, knowing_patches, on_objects, tint_loss
from .paired import PairedBatches
from .perceptual import ImageNetView, Look, perceptual_loss
from .precision import Precision
from .projected import ProjectedDiscriminator, fooled_loss, heads_loss
from .quick import quicken
from .renorm import renormalise


class Pix2PixTraining(PairedBatches):
    """Generator, discriminator, their optimisers and their step (sections 3.1 to 3.3 of the paper).

    Args:
        args: the options of `train.py pix2pix`.
        device: where the networks run.
    """

    def __init__(self, args: Namespace, device: torch.device):
        self.args, self.device, self.precision = args, device, Precision(args.precision, device)
        self.conditional = not args.unconditional
        self.generator, self.discriminator = build_networks(args)
        self.open_pairs(augmentation(args), not args.no_flip)
        self.generator.to(device).to(memory_format=torch.channels_last)
        if args.settle:
            # In training, batch norm takes the statistics of a handful of pictures; in use, those of the whole
            # set. A generator that has never met these paints in false colours. So a short last run keeps them
            # fixed, without dropout: what is trained then is what is served.
            # A resumed run has them in its state.
            self.generator = (
                self.generator.eval() if args.resume else with_fresh_statistics(self.generator, self.conditions(256))
            )
            parallel.average([b for b in self.generator.buffers() if b.is_floating_point()])
        self.discriminator.to(device).to(memory_format=torch.channels_last)
        self.optimizers = {"generator": adam(self.generator, args)}
        if args.gan_loss != "none":
            self.optimizers["discriminator"] = adam(self.discriminator, args)
        self.ema = copy.deepcopy(self.generator) if args.ema else None
        if args.batch_renorm:
            renormalise(self.generator)  # after the average was made, which is served and has plain batch norm
        if device.type == "cpu":
            quicken(self.generator, self.precision.dtype == torch.bfloat16)
        if args.sync_batch_norm:
            parallel.synchronise(device, self.generator, self.discriminator)
        self.networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        if args.lambda_projected:
            channels = self.generator.condition_nc if self.conditional else 0
            self.networks["projected"] = ProjectedDiscriminator(channels).to(device)
            self.optimizers["projected"] = adam(self.networks["projected"], args)
        # What a step calls for the sake of gradients; the networks themselves, in a single process.
        self.replicas = {name: parallel.replica(self.networks[name]) for name in self.optimizers}
        self.patches = patch_arithmetic(self.discriminator)[-1]
        self.view = ImageNetView(device) if args.lambda_perceptual else None
        self.examples = self.load_examples(8)
        if args.styles:
            styles_of_file(args.styles)  # what can't be read shows at once

    def conditions(self, images: int) -> Iterator[tuple[Tensor]]:
        """Batches of conditions that hold so many images together, or a few more."""
        count = math.ceil(images / self.args.batch_size)
        return ((self.seen(*batch)[0],) for batch in islice(self.batches(0, 0), count))

    def seen(self, condition: Tensor, target: Tensor, *style: Tensor) -> tuple[Tensor, Tensor]:
        """What the networks read beside the picture, and the picture: a style goes behind the condition as planes."""
        if not style:
            return condition, target
        numbers, colors = style
        rest = numbers[:, COLOR.stop :, None, None].expand(-1, -1, *condition.shape[2:])
        return self.generator.with_style(condition, torch.cat([colors, rest], 1)), target

    def with_noise(self, condition: Tensor) -> Tensor:
        """New noise behind the condition, for a generator that reads some: it must not learn the fixed one by heart."""
        count = self.generator.noise_nc
        if not count:
            return condition
        noise = noise_planes(len(condition), count, *condition.shape[2:], device=condition.device)
        return self.generator.with_noise(condition, noise)

    def judge(self, discriminator: nn.Module, condition: Tensor, picture: Tensor) -> Tensor:
        """Logits of the discriminator, which sees the condition too unless it is unconditional."""
        return discriminator(torch.cat([condition, picture], 1) if self.conditional else picture)

    def step(self, batch: list[Tensor]) -> dict[str, Tensor]:
        """One gradient step of D, then one of G, as in the paper (section 3.3). Returns the losses, detached."""
        condition, target = self.seen(*batch)
        weight = knowing_patches(condition, self.patches) if self.args.color_hints else None
        report = {}
        with self.precision.autocast:
            fake = self.replicas["generator"](self.with_noise(condition))

        if "discriminator" in self.optimizers:
            with self.precision.autocast:  # .detach(): D learns to judge, and leaves G alone
                judge = partial(self.judge, self.replicas["discriminator"], condition)
                logits_fake, logits_real = judge(fake.detach()), judge(target)
            loss_d = losses.discriminator_loss(logits_real.float(), logits_fake.float(), self.args.gan_loss, weight)
            self.precision.descend(self.optimizers["discriminator"], loss_d)
            report["loss_D"] = loss_d.detach()

        look = None
        if self.view:
            with self.precision.autocast:
                look = self.view(fake, target, condition)
        if look and "projected" in self.optimizers:
            report["loss_D_projected"] = self.projected_step(look)

        terms = self.generator_terms(condition, fake, target, weight, look)
        self.precision.descend(
            self.optimizers["generator"], losses.total(factor * loss for factor, loss in terms.values())
        )
        report |= {f"loss_G_{name}": loss.detach() for name, (_, loss) in terms.items()}

        self.precision.update()
        parallel.average_statistics(self.generator, self.discriminator)
        if self.ema:
            update_average(self.ema, self.generator, self.args.ema)
        return report

    def projected_step(self, look: Look) -> Tensor:
        """One gradient step of the heads that judge features. Returns their loss, detached."""
        heads = self.replicas["projected"]
        with self.precision.autocast:
            pairs = zip(look.target, look.painted, strict=True)
            both = [torch.cat([real, painted.detach()]) for real, painted in pairs]
            # In one pass: spectral normalisation changes its estimate with each.
            judged = heads(both, torch.cat([look.condition] * 2))
        halves = [logits.chunk(2) for logits in judged]
        loss = heads_loss([real for real, _ in halves], [fake for _, fake in halves])
        self.precision.descend(self.optimizers["projected"], loss)
        return loss.detach()

    def generator_terms(
        self, condition: Tensor, fake: Tensor, target: Tensor, weight: Tensor | None, look: Look | None
    ) -> dict[str, tuple[float, Tensor]]:
        """What G's loss is the sum of: name -> (factor, loss). In the paper GAN + 100 L1; the others are options."""
        args, terms = self.args, {}
        if "discriminator" in self.optimizers:
            # No `no_grad` and no `detach` here: the gradient has to flow through D into G. Only D's own
            # weights are left out, which saves their part of the backward pass. (So no replica: it would wait
            # for their gradients.)
            self.discriminator.requires_grad_(False)
            with self.precision.autocast:
                logits = self.judge(self.discriminator, condition, fake)
            self.discriminator.requires_grad_(True)
            terms["GAN"] = 1.0, losses.generator_loss(logits.float(), args.gan_loss, weight)
        if args.lambda_l1:
            distance = losses.RECONSTRUCTION_LOSSES[args.reconstruction]
            terms[args.reconstruction.upper()] = args.lambda_l1, distance(fake.float(), target)
        if look:
            terms["perceptual"] = args.lambda_perceptual, perceptual_loss(look)
        if look and "projected" in self.optimizers:
            heads = self.networks["projected"].requires_grad_(False)
            with self.precision.autocast:
                terms["projected"] = args.lambda_projected, fooled_loss(heads(look.painted, look.condition))
            heads.requires_grad_(True)
        if args.lambda_tint:
            where = on_objects(target) if args.style else beside_hints(condition)
            terms["tint"] = args.lambda_tint, tint_loss(where, fake.float(), target)
        return terms

    def served(self) -> UNetGenerator:
        """The generator to keep, in evaluation mode: the averaged one, where there is one."""
        if not self.ema:
            return copy.deepcopy(self.generator).eval()
        if self.args.settle:  # the average has these fixed statistics too
            return copy.deepcopy(self.ema).eval()
        return with_fresh_statistics(self.ema, self.conditions(128))

    def load_examples(self, count: int) -> tuple[Tensor, Tensor]:
        """The first pairs of DATAROOT/val (or of the training set), unaugmented: (condition, target)."""
        args = self.args
        steps = redrawing(args) + ([Styled(recolor=0, plain=1, noise=0)] if args.style else [])
        data = self.held_out(count, partial(in_turn, steps))
        pairs = [data[i, 0] for i in range(len(data))]
        return self.seen(*(torch.stack(images).to(self.device) for images in zip(*pairs, strict=True)))

    @torch.no_grad()
    def paint_examples(self, generator: UNetGenerator) -> Tensor:
        return torch.cat([generator(condition[None]) for condition in self.examples[0]])

    def samples(self, generator: UNetGenerator) -> Image.Image:
        """Rows of input, output and target of the example pairs."""
        condition, target = self.examples
        rows = condition[:, : self.args.input_nc], self.paint_examples(generator), target
        return grid(torch.cat([row.expand(-1, 3, -1, -1) for row in rows]), columns=len(condition))

    def snapshot(self, generator: UNetGenerator, folder: Path, images_seen: int) -> None:
        """Small pictures of the examples at this point of training, for the timeline in the app."""
        rows = {f"images_{images_seen:07d}": self.paint_examples(generator)}
        if not (folder / "inputs.webp").exists():
            rows |= {"inputs": self.examples[0][:, : self.args.input_nc], "targets": self.examples[1]}
        for name, row in rows.items():
            save_image(grid(row, columns=len(row), side=128), folder / f"{name}.webp")

    @cached_property
    def styles(self) -> list[dict]:
        """The built-in styles: those of a file, or of pictures that it learns from, far apart."""
        if self.args.styles:
            return styles_of_file(self.args.styles)
        return built_in_styles(self.pairs(self.args.phase, self.args.crop_size, None, None, flip=False))

    def save(self, generator: UNetGenerator, folder: Path, **facts) -> None:
        """Writes the checkpoint that the app serves."""
        if self.args.line_width:
            facts["line_width"] = self.args.line_width
        if self.args.style:
            facts["styles"] = self.styles
        checkpoint.save(generator, folder, self.args.half, **facts)
        if "discriminator" in self.optimizers:  # else it has learnt nothing
            checkpoint.save(self.discriminator, folder / "discriminator", self.args.half)


def redrawing(args: Namespace) -> list[Augmentation]:
    return [partial(redrawn, width=args.line_width)] if args.line_width else []


def augmentation(args: Namespace) -> Augmentation | None:
    steps = redrawing(args)
    if args.drawn_by_hand:
        steps.insert(0, DrawnByHand(crossed=0.2))
    if args.color_hints:
        steps.append(ColorHints())
    if args.style:
        steps.append(Styled())
    return partial(in_turn, steps) if steps else None


def in_turn(steps: list[Augmentation], *sample: Tensor) -> tuple[Tensor, ...]:
    for step in steps:
        sample = step(*sample)
    return sample
