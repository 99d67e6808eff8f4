"""pix2pix and a conditional DCGAN: networks, training, and pipelines."""

from .errors import CheckpointError, DataError
from .networks import DCGANDiscriminator, DCGANGenerator, PatchDiscriminator, UNetGenerator
from .pipelines import DigitPipeline, Pix2PixPipeline

__all__ = [
    "CheckpointError",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "DataError",
    "DigitPipeline",
    "PatchDiscriminator",
    "Pix2PixPipeline",
    "UNetGenerator",
]
