"""What one step of pix2pix training is: networks, losses, data, and the pictures that show progress."""

import copy
import math
from collections.abc import Iterator
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from .. import checkpoint
from ..checkpoint.styles import styles_of_file
from ..data.frequent_colors import frequent_colors
from ..data.styled import Styled, built_in_styles
from ..imaging.sheets import grid, save_image
from ..imaging.style import COLOR
from ..networks import UNetGenerator
from ..networks.pix2pix import noise_planes
from ..networks.receptive_field import patch_arithmetic
from . import losses, parallel
from .adam import adam
from .augmentation import augmentation, in_turn, redrawing
from .average import update_average, with_fresh_statistics
from .build import build_networks
from .earlier import earlier_config
from .find_subject import find_subject
from .hints import beside_hints, knowing_patches, on_objects, tint_loss
from .options import Pix2PixOptions
from .paired import PairedBatches
from .perceptual import ImageNetView, Look, perceptual_loss
from .precision import Precision
from .projected import ProjectedDiscriminator, fooled_loss, heads_loss
from .quick import quicken
from .renorm import renormalise
from .teacher import Teacher
from .tones import with_matched_tones


class Pix2PixTraining(PairedBatches):
    """Generator, discriminator, their optimisers and their step (sections 3.1 to 3.3 of the paper).

    Args:
        options: those of `train.py pix2pix`.
        device: where the networks run.
    """

    def __init__(self, options: Pix2PixOptions, device: torch.device):
        self.options: Pix2PixOptions = options
        self.device, self.precision = device, Precision(options.precision, device)
        self.conditional = not options.unconditional
        self.generator, self.discriminator = build_networks(options)
        self.direction = options.direction
        self.input_nc, self.output_nc = self.generator.input_nc, self.generator.output_nc
        every = partial(self.pairs, options.phase, options.load_size, options.max_images, None)
        self.subject = find_subject(options, lambda: frequent_colors(every().files, options.direction))
        self.open_pairs(augmentation(options, self.subject), not options.no_flip)
        self.generator.to(device).to(memory_format=torch.channels_last)
        if options.settle:
            # In training, batch norm takes the statistics of a handful of pictures; in use, those of the whole
            # set. A generator that has never met these paints in false colours. So a short last run keeps them
            # fixed, without dropout: what is trained then is what is served.
            # A resumed run has them in its state. One that was settled before knows only its own: while its weights
            # changed, what they normalise drifted away from the true statistics.
            known = options.resume or checkpoint.is_settled(earlier_config(options))
            self.generator = (
                self.generator.eval() if known else with_fresh_statistics(self.generator, self.conditions(256))
            )
            parallel.average([b for b in self.generator.buffers() if b.is_floating_point()])
        self.discriminator.to(device).to(memory_format=torch.channels_last)
        self.optimizers = {"generator": adam(self.generator, options)}
        if options.gan_loss != "none":
            self.optimizers["discriminator"] = adam(self.discriminator, options)
        self.ema = copy.deepcopy(self.generator) if options.ema else None
        if options.batch_renorm:
            renormalise(self.generator)  # after the average was made, which is served and has plain batch norm
        if device.type == "cpu":
            quicken(self.generator, self.precision.dtype == torch.bfloat16)
        if options.sync_batch_norm:
            parallel.synchronise(device, self.generator, self.discriminator)
        self.networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        if options.lambda_projected:
            channels = self.generator.condition_nc if self.conditional else 0
            self.networks["projected"] = ProjectedDiscriminator(channels).to(device)
            self.optimizers["projected"] = adam(self.networks["projected"], options)
        # What a step calls for the sake of gradients; the networks themselves, in a single process.
        self.replicas = {name: parallel.replica(self.networks[name]) for name in self.optimizers}
        self.patches = patch_arithmetic(self.discriminator)[-1]
        self.view = ImageNetView(device) if options.lambda_perceptual else None
        self.teacher = None
        if options.teacher:
            self.teacher = Teacher(options.teacher, self.generator, options.line_width, device)
        self.examples = self.load_examples(8)
        if options.styles:
            styles_of_file(options.styles)  # what can't be read shows at once

    @property
    def record(self) -> dict[str, Any]:
        """The options with what was really used: networks that go on have sizes of their own."""
        generator, discriminator = checkpoint.config_of(self.generator), checkpoint.config_of(self.discriminator)
        sizes = ("input_nc", "output_nc", "num_downs", "ngf", "norm", "smooth", "noise_nc")
        used = {name: generator[name] for name in sizes} | {name: discriminator[name] for name in ("ndf", "n_layers")}
        used |= {"no_dropout": not generator["use_dropout"], "workers": self.workers}
        return self.options.record() | used

    def samples_seen(self, images: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of conditions and targets that hold so many images together, or a few more."""
        count = math.ceil(images / self.options.batch_size)
        return (self.seen(*batch) for batch in islice(self.batches(0, 0), count))

    def conditions(self, images: int) -> Iterator[tuple[Tensor]]:
        return ((condition,) for condition, _ in self.samples_seen(images))

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
        weight = knowing_patches(condition, self.patches) if self.options.color_hints else None
        report, read = {}, self.with_noise(condition)
        with self.precision.autocast:
            fake = self.replicas["generator"](read)
            if self.teacher:
                target = self.teacher(read)

        if "discriminator" in self.optimizers:
            with self.precision.autocast:  # .detach(): D learns to judge, and leaves G alone
                judge = partial(self.judge, self.replicas["discriminator"], condition)
                logits_fake, logits_real = judge(fake.detach()), judge(target)
            loss_d = losses.discriminator_loss(logits_real.float(), logits_fake.float(), self.options.gan_loss, weight)
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
            update_average(self.ema, self.generator, self.options.ema)
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
        options, terms = self.options, {}
        if "discriminator" in self.optimizers:
            # No `no_grad` and no `detach` here: the gradient has to flow through D into G. Only D's own
            # weights are left out, which saves their part of the backward pass. (So no replica: it would wait
            # for their gradients.)
            self.discriminator.requires_grad_(False)
            with self.precision.autocast:
                logits = self.judge(self.discriminator, condition, fake)
            self.discriminator.requires_grad_(True)
            terms["GAN"] = 1.0, losses.generator_loss(logits.float(), options.gan_loss, weight)
        if options.lambda_l1:
            distance = losses.RECONSTRUCTION_LOSSES[options.reconstruction]
            terms[options.reconstruction.upper()] = options.lambda_l1, distance(fake.float(), target)
        if look:
            terms["perceptual"] = options.lambda_perceptual, perceptual_loss(look)
        if look and "projected" in self.optimizers:
            heads = self.networks["projected"].requires_grad_(False)
            with self.precision.autocast:
                terms["projected"] = options.lambda_projected, fooled_loss(heads(look.painted, look.condition))
            heads.requires_grad_(True)
        if options.lambda_tint:
            where = on_objects(target) if options.style else beside_hints(condition)
            terms["tint"] = options.lambda_tint, tint_loss(where, fake.float(), target)
        return terms

    def served(self) -> UNetGenerator:
        """The generator to keep, in evaluation mode: the averaged one, where there is one."""
        if self.ema and not self.options.settle:  # settled, the average has these fixed statistics too
            network = with_fresh_statistics(self.ema, self.conditions(128))
        else:
            network = copy.deepcopy(self.ema or self.generator).eval()
        if self.options.match_tones:
            network = with_matched_tones(network, self.samples_seen(128))
        return network

    def load_examples(self, count: int) -> tuple[Tensor, Tensor]:
        """The first pairs of DATAROOT/val (or of the training set), unaugmented: (condition, target)."""
        options = self.options
        steps = redrawing(options, self.subject) + ([Styled(recolor=0, plain=1, noise=0)] if options.style else [])
        data = self.held_out(count, partial(in_turn, steps))
        pairs = [data[i, 0] for i in range(len(data))]
        return self.seen(*(torch.stack(images).to(self.device) for images in zip(*pairs, strict=True)))

    def as_seen(self, condition: Tensor) -> Tensor:
        """Conditions as people see them: (N, C, H, W) -> (N, input_nc, H, W)."""
        drawn = condition[:, : self.input_nc]
        if not (labels := self.subject and self.subject.labels):
            return drawn
        pixels = ((drawn + 1) * 127.5).round().byte().cpu().permute(0, 2, 3, 1).numpy()
        return torch.from_numpy(labels.as_seen(pixels)).permute(0, 3, 1, 2) / 127.5 - 1

    @torch.no_grad()
    def paint_examples(self, generator: UNetGenerator) -> Tensor:
        return torch.cat([generator(condition[None]) for condition in self.examples[0]])

    def samples(self, generator: UNetGenerator) -> Image.Image:
        """Rows of input, output and target of the example pairs."""
        condition, target = self.examples
        rows = self.as_seen(condition), self.paint_examples(generator), target
        return grid(torch.cat([row.expand(-1, 3, -1, -1) for row in rows]), columns=len(condition))

    def snapshot(self, generator: UNetGenerator, folder: Path, images_seen: int) -> None:
        """Small pictures of the examples at this point of training, for the timeline in the app."""
        rows = {f"images_{images_seen:07d}": self.paint_examples(generator)}
        if not (folder / "inputs.webp").exists():
            rows |= {"inputs": self.as_seen(self.examples[0]), "targets": self.examples[1]}
        for name, row in rows.items():
            save_image(grid(row, columns=len(row), side=128), folder / f"{name}.webp")

    @cached_property
    def styles(self) -> list[dict]:
        """The built-in styles: those of a file, of a teacher, or of pictures that it learns from, far apart."""
        if self.options.styles:
            return styles_of_file(self.options.styles)
        if self.teacher and self.teacher.styles:
            return self.teacher.styles
        return built_in_styles(self.pairs(self.options.phase, self.options.crop_size, None, None, flip=False))

    def save(self, generator: UNetGenerator, folder: Path, **facts) -> None:
        """Writes the checkpoint that the app serves."""
        if self.options.line_width:
            facts["line_width"] = self.options.line_width
        if self.options.style:
            facts["styles"] = self.styles
        if self.subject:
            facts["subject"] = self.subject.as_entry()
        checkpoint.save(generator, folder, self.options.half, **facts)
        if "discriminator" in self.optimizers:  # else it has learnt nothing
            checkpoint.save(self.discriminator, folder / "discriminator", self.options.half)
