"""Shows the inside of a pix2pix generator: its activations, its skip connections, and the effect of noise.

Every function takes a `Pix2PixPipeline` and a drawing (any PIL image or uint8 array), and returns PIL images, numpy
arrays or small dataclasses. All but `noise` run the networks as in use: batch norm with its running statistics, no
dropout. So the same drawing always gives the same result. The discriminator's verdict is in discriminator.py. Section
numbers are those of the paper, https://arxiv.org/abs/1611.07004.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ..errors import DataError
from ..pipelines import Pix2PixPipeline, network_thread
from ..pipelines.pix2pix import Drawing
from .colour_scale import GLOW, SIGNED, colour


def skip_sizes(pipe: Pix2PixPipeline) -> list[int]:
    """Side in cells of every skip connection's map, outermost level (0) first: 128, 64, ..., 2 for 256 pixels.

    The innermost level has no skip: its single pixel is the bottleneck itself.
    """
    return [pipe.image_size >> level for level in range(1, len(pipe.generator.down))]


def without_skips(pipe: Pix2PixPipeline, sketch: Drawing, levels: Iterable[int]) -> Image.Image:
    """Paints with some skip connections cut: the decoder reads zeros there (sections 3.2.1 and 4.3).

    Args:
        levels: the levels to cut, 0 (the outermost) to `len(skip_sizes(pipe)) - 1`. With none the result is
            `pipe(sketch)`; with all it is that of an encoder-decoder, though trained with skips.

    Raises:
        DataError: there is no such level.
    """
    levels, count = set(levels), len(skip_sizes(pipe))
    if wrong := sorted(levels - set(range(count))):
        raise DataError(f"no skip connection {wrong[0]}: {pipe.name} has levels 0 to {count - 1}")
    x = pipe.condition(sketch).tensor

    def paint() -> Image.Image:
        features = pipe.generator.encode(x)
        kept = [torch.zeros_like(f) if level in levels else f for level, f in enumerate(features)]
        return pipe.to_image(pipe.generator.decode(kept)[0])

    return network_thread.run(paint)


@dataclass(frozen=True)
class Activation:
    """The output of one level of the U.

    Attributes:
        branch: "down" for the encoder, "up" for the decoder.
        level: 0 is the outermost, as in `UNetGenerator.down` and `.up`.
        channels, height, width: size of the output.
        thumbnail: a mosaic of its strongest channels; for the outermost decoder level, the picture.
    """

    branch: str
    level: int
    channels: int
    height: int
    width: int
    thumbnail: Image.Image


def activation(branch: str, level: int, output: Tensor, thumbnail: Image.Image) -> Activation:
    _, channels, height, width = output.shape
    return Activation(branch, level, channels, height, width, thumbnail)


def activations(pipe: Pix2PixPipeline, sketch: Drawing) -> list[Activation]:
    """All levels in the order of computation: down the encoder, then up the decoder (section 6.1.1)."""
    x = pipe.condition(sketch).tensor

    def levels() -> tuple[list[Tensor], list[Tensor]]:
        features = pipe.generator.encode(x)
        return features, pipe.generator.decode(features)

    features, outputs = network_thread.run(levels)
    found = [activation("down", level, f, mosaic(f[0])) for level, f in enumerate(features)]
    for level, output in reversed(list(enumerate(outputs))):
        thumbnail = pipe.to_image(output) if level == 0 else mosaic(output[0])
        found.append(activation("up", level, output, thumbnail))
    return found


def mosaic(maps: Tensor, side: int = 4, tile: int = 64, gap: int = 2) -> Image.Image:
    """Shows the strongest channels of (C, H, W) as tiles, up to side * side: blue above zero, orange below.

    The strongest channels vary most over the picture, and each has its own scale. For maps of one pixel they are those
    farthest from zero, all on one scale.
    """
    maps = maps.float().cpu()
    strength = maps.flatten(1).std(1) if maps[0].numel() > 1 else maps.abs().flatten()
    side = min(side, int(len(maps) ** 0.5))
    maps = maps[strength.argsort(descending=True, stable=True)[: side * side]]
    if maps.shape[-1] > tile:  # averaged before colouring, because a mean of blue and orange is brown
        maps = nn.functional.adaptive_avg_pool2d(maps, tile)
    values = maps.numpy()
    axis = (1, 2) if values[0].size > 1 else None
    values = values / np.maximum(np.quantile(np.abs(values), 0.99, axis=axis, keepdims=True), 1e-6)
    length = side * (tile + gap) - gap
    sheet = Image.new("RGB", (length, length), (128, 128, 128))
    for place, channel in enumerate(colour(values, SIGNED, -1, 1)):
        image = Image.fromarray(channel).resize((tile, tile), Image.Resampling.NEAREST)
        sheet.paste(image, (place % side * (tile + gap), place // side * (tile + gap)))
    return sheet


@dataclass(frozen=True)
class Noise:
    """Several paintings of one drawing.

    Attributes:
        pictures: one for each seed.
        deviation: (S, S) floats: the standard deviation of each pixel over the pictures, mean of the three
            colours, in grey levels (0 to 255).
    """

    pictures: list[Image.Image]
    deviation: np.ndarray

    def heat_map(self) -> Image.Image:
        """The deviation as a heat map: the brightest colour is the largest deviation, or one grey level if all are
        smaller."""
        return Image.fromarray(colour(self.deviation, GLOW, 0, max(1.0, float(self.deviation.max()))))


def noise(pipe: Pix2PixPipeline, sketch: Drawing, seeds: Sequence[int]) -> Noise:
    """Paints the drawing once for each seed, with dropout on, as in the paper (sections 3.1 and 3.3).

    Raises:
        DataError: no seeds.
    """
    if not seeds:
        raise DataError("noise needs at least one seed")
    condition = pipe.condition(sketch)  # only once, because preparing a large drawing takes longer than painting
    pictures = [network_thread.run(pipe.paint, condition, seed) for seed in seeds]
    stack = np.stack([np.asarray(picture, dtype=np.float32) for picture in pictures])
    return Noise(pictures, stack.std(0).mean(-1))
