"""A conditional DCGAN, ready to use: it turns classes into small pictures.

>>> pipe = DigitPipeline.from_pretrained("checkpoints/digits")
>>> pipe([3, 3, 7], seed=0)  # doctest: +SKIP
"""

import operator
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from .. import checkpoint
from ..checkpoint.fetch import fetch, name_of
from ..checkpoint.locate import locate
from ..errors import CheckpointError, some_of
from ..networks import DCGANGenerator
from ..networks.device import choose_device
from . import network_thread
from .common import to_images

LONGEST_TEXT = 32  # characters that `DigitPipeline.write` takes


class DigitPipeline:
    """A conditional DCGAN generator from class labels to small pictures. Safe to call from several threads.

    Attributes:
        generator: the `DCGANGenerator`, in evaluation mode.
        class_names: the name of every class, in the order of the labels.
        image_size: side of a picture in pixels.
        device, name, config, folder: where it runs, the name to show, its `config.json`, its folder.
    """

    def __init__(
        self,
        generator: DCGANGenerator,
        device: str = "auto",
        name: str = "dcgan",
        config: dict | None = None,
        folder: Path | None = None,
    ):
        self.device = choose_device(device)
        self.generator = generator.eval().requires_grad_(False).to(self.device)
        self.class_names, self.image_size = generator.class_names, generator.image_size
        self.name, self.config, self.folder = name, config or {}, folder

    @classmethod
    def from_pretrained(cls, source: str | os.PathLike, device: str = "auto") -> "DigitPipeline":
        """Loads a folder or a Hub id `user/name[@revision]`.

        Raises:
            CheckpointError: one sentence that says what is wrong with `source`.
        """
        folder = locate(fetch(source))
        if not folder.is_dir():
            raise CheckpointError(f"{source} is a file; a checkpoint of digits is a folder with {checkpoint.CONFIG}")
        generator = checkpoint.load(DCGANGenerator, folder)
        return cls(generator, device, name_of(source), checkpoint.read_config(folder), folder)

    def __call__(self, labels: Sequence[int], seed: int | None = 0) -> list[Image.Image]:
        """One picture for every label.

        Args:
            labels: class numbers, each from 0 to len(class_names) - 1.
            seed: the same labels and seed give the same pictures; None draws a new seed.

        Returns:
            "L" images (white ink on black as in MNIST), or "RGB" ones from a coloured data set.
        """
        self.check(labels)
        if len(labels) == 0:
            return []
        return self.paint(self.noise(len(labels), seed), torch.tensor([int(label) for label in labels]))

    def styles(self, seed: int | None = 0, count: int = 1, classes: range | None = None) -> list[list[Image.Image]]:
        """Paints every class with the same z: z sets the style, the label the content.

        Args:
            seed: the same seed and count give the same styles; None draws a new seed.
            count: how many styles.
            classes: numbers of the classes to paint; None for all.

        Returns:
            `count` rows, each with one picture for every class, as `__call__` writes them.
        """
        labels = range(len(self.class_names)) if classes is None else classes
        self.check(labels)
        wide = len(labels)
        z = self.noise(count, seed).repeat_interleave(wide, 0)
        images = self.paint(z, torch.tensor(labels).repeat(count)) if count and wide else []
        return [images[row * wide : (row + 1) * wide] for row in range(count)]

    def write(self, text: str, seed: int | None = 0) -> Image.Image:
        """Writes a text such as "2026" in one picture, each character a separate sample.

        Args:
            text: 1 to 32 characters, each the name of a class.
            seed: the same text and seed give the same picture; None draws a new seed.

        Returns:
            "L" image (or "RGB", see `__call__`), `len(text) * image_size` wide and `image_size` high.

        Raises:
            ValueError: a character is no class name, the text is empty or too long, or class names have more than one
                character.
        """
        if long := [name for name in self.class_names if len(name) != 1]:
            raise ValueError(f"writing needs classes with names of one character; this model has one named {long[0]!r}")
        if not 1 <= len(text) <= LONGEST_TEXT:
            raise ValueError(f"text has {len(text)} characters: expected 1 to {LONGEST_TEXT}")
        if unknown := [character for character in dict.fromkeys(text) if character not in self.class_names]:
            raise ValueError(f"text has {', '.join(map(repr, unknown))}: expected only {some_of(self.class_names)}")
        images = self([self.class_names.index(character) for character in text], seed)
        picture = Image.new(images[0].mode, (len(images) * self.image_size, self.image_size))
        for i, image in enumerate(images):
            picture.paste(image, (i * self.image_size, 0))
        return picture

    def morph(
        self, start: int, end: int, steps: int = 24, seed: int = 0, seed_end: int | None = None
    ) -> list[Image.Image]:
        """Morphs between two classes, two styles, or both.

        Between two classes the one-hot labels are blended, which the generator never saw in training. Between two
        styles z follows an arc, because a straight line would pass closer to 0 than any z of training.

        Args:
            start, end: class numbers; equal ones change the style alone.
            steps: how many pictures, 2 or more.
            seed, seed_end: the styles of both ends; None for `seed_end` keeps the style of the start.

        Returns:
            `steps` pictures; the first is `self([start], seed)`, the last `self([end], seed_end)`.
        """
        self.check([start, end])
        if steps < 2:
            raise ValueError(f"steps is {steps}: expected 2 or more")
        t = torch.linspace(0, 1, steps)[:, None]
        ends = torch.eye(len(self.class_names))[[int(start), int(end)]]
        z = slerp(self.noise(1, seed), self.noise(1, seed if seed_end is None else seed_end), t)
        return self.paint(z, (1 - t) * ends[0] + t * ends[1])

    def check(self, labels: Sequence[int]) -> None:
        classes = len(self.class_names)
        bad = [label for label in labels if not 0 <= operator.index(label) < classes]
        if bad:
            raise ValueError(f"label {bad[0]} is unknown: expected 0 to {classes - 1}")

    def noise(self, count: int, seed: int | None) -> Tensor:
        """Draws z (count, z_dim) on the CPU, so that a seed gives the same numbers on every device."""
        source = torch.Generator().manual_seed(operator.index(seed) % 2**63) if seed is not None else None
        return torch.randn(count, self.generator.z_dim, generator=source)

    def paint(self, z: Tensor, labels: Tensor) -> list[Image.Image]:
        """Paints N images from z (N, z_dim) and labels (N,), or shares of the classes (N, num_classes)."""
        return network_thread.run(lambda: to_images(self.generator(z.to(self.device), labels.to(self.device))))


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Spherical interpolation from a (1, D) at t = 0 to b (1, D) at t = 1; t is (N, 1), the result (N, D).

    Shoemake: Animating Rotation with Quaternion Curves, SIGGRAPH 1985; for z of GANs White,
    https://arxiv.org/abs/1609.04468.
    """
    angle = torch.acos(torch.cosine_similarity(a, b).clamp(-1, 1))
    if torch.sin(angle) < 1e-3:  # the same direction: no arc to follow
        return torch.lerp(a, b, t)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)
