"""pix2pix and a conditional DCGAN: networks, training, and pipelines from pictures to pictures."""

from .dcgan import DCGANDiscriminator, DCGANGenerator
from .digit_pipeline import DigitPipeline
from .errors import CheckpointError, DataError
from .networks import PatchDiscriminator, UNetGenerator
from .pipelines import Pix2PixPipeline

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
