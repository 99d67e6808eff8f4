"""A pix2pix generator, ready to use: it turns a drawing into a picture. (digits.py: the conditional DCGAN.)

>>> pipe = Pix2PixPipeline.from_pretrained("checkpoints/handbags")
>>> photo = pipe(sketch)  # doctest: +SKIP
"""

import operator
import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .. import checkpoint
from ..checkpoint.fetch import HubId, fetch, name_of
from ..checkpoint.locate import locate
from ..checkpoint.store import anything
from ..checkpoint.styles import read_styles
from ..checkpoint.subject import read_subject
from ..errors import CheckpointError, DataError
from ..imaging import rgb
from ..imaging.hints import fit_hints, over, take_apart, under
from ..imaging.redraw_lines import redraw
from ..imaging.silhouette import body_of
from ..imaging.style import style_of
from ..networks import PatchDiscriminator, UNetGenerator
from ..networks.device import choose_device, has_bf16
from ..networks.pix2pix import noise_planes
from ..networks.upscaler import Upscaler
from . import network_thread, pick_fastest
from .bounds import check_stranger
from .common import as_in_training, to_images
from .condition import Condition, Style, labels_of, numbers_of, read_hints, style_planes
from .parts import Parts

Drawing = Image.Image | np.ndarray | Condition


