"""The networks beside the generator in a checkpoint: the discriminator that trained it, and the upscaler."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from .. import checkpoint
from ..checkpoint.locate import discriminator_of
from ..errors import CheckpointError
from ..networks import PatchDiscriminator, UNetGenerator
from ..networks.upscaler import Upscaler
from .bounds import LARGEST_MAP, check_maps

Part = TypeVar("Part", bound=nn.Module)


class Parts:
    """Loads them, and checks that they fit the generator.

    Args:
        generator: in evaluation mode, on its device.
        name: the checkpoint's name, for what errors say.
        folder: of the checkpoint; None if there is none.
        path: `folder`, or the `.pth` file in it that holds the generator.
        check_size: is called with the generator and the other network, and may refuse them.
    """

    def __init__(
        self,
        generator: UNetGenerator,
        name: str,
        folder: Path | None = None,
        path: Path | None = None,
        check_size: Callable[..., None] = checkpoint.store.anything,
    ):
        self.generator, self.name, self.folder, self.path = generator, name, folder, path
        self.check_size = check_size
        self.device: torch.device = next(generator.parameters()).device

    def discriminator(self) -> PatchDiscriminator | None:
        """None if the checkpoint has none. Raises CheckpointError."""
        path = discriminator_of(self.path) if self.path else None
        return self.load(PatchDiscriminator, path, self.check_discriminator).to(self.device) if path else None

    def upscaler(self) -> Upscaler | None:
        """None if the checkpoint has none. Raises CheckpointError."""
        path = self.folder and self.folder / "upscaler"
        if not path or not path.exists():
            return None
        upscaler = self.load(Upscaler, path, self.check_upscaler)
        return upscaler.to(self.device).to(memory_format=torch.channels_last)

    def load(self, network: type[Part], path: Path, check: Callable[[Part], None]) -> Part:
        """Loads a network. Visitors read its errors, so these hold no path of this machine."""
        try:
            return checkpoint.load(network, path, check)
        except CheckpointError as error:
            raise CheckpointError(str(error).replace(str(self.folder), self.name)) from None

    def check_discriminator(self, discriminator: PatchDiscriminator) -> None:
        channels, generator = discriminator.input_nc, self.generator
        all_channels = generator.condition_nc + generator.output_nc
        if channels not in (generator.output_nc, all_channels):
            raise CheckpointError(
                f"the discriminator of {self.name} reads {channels} channels: expected {generator.output_nc}, or "
                f"{all_channels} with the condition"
            )
        check_maps(self.name, discriminator, generator.image_size)
        self.check_size(generator, discriminator)

    def check_upscaler(self, upscaler: Upscaler) -> None:
        channels = upscaler.width
        if channels * (2 * self.generator.image_size) ** 2 > LARGEST_MAP:
            raise CheckpointError(f"the upscaler of {self.name} is too wide: {channels} channels")
        self.check_size(self.generator, upscaler)
