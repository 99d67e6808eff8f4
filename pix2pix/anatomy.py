"""A look inside a pix2pix pipeline: what its networks see, carry and ignore.

Every function takes a `Pix2PixPipeline` and a drawing (what the pipeline takes: any PIL image or uint8
array) and returns PIL images, numpy arrays or small dataclasses. All but `noise` run the networks as
they are served: batch norm with the statistics gathered in training, no dropout, so the same drawing
always gives the same answer. Section numbers are those of the paper, https://arxiv.org/abs/1611.07004.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .errors import CheckpointError, DataError
from .networks import PatchDiscriminator
from .pipelines import Pix2PixPipeline

# Colours at -1, 0 and 1, apart in lightness and hue, so that they differ for colour-blind eyes too.
SIGNED = ((194, 79, 22), (246, 244, 240), (24, 92, 158))
GLOW = ((12, 12, 30), (110, 32, 110), (226, 88, 62), (252, 202, 110), (255, 252, 224))  # from 0 to 1


def colour(values: np.ndarray, palette: Sequence[tuple[int, int, int]], low: float, high: float) -> np.ndarray:
    """Values of any shape -> uint8 colours (..., 3); `low` takes the first of the palette, `high` the last."""
    stops = np.linspace(low, high, len(palette))
    channels = [np.interp(values, stops, channel) for channel in zip(*palette, strict=True)]
    return np.stack(channels, -1).round().astype(np.uint8)


def sigmoid(logits: np.ndarray | float) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(logits, dtype=float)))  # the form that never overflows


# ---- the discriminator ----------------------------------------------------------------------------


@dataclass(frozen=True)
class PatchLayer:
    """One convolution of a discriminator, and what a cell of its output has seen of the image.

    Cell (x, y) of the output has seen the square of side `receptive_field` whose left upper corner lies
    at (start + x * jump, start + y * jump) pixels; a negative corner lies in the padding.
    """

    name: str  # C64: a convolution with 64 filters, as section 6.1 writes it
    kernel: int
    stride: int
    receptive_field: int  # pixels
    jump: int  # pixels between neighbouring cells
    start: int  # pixels
    map_size: int  # cells a side


def patch_arithmetic(discriminator: PatchDiscriminator, image_size: int = 256) -> list[PatchLayer]:
    """How the patch grows from layer to layer (sections 3.2.2 and 6.1.2), the first layer first.

    A convolution widens the patch by (kernel - 1) steps of the map it reads, and a stride makes the
    steps of all later maps longer. The last row's `receptive_field` is the patch: 70 for `n_layers=3`.
    """
    rows, field, jump, start, size = [], 1, 1, 0, image_size
    for conv in discriminator.modules():
        if isinstance(conv, nn.Conv2d):
            kernel, stride, padding = conv.kernel_size[0], conv.stride[0], conv.padding[0]
            field += (kernel - 1) * jump
            start -= padding * jump
            jump *= stride
            size = (size + 2 * padding - kernel) // stride + 1
            rows.append(PatchLayer(f"C{conv.out_channels}", kernel, stride, field, jump, start, size))
    return rows


@dataclass(frozen=True)
class PatchVerdict:
    """What the discriminator says of every patch of a painted picture.

    Attributes:
        condition, picture: the RGB images that it compared.
        logits: (rows, columns) floats, 30x30 for 256 pixels and 70-pixel patches; above 0 means "real".
        layer: the geometry of the last layer.
    """

    condition: Image.Image
    picture: Image.Image
    logits: np.ndarray
    layer: PatchLayer

    @property
    def probabilities(self) -> np.ndarray:
        """(rows, columns) in [0, 1]: how probable the discriminator finds it that the patch is a real photo's."""
        return sigmoid(self.logits)

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest logit of the colour scale.

        The scale follows the picture, for a discriminator that won the game calls everything painted, but
        it is never narrower than one logit, so that mere rounding doesn't look like a pattern.
        """
        low, high = float(self.logits.min()), float(self.logits.max())
        slack = max(0.0, 1 - (high - low)) / 2
        return low - slack, high + slack

    def box(self, column: int, row: int) -> tuple[int, int, int, int]:
        """The patch of a cell: (left, top, right, bottom) in pixels, right and bottom exclusive, inside the image.

        Raises:
            DataError: there is no such cell.
        """
        rows, columns = self.logits.shape
        if not (0 <= column < columns and 0 <= row < rows):
            raise DataError(f"no cell ({column}, {row}): columns go from 0 to {columns - 1}, rows from 0 to {rows - 1}")
        corner = [self.layer.start + cell * self.layer.jump for cell in (column, row)]
        far = [edge + self.layer.receptive_field for edge in corner]
        return tuple(min(max(edge, 0), self.picture.width) for edge in corner + far)

    def heat_map(self, opacity: float = 0.65) -> Image.Image:
        """The picture under its verdict: one square a cell, orange the least and blue the most convincing.

        A square stands in the middle of its patch and is as large as the step to the next one, so a thin
        frame, where no patch has its middle, stays bare.
        """
        low, high = self.limits
        jump, (rows, columns) = self.layer.jump, self.logits.shape
        heat = Image.fromarray(colour(self.logits, SIGNED, low, high))
        heat = heat.resize((columns * jump, rows * jump), Image.Resampling.NEAREST)
        corner = self.layer.start + (self.layer.receptive_field - jump) // 2
        overlay = self.picture.copy()
        overlay.paste(heat, (corner, corner))
        return Image.blend(self.picture, overlay, opacity)


@torch.inference_mode()
def patch_verdict(pipe: Pix2PixPipeline, sketch: Image.Image | np.ndarray) -> PatchVerdict:
    """Lets the pipeline paint the drawing and its discriminator judge the picture (section 3.2.2).

    Raises:
        CheckpointError: the checkpoint has no discriminator.
    """
    discriminator = pipe.discriminator
    if discriminator is None:
        raise CheckpointError(f"{pipe.name} has no discriminator: its folder needs discriminator/ beside config.json")
    condition = pipe.prepare(sketch)
    x = pipe.to_tensor(condition)
    with pipe.lock:
        discriminator.eval()
        y = pipe.generator(x)
        layers = patch_arithmetic(discriminator, pipe.image_size)
        sees_condition = discriminator.layers[0].in_channels > y.shape[1]
        logits = discriminator(torch.cat([x, y], 1) if sees_condition else y)
    return PatchVerdict(condition, pipe.to_image(y), logits[0, 0].float().cpu().numpy(), layers[-1])


# ---- the generator --------------------------------------------------------------------------------


def skip_sizes(pipe: Pix2PixPipeline) -> list[int]:
    """Side in cells of every skip connection's map, outermost level (0) first: 128, 64, ..., 2 for 256 pixels.

    The innermost level has no skip: its single pixel is the bottleneck itself.
    """
    return [pipe.image_size >> level for level in range(1, len(pipe.generator.down))]


@torch.inference_mode()
def without_skips(pipe: Pix2PixPipeline, sketch: Image.Image | np.ndarray, levels: Iterable[int]) -> Image.Image:
    """Paints with some skip connections cut: the decoder reads zeros there (sections 3.2.1 and 4.3).

    Args:
        levels: the levels to cut, 0 (the outermost) to `len(skip_sizes(pipe)) - 1`. None cut is `pipe(sketch)`;
            all cut is an encoder-decoder, though one that was trained with its skips.

    Raises:
        DataError: there is no such level.
    """
    levels, count = set(levels), len(skip_sizes(pipe))
    if wrong := sorted(levels - set(range(count))):
        raise DataError(f"no skip connection {wrong[0]}: {pipe.name} has levels 0 to {count - 1}")
    x = pipe.to_tensor(pipe.prepare(sketch))
    with pipe.lock:
        features = pipe.generator.encode(x)
        kept = [torch.zeros_like(f) if level in levels else f for level, f in enumerate(features)]
        y = pipe.generator.decode(kept)[0]
    return pipe.to_image(y)


@dataclass(frozen=True)
class Activation:
    """The output of one level of the U.

    Attributes:
        branch: "down" for the encoder, "up" for the decoder.
        level: 0 is the outermost, as in `UNetGenerator.down` and `.up`.
        channels, height, width: size of the output.
        thumbnail: a mosaic of its strongest channels; of the outermost decoder level, the picture.
    """

    branch: str
    level: int
    channels: int
    height: int
    width: int
    thumbnail: Image.Image


@torch.inference_mode()
def activations(pipe: Pix2PixPipeline, sketch: Image.Image | np.ndarray) -> list[Activation]:
    """All levels in the order of computation: down the encoder, then up the decoder (section 6.1.1)."""
    x = pipe.to_tensor(pipe.prepare(sketch))
    with pipe.lock:
        features = pipe.generator.encode(x)
        outputs = pipe.generator.decode(features)
    found = [Activation("down", level, *f.shape[1:], mosaic(f[0])) for level, f in enumerate(features)]
    for level, output in reversed(list(enumerate(outputs))):
        thumbnail = pipe.to_image(output) if level == 0 else mosaic(output[0])
        found.append(Activation("up", level, *output.shape[1:], thumbnail))
    return found


def mosaic(maps: Tensor, side: int = 4, tile: int = 64, gap: int = 2) -> Image.Image:
    """(C, H, W) -> the up to side * side strongest channels as tiles: blue above zero, orange below.

    The strongest are those that vary most over the picture, each on a scale of its own; or, of one-pixel
    maps, those farthest from zero, all on one scale.
    """
    maps = maps.float().cpu()
    strength = maps.flatten(1).std(1) if maps[0].numel() > 1 else maps.abs().flatten()
    side = min(side, int(len(maps) ** 0.5))
    maps = maps[strength.argsort(descending=True, stable=True)[: side * side]]
    if maps.shape[-1] > tile:  # averaged before they are coloured: a mean of blue and orange would be mud
        maps = nn.functional.adaptive_avg_pool2d(maps, tile)
    values = maps.numpy()
    axis = (1, 2) if values[0].size > 1 else None
    values = values / np.maximum(np.quantile(np.abs(values), 0.99, axis=axis, keepdims=True), 1e-6)
    sheet = Image.new("RGB", (side * (tile + gap) - gap,) * 2, (128, 128, 128))
    for place, channel in enumerate(colour(values, SIGNED, -1, 1)):
        image = Image.fromarray(channel).resize((tile, tile), Image.Resampling.NEAREST)
        sheet.paste(image, (place % side * (tile + gap), place // side * (tile + gap)))
    return sheet


@dataclass(frozen=True)
class Noise:
    """Several paintings of one drawing.

    Attributes:
        pictures: one a seed.
        deviation: (S, S) floats: the standard deviation of each pixel over the pictures, mean of the three
            colours, in grey levels (0 to 255).
    """

    pictures: list[Image.Image]
    deviation: np.ndarray

    def heat_map(self) -> Image.Image:
        """The deviation as light in the dark; white is the greatest, though never less than one grey level."""
        return Image.fromarray(colour(self.deviation, GLOW, 0, max(1.0, float(self.deviation.max()))))


def noise(pipe: Pix2PixPipeline, sketch: Image.Image | np.ndarray, seeds: Sequence[int]) -> Noise:
    """Paints the drawing once a seed, in the paper's way (sections 3.1 and 3.3): dropout stays on.

    Raises:
        DataError: no seeds.
    """
    if not seeds:
        raise DataError("noise needs at least one seed")
    pictures = [pipe(sketch, seed=seed) for seed in seeds]
    stack = np.stack([np.asarray(picture, dtype=np.float32) for picture in pictures])
    return Noise(pictures, stack.std(0).mean(-1))


# ---- the training ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Timeline:
    """The same few outlines, painted again and again while the generator learned.

    Attributes:
        inputs, targets: rows of outlines and of the real photos, or None where the checkpoint has none.
        snapshots: (images seen, row of paintings), in the order of training.
    """

    inputs: Image.Image | None
    targets: Image.Image | None
    snapshots: list[tuple[int, Image.Image]]


def timeline(pipe: Pix2PixPipeline) -> Timeline:
    """Reads `<checkpoint>/snapshots/images_<images seen>.webp`, `inputs.webp` and `targets.webp`.

    A checkpoint without snapshots has an empty timeline.

    Raises:
        DataError: a snapshot is damaged.
    """
    folder = (pipe.folder or Path()) / "snapshots"
    if pipe.folder is None or not folder.is_dir():
        return Timeline(None, None, [])
    named = [(re.fullmatch(r"images_(\d+)", path.stem), path) for path in folder.glob("images_*.webp")]
    seen = sorted((int(match[1]), path) for match, path in named if match)
    rows = [folder / f"{name}.webp" for name in ("inputs", "targets")]
    inputs, targets = (open_row(path) if path.exists() else None for path in rows)
    return Timeline(inputs, targets, [(count, open_row(path)) for count, path in seen])


def open_row(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except OSError as error:
        raise DataError(f"{path} is not a readable image; delete it or train again") from error
