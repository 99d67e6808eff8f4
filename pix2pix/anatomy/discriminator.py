"""The discriminator's verdict on every patch of a picture.

Section numbers are those of the paper, https://arxiv.org/abs/1611.07004.
"""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from ..errors import CheckpointError, DataError
from ..networks.receptive_field import PatchLayer, patch_arithmetic
from ..pipelines import Pix2PixPipeline, network_thread
from ..pipelines.common import as_in_training
from ..pipelines.pix2pix import Drawing
from .colour_scale import SIGNED, colour


def sigmoid(logits: np.ndarray | float) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(logits, dtype=float)))  # the form that never overflows


@dataclass(frozen=True)
class PatchVerdict:
    """The discriminator's verdict on every patch of a painted picture.

    Attributes:
        condition, picture: the RGB images that it read.
        logits: (rows, columns) floats, 30x30 for 256 pixels and 70-pixel patches; above 0 means "real".
        layer: the geometry of the last layer.
    """

    condition: Image.Image
    picture: Image.Image
    logits: np.ndarray
    layer: PatchLayer

    @property
    def probabilities(self) -> np.ndarray:
        """(rows, columns) in [0, 1]: the probability that the patch is real, as the discriminator sees it."""
        return sigmoid(self.logits)

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest logit of the colour scale.

        The scale is fitted to the picture, because a strong discriminator calls every patch painted. It is at least one
        logit wide, so that rounding errors don't look like a pattern.
        """
        low, high = float(self.logits.min()), float(self.logits.max())
        slack = max(0.0, 1 - (high - low)) / 2
        return low - slack, high + slack

    def box(self, column: int, row: int) -> tuple[int, int, int, int]:
        """The patch of a cell, cut at the image's edges: (left, top, right, bottom) in pixels, right and bottom
        exclusive.

        Raises:
            DataError: there is no such cell.
        """
        rows, columns = self.logits.shape
        if not (0 <= column < columns and 0 <= row < rows):
            raise DataError(f"no cell ({column}, {row}): columns go from 0 to {columns - 1}, rows from 0 to {rows - 1}")
        side = self.layer.receptive_field
        left, top = (self.layer.start + cell * self.layer.jump for cell in (column, row))
        left, top, right, bottom = (
            min(max(edge, 0), self.picture.width) for edge in (left, top, left + side, top + side)
        )
        return left, top, right, bottom

    def heat_map(self, opacity: float = 0.65) -> Image.Image:
        """The picture under its verdict: one square for each cell, orange the least and blue the most convincing.

        A square lies in the middle of its patch and is as large as the step to the next patch. So a thin frame of the
        picture has no squares.
        """
        low, high = self.limits
        jump, (rows, columns) = self.layer.jump, self.logits.shape
        heat = Image.fromarray(colour(self.logits, SIGNED, low, high))
        heat = heat.resize((columns * jump, rows * jump), Image.Resampling.NEAREST)
        corner = self.layer.start + (self.layer.receptive_field - jump) // 2
        overlay = self.picture.copy()
        overlay.paste(heat, (corner, corner))
        return Image.blend(self.picture, overlay, opacity)


def patch_verdict(pipe: Pix2PixPipeline, sketch: Drawing) -> PatchVerdict:
    """Paints the drawing, and lets the discriminator judge the picture (section 3.2.2).

    The discriminator runs as in training: batch norm uses the statistics of this one picture. Its running statistics
    mix painted and real pictures; with them it would hardly tell the two apart.

    Raises:
        CheckpointError: the checkpoint has no discriminator.
    """
    discriminator = pipe.discriminator
    if discriminator is None:
        raise CheckpointError(f"{pipe.name} has no discriminator: its folder needs discriminator/ beside config.json")
    condition = pipe.condition(sketch)
    layers = patch_arithmetic(discriminator, pipe.image_size)
    sees_condition = discriminator.input_nc > pipe.output_nc

    def judge() -> tuple[Image.Image, np.ndarray]:
        x = condition.tensor
        y = pipe.generator(x)
        pair = torch.cat([x[:, : pipe.generator.condition_nc], y], 1)  # without noise
        logits = as_in_training(discriminator, pair if sees_condition else y)
        return pipe.to_image(y), logits[0, 0].float().cpu().numpy()

    picture, logits = network_thread.run(judge)
    return PatchVerdict(condition.image, picture, logits, layers[-1])
