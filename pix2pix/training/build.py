"""The networks that a training begins with: new ones, or those of a checkpoint, which a style may be added to."""

from argparse import Namespace

import torch
from torch import Tensor

from .. import checkpoint
from ..checkpoint.fetch import fetch
from ..errors import DataError
from ..imaging.style import NUMBERS
from ..networks import PatchDiscriminator, UNetGenerator
from ..networks.receptive_field import patch_arithmetic


def build_networks(args: Namespace) -> tuple[UNetGenerator, PatchDiscriminator]:
    """New networks, or those of `--generator` and `--discriminator`, to go on with.

    `args` then says what these are, so that the checkpoint tells of the networks that were trained.

    Raises:
        DataError: they do not fit each other, the images, or other options.
    """
    style_dim = NUMBERS if args.style else 0
    if args.generator:
        generator = remodelled(checkpoint.load(UNetGenerator, fetch(args.generator)), style_dim, args)
        config = checkpoint.config_of(generator)
        args.no_dropout = not config.pop("use_dropout")
        vars(args).update(config)
    else:
        generator = UNetGenerator(
            args.input_nc,
            args.output_nc,
            args.num_downs,
            args.ngf,
            args.norm,
            not args.no_dropout,
            style_dim,
            args.smooth,
            args.noise_nc,
        )
    if not {args.input_nc, args.output_nc} <= {1, 3}:
        raise DataError(f"--generator turns {args.input_nc} channels into {args.output_nc}: expected 1 (grey) or 3")
    if args.color_hints and args.input_nc == 1:
        raise DataError("--color_hints needs a condition in colour, --input_nc 3")
    if args.lambda_perceptual and args.output_nc == 1:
        raise DataError("--lambda_perceptual needs pictures in colour, --output_nc 3")
    channels = args.output_nc if args.unconditional else args.input_nc + style_dim + args.output_nc
    if args.discriminator:
        discriminator = with_style(
            checkpoint.load(PatchDiscriminator, fetch(args.discriminator)), args.input_nc, channels
        )
        config = checkpoint.config_of(discriminator)
        args.ndf, args.n_layers = config["ndf"], config["n_layers"]
        if config["input_nc"] != channels:
            raise DataError(
                f"--discriminator reads {config['input_nc']} channels; the images of this run have {channels}"
            )
    else:
        discriminator = PatchDiscriminator(channels, args.ndf, args.n_layers, args.norm)
    if args.crop_size != generator.image_size:
        raise DataError(
            f"--crop_size is {args.crop_size}: a generator with --num_downs {args.num_downs} is made for "
            f"{generator.image_size} pixels, and serves at that size"
        )
    if patch_arithmetic(discriminator, args.crop_size)[-1].map_size < 1:
        raise DataError(f"--n_layers {args.n_layers} is too much for --crop_size {args.crop_size}: no patch fits")
    return generator.train().requires_grad_(True), discriminator.train().requires_grad_(True)


def with_inputs(weight: Tensor, at: int, channels: int, std: float = 0.002) -> Tensor:
    """A first convolution's weights (out, in, k, k) with `channels` inputs, the new ones from input `at` on.

    They start small, so that the network begins as it was.
    """
    new = std * torch.randn(len(weight), channels - weight.shape[1], *weight.shape[2:])
    return torch.cat([weight[:, :at], new, weight[:, at:]], 1)


def remodelled(generator: UNetGenerator, style_dim: int, args: Namespace) -> UNetGenerator:
    """The generator, with style, noise and smooth levels where it had none before.

    Raises:
        DataError: it has what the options leave out.
    """
    asked = {"style_dim": style_dim, "noise_nc": args.noise_nc, "smooth": args.smooth}
    config = checkpoint.config_of(generator)
    had = {key: config.get(key, 0) for key in asked}
    if had["style_dim"] not in (0, style_dim):
        raise DataError("--generator was trained otherwise: go on with --style")
    if had["noise_nc"] > args.noise_nc:
        raise DataError(f"--generator was trained otherwise: go on with --noise_nc {had['noise_nc']} or more")
    if had == asked:
        return generator
    config.update(asked)
    remodel, weights = UNetGenerator(**config), generator.state_dict()
    first = weights["down.0.0.weight"]
    with_style = with_inputs(first, generator.input_nc, first.shape[1] + style_dim - had["style_dim"])
    noise_from = remodel.condition_nc + had["noise_nc"]
    # Noise begins stronger: small weights of it hardly grow, as all losses but the adversarial ones are against it.
    weights["down.0.0.weight"] = with_inputs(with_style, noise_from, remodel.condition_nc + args.noise_nc, std=0.02)
    remodel.load_state_dict(weights)
    return remodel


def with_style(discriminator: PatchDiscriminator, input_nc: int, channels: int) -> PatchDiscriminator:
    """The discriminator, which sees a style too where it did not before: `channels` in all."""
    config = checkpoint.config_of(discriminator)
    if channels - config["input_nc"] != NUMBERS:
        return discriminator
    config["input_nc"] = channels
    wide, weights = PatchDiscriminator(**config), discriminator.state_dict()
    first = next(iter(weights))
    weights[first] = with_inputs(weights[first], input_nc, channels)
    wide.load_state_dict(weights)
    return wide