class Pix2PixPipeline:
    """Turns drawings into pictures. Safe to call from several threads.

    Attributes:
        generator: the `UNetGenerator`, in evaluation mode.
        image_size: side in pixels of what the network reads and paints.
        subject: what its drawings are of, where its checkpoint says so.
        labels: the colours of its drawings, where these are areas of colour and not lines; else None.
        takes_hints: whether coloured strokes may be hints: false only if it was trained without them.
        device, name, config, folder: where it runs, the name to show, its `config.json`, its folder.
        path: `folder`, or the `.pth` file in it that holds the generator.
        parts: the other networks of the checkpoint.

    Raises:
        CheckpointError: the generator's input or output is not a picture.
    """

    def __init__(
        self,
        generator: UNetGenerator,
        device: str = "auto",
        name: str = "pix2pix",
        config: dict | None = None,
        folder: Path | None = None,
    ):
        self.device = choose_device(device)
        self.generator = generator.eval().requires_grad_(False).to(self.device)
        self.image_size = generator.image_size
        self.name, self.config, self.folder = name, config or {}, folder
        self.input_nc, self.output_nc = generator.input_nc, generator.output_nc
        if not {self.input_nc, self.output_nc} <= {1, 3}:
            raise CheckpointError(
                f"{name} turns {self.input_nc} channels into {self.output_nc}: expected 1 (grey) or 3 (colour)"
            )
        self.line_width = checkpoint.line_width_of(self.config)
        self.built_in_styles = read_styles(self.config, generator.style_dim)
        self.subject = read_subject(self.config)
        self.labels = labels_of(name, generator, self.subject)
        self.takes_hints = self.input_nc == 3 and (self.styles > 0 or checkpoint.sees_hints(self.config) is not False)
        self.settled = checkpoint.is_settled(self.config)
        self.path, self.parts = folder, Parts(self.generator, name, folder, folder)
        self.served: nn.Module = self.generator  # or a faster form of it, see `speed_up`

    @classmethod
    def from_pretrained(cls, source: str | os.PathLike, device: str = "auto") -> "Pix2PixPipeline":
        """Loads a folder, a Hub id `user/name[@revision]`, or a file or folder of the authors' repository.

        Raises:
            CheckpointError: one sentence that says what is wrong with `source`.
        """
        return cls._load(fetch(source), device, name_of(source), anything)

    @classmethod
    def of_folder(cls, folder: Path, name: str, device: str = "auto") -> "Pix2PixPipeline":
        """Loads a checkpoint on this machine, under a name of the caller's.

        Raises:
            CheckpointError: one sentence that says what is wrong with it.
        """
        return cls._load(folder, device, name, anything)

    @classmethod
    def of_stranger(cls, name: HubId, folder: Path, device: str = "auto") -> "Pix2PixPipeline":
        """Loads a model that a visitor of an app names, of limited size (see `check_stranger`).

        Its other networks are loaded too. Otherwise every picture could ask for a damaged one again, all at once.

        Args:
            folder: its files, as `checkpoint.fetch.from_hub` brings them for a stranger.

        Raises:
            CheckpointError: one sentence that says what is wrong with it.
        """
        pipe = cls._load(folder, device, str(name), partial(check_stranger, name))
        _ = pipe.discriminator, pipe.upscaler  # which keeps them
        return pipe

    @classmethod
    def _load(cls, found: Path, device: str, name: str, check: Callable[..., None]) -> "Pix2PixPipeline":
        path = locate(found)
        generator = checkpoint.load(UNetGenerator, path, check)
        config = checkpoint.read_config(path) if path.is_dir() else checkpoint.config_of(generator)
        pipe = cls(generator, device, name, config, path if path.is_dir() else path.parent)
        pipe.path, pipe.parts = path, Parts(pipe.generator, name, pipe.folder, path, check)
        pipe.takes_hints &= path.is_dir()  # the authors' networks know no hints
        return pipe

    def speed_up(self) -> threading.Thread:
        """Finds the fastest form of the generator on this machine (see pick_fastest.py), and uses it from then on.

        This takes a few seconds in the background; `join()` on the result waits for the end. The new form paints a
        test drawing with at least 40 dB PSNR to the plain network. Pictures with a seed, and the functions of anatomy/,
        use the plain network.
        """
        size = self.image_size
        drawing = Image.new("RGB", (size, size), "white")
        drawing.paste("black", (size // 4, size // 4, size // 2, size // 2))
        x = self.condition(drawing).tensor

        def use(fastest: nn.Module) -> None:
            self.served = fastest

        return pick_fastest.in_background(self.generator, x, use)

    @cached_property
    def discriminator(self) -> PatchDiscriminator | None:
        """The discriminator of the generator's training; None if the checkpoint has none.

        Raises:
            CheckpointError: it can't be loaded, or did not train this generator.
        """
        return self.parts.discriminator()

    @cached_property
    def upscaler(self) -> Upscaler | None:
        """The network that doubles the size; None if the checkpoint has none.

        Raises:
            CheckpointError: it can't be loaded, or would fill the memory.
        """
        return self.parts.upscaler()

    @property
    def styles(self) -> int:
        """Number of built-in styles; 0 for a network without style."""
        return len(self.built_in_styles)

    @property
    def style_names(self) -> list[str]:
        return [style.name for style in self.built_in_styles]

    def style_of(self, photo: Image.Image | np.ndarray) -> np.ndarray:
        """Measures the style of an object on white: (16,) float32, for `style=`.

        Raises:
            DataError: this network has no style.
        """
        if not self.styles:
            raise DataError(f"{self.name} is told no style: train it with --style")
        picture = np.asarray(rgb.fit(rgb.to_rgb(photo), self.image_size), dtype=np.float32) / 255
        tensor = torch.from_numpy(picture).permute(2, 0, 1)
        return style_of(tensor, body_of(tensor)).numpy()

    def condition(
        self, sketch: Drawing, style: Style | None = None, hints: Image.Image | np.ndarray | None = None
    ) -> Condition:
        """Prepares a drawing for the network; a `Condition` is returned as it is. See `__call__` for the arguments.

        Raises:
            DataError: the network has no style, or not this one; or the hints have another shape.
        """
        if isinstance(sketch, Condition):
            return sketch
        if style is not None and not self.styles:
            raise DataError(f"{self.name} is told no style: train it with --style")
        sketch = rgb.to_rgb(sketch)
        if self.labels:
            strokes = None if hints is None else read_hints(hints, sketch.size)
            image = self.labels.read(sketch, self.image_size, strokes)
            read = Image.fromarray(self.labels.as_read(np.asarray(image)))
            return Condition(image, self.generator.with_noise(self.to_tensor(read)), sketch)
        image = self.prepare(sketch)
        if not self.styles and hints is None:
            return Condition(image, self.generator.with_noise(self.to_tensor(image)), sketch)
        lines, strokes = take_apart(image)
        if hints is not None:
            strokes = over(strokes, fit_hints(read_hints(hints, sketch.size), self.image_size))
        image = under(lines, strokes)
        if not self.styles:
            return Condition(image, self.generator.with_noise(self.to_tensor(image)), sketch)
        planes = style_planes(numbers_of(0 if style is None else style, self.built_in_styles), lines, strokes)
        x = self.generator.with_style(self.to_tensor(Image.fromarray(lines)), planes.to(self.device))
        return Condition(image, self.generator.with_noise(x), sketch)

    def prepare(self, sketch: Image.Image | np.ndarray, size: int | None = None) -> Image.Image:
        """Turns any picture into RGB, `image_size` (or `size`) square, with lines and coloured ink as in training."""
        size = size or self.image_size
        image = rgb.to_rgb(sketch)
        if self.line_width:
            return redraw(image, size, self.line_width)
        return rgb.fit(image, size)

    def to_tensor(self, image: Image.Image) -> Tensor:
        """Turns an RGB image into (1, input_nc, S, S) in [-1, 1] on the pipeline's device."""
        array = np.array(image.convert("L") if self.input_nc == 1 else image)
        tensor = torch.from_numpy(array.reshape(1, *array.shape[:2], -1)).to(self.device)
        return tensor.permute(0, 3, 1, 2) / 127.5 - 1

    def to_image(self, tensor: Tensor) -> Image.Image:
        """Turns (1, 1 | 3, S, S) in [-1, 1] into an RGB image."""
        image = to_images(tensor)[0]
        return image if image.mode == "RGB" else image.convert("RGB")

    def __call__(
        self,
        sketch: Drawing,
        seed: int | None = None,
        unless: Callable[[], bool] = network_thread.never,
        style: Style | None = None,
        hints: Image.Image | np.ndarray | None = None,
        size: int | None = None,
    ) -> Image.Image:
        """Paints the drawing.

        Without `seed`, batch norm uses its running statistics and dropout is off, so the same drawing always gives the
        same picture. With `seed` the network runs as in the paper (section 3.3): batch norm uses the statistics of this
        one picture (unless it was trained with fixed ones, `train.py --settle`), and dropout noise is drawn from the
        seed. Other seeds give slightly other pictures.

        Args:
            sketch: PIL image or uint8 array, any size and mode.
            seed: any integer, or None.
            unless: called now and then; once it returns true, the picture is given up.
            style: for a network with styles: the number of a built-in style (default 0), its name, or 16 numbers from
                `style_of`.
            hints: strokes of colour, RGBA of the sketch's size, opaque where alpha is above one half. They may have any
                colour; in the sketch itself only colourful ink is a hint.
            size: side of the picture in pixels, up to four times `image_size`, which is the default. With an upscaler
                in the checkpoint, larger pictures are sharper than by interpolation.

        Returns:
            RGB image of `size` square.

        Raises:
            DataError: see `condition`; or the size is not possible.
            worker.Overtaken: `unless` became true, and the work was given up.
        """
        size = self.image_size if size is None else size
        if not self.image_size <= size <= 4 * self.image_size:
            raise DataError(f"size is {size}: expected {self.image_size} to {4 * self.image_size} pixels")
        condition, lines = self.condition(sketch, style, hints), []
        while self.upscaler and self.image_size << len(lines) < size:  # prepared before the network runs
            lines.append(self.lines_of(condition.sketch, self.image_size << (len(lines) + 1)))
        image = network_thread.run(self.paint, condition, seed, lines, unless=unless)
        return image if image.width == size else image.resize((size, size), Image.Resampling.LANCZOS)

    def lines_of(self, sketch: Image.Image, size: int) -> Tensor:
        """(1, 1, size, size) in [-1, 1]: the lines alone, for the upscaler."""
        lines, _ = take_apart(self.prepare(sketch, size))
        return torch.from_numpy(lines.min(2))[None, None].to(self.device) / 127.5 - 1

    def paint(self, condition: Condition, seed: int | None, lines: Sequence[Tensor] = ()) -> Image.Image:
        """Paints the picture, and doubles its size once for each of `lines`."""
        x = condition.tensor
        y = self.served(x) if seed is None else self.with_noise(x, seed)
        upscaler = self.upscaler if lines else None
        if upscaler:
            with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16(self.device)):  # 78 dB to float32
                for sharp in lines:
                    y = upscaler(y.expand(-1, 3, -1, -1), sharp)
        return self.to_image(y)

    def with_noise(self, x: Tensor, seed: int) -> Tensor:
        gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []  # manual_seed seeds all GPUs
        with torch.random.fork_rng(gpus):  # the caller's random state does not change
            torch.manual_seed(operator.index(seed) % 2**63)
            if count := self.generator.noise_nc:
                noise = noise_planes(1, count, *x.shape[2:])
                x = self.generator.with_noise(x[:, : self.generator.condition_nc], noise)
            return as_in_training(self.generator, x, self.settled)
