"""The networks that a training begins with: new ones, or those of a checkpoint, which a style may be added to."""

import torch
from torch import Tensor

from .. import checkpoint
from ..checkpoint.fetch import fetch
from ..errors import DataError
from ..imaging.style import NUMBERS
from ..networks import PatchDiscriminator, UNetGenerator
from ..networks.receptive_field import patch_arithmetic
from .options import Pix2PixOptions


def build_networks(options: Pix2PixOptions) -> tuple[UNetGenerator, PatchDiscriminator]:
    """New networks, or those of `--generator` and `--discriminator`, to go on with.

    Of a network that goes on, its own configuration counts, not the options.

    Raises:
        DataError: they do not fit each other, the images, or other options.
    """
    generator = build_generator(options)
    made = checkpoint.config_of(generator)
    input_nc, output_nc = made["input_nc"], made["output_nc"]
    if not {input_nc, output_nc} <= {1, 3}:
        raise DataError(f"--generator turns {input_nc} channels into {output_nc}: expected 1 (grey) or 3")
    if options.color_hints and input_nc == 1:
        raise DataError("--color_hints needs a condition in colour, --input_nc 3")
    if options.lambda_perceptual and output_nc == 1:
        raise DataError("--lambda_perceptual needs pictures in colour, --output_nc 3")
    discriminator = build_discriminator(options, made)
    if options.crop_size != generator.image_size:
        raise DataError(
            f"--crop_size is {options.crop_size}: a generator with --num_downs {made['num_downs']} is made for "
            f"{generator.image_size} pixels, and serves at that size: give "
            f"--crop_size {generator.image_size}, or another {'--generator' if options.generator else '--num_downs'}"
        )
    if patch_arithmetic(discriminator, options.crop_size)[-1].map_size < 1:
        n_layers = checkpoint.config_of(discriminator)["n_layers"]
        raise DataError(f"--n_layers {n_layers} is too much for --crop_size {options.crop_size}: no patch fits")
    return generator.train().requires_grad_(True), discriminator.train().requires_grad_(True)


def build_generator(options: Pix2PixOptions) -> UNetGenerator:
    style_dim = NUMBERS if options.style else 0
    if options.generator:
        return remodelled(checkpoint.load(UNetGenerator, fetch(options.generator)), style_dim, options)
    return UNetGenerator(
        options.input_nc,
        options.output_nc,
        options.num_downs,
        options.ngf,
        options.norm,
        not options.no_dropout,
        style_dim,
        options.smooth,
        options.noise_nc,
    )


def build_discriminator(options: Pix2PixOptions, generator: dict) -> PatchDiscriminator:
    """One that fits the configuration of a generator."""
    channels = generator["output_nc"]
    if not options.unconditional:
        channels += generator["input_nc"] + generator["style_dim"]
    if not options.discriminator:
        return PatchDiscriminator(channels, options.ndf, options.n_layers, generator["norm"])
    loaded = checkpoint.load(PatchDiscriminator, fetch(options.discriminator))
    discriminator = with_style(loaded, generator["input_nc"], channels)
    has = checkpoint.config_of(discriminator)["input_nc"]
    if has != channels:
        raise DataError(f"--discriminator reads {has} channels; the images of this run have {channels}")
    return discriminator


def with_inputs(weight: Tensor, at: int, channels: int, std: float = 0.002) -> Tensor:
    """A first convolution's weights (out, in, k, k) with `channels` inputs: new ones, or fewer, from input `at` on.

    New ones start small, so that the network begins as it was.
    """
    if channels < weight.shape[1]:
        return torch.cat([weight[:, :at], weight[:, at + weight.shape[1] - channels :]], 1)
    new = std * torch.randn(len(weight), channels - weight.shape[1], *weight.shape[2:])
    return torch.cat([weight[:, :at], new, weight[:, at:]], 1)


def remodelled(generator: UNetGenerator, style_dim: int, options: Pix2PixOptions) -> UNetGenerator:
    """The generator, with style, noise and smooth levels where it had none before, and without style if none is asked.

    Raises:
        DataError: it has noise that the options leave out.
    """
    asked = {"style_dim": style_dim, "noise_nc": options.noise_nc, "smooth": options.smooth}
    config = checkpoint.config_of(generator)
    had = {key: config.get(key, 0) for key in asked}
    if had["noise_nc"] > options.noise_nc:
        raise DataError(f"--generator was trained otherwise: go on with --noise_nc {had['noise_nc']} or more")
    if had == asked:
        return generator
    config.update(asked)
    remodel, weights = UNetGenerator(**config), generator.state_dict()
    first = weights["down.0.0.weight"]
    with_style = with_inputs(first, generator.input_nc, first.shape[1] + style_dim - had["style_dim"])
    noise_from = remodel.condition_nc + had["noise_nc"]
    # Noise begins stronger: small weights of it hardly grow, as all losses but the adversarial ones are against it.
    weights["down.0.0.weight"] = with_inputs(with_style, noise_from, remodel.condition_nc + options.noise_nc, std=0.02)
    remodel.load_state_dict(weights)
    return remodel


def with_style(discriminator: PatchDiscriminator, input_nc: int, channels: int) -> PatchDiscriminator:
    """The discriminator, which sees a style where it did not before, or the other way: `channels` in all."""
    config = checkpoint.config_of(discriminator)
    if abs(channels - config["input_nc"]) != NUMBERS:
        return discriminator
    config["input_nc"] = channels
    wide, weights = PatchDiscriminator(**config), discriminator.state_dict()
    first = next(iter(weights))
    weights[first] = with_inputs(weights[first], input_nc, channels)
    wide.load_state_dict(weights)
    return wide
