"""A teacher: a trained generator whose pictures a smaller one learns to paint, in place of the photos.

One outline fits many photos, but a teacher answers it with one picture, so a student of a quarter of the work comes
nearer to it than to the photos (distillation; for image-to-image e.g. Li et al. 2020, GAN Compression).
"""

from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from .. import checkpoint
from ..checkpoint.fetch import fetch
from ..checkpoint.styles import read_styles
from ..errors import DataError
from ..networks import UNetGenerator

SAME = ("input_nc", "output_nc", "num_downs", "style_dim", "noise_nc", "line_width")  # of both: they read the same


class Teacher:
    """The generator of a checkpoint, which never learns.

    Args:
        source: folder, Hub id or authors' `.pth`.
        student: the generator that learns from it.
        line_width: in pixels, that drawings are redrawn with for the student.

    Attributes:
        styles: its built-in styles, as entries of a config.json; none where its checkpoint has none.

    Raises:
        CheckpointError: its config.json can't be read.
        DataError: the student reads or paints something else.
    """

    def __init__(self, source: str | Path, student: UNetGenerator, line_width: int, device: torch.device):
        path = fetch(source)
        network = checkpoint.load(UNetGenerator, path)
        config = checkpoint.read_config(path) if path.is_dir() else {}
        self.styles = list(map(asdict, read_styles(config, network.style_dim))) if "styles" in config else []
        has = checkpoint.config_of(student) | {"line_width": line_width}
        wanted = checkpoint.config_of(network) | {"line_width": checkpoint.line_width_of(config)}
        if wrong := [f"{name} {wanted[name]}, not {has[name]}" for name in SAME if has[name] != wanted[name]]:
            raise DataError(
                f"--teacher reads or paints otherwise than this run's generator: it has {', '.join(wrong)}; "
                "give the options that it had"
            )
        self.network: nn.Module = network.to(device).to(memory_format=torch.channels_last)

    @torch.no_grad()
    def __call__(self, condition: Tensor) -> Tensor:
        """The condition, as the student reads it (with style and noise) -> the picture to learn, in [-1, 1]."""
        return self.network(condition).float()
