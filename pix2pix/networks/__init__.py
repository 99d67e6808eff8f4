"""The networks and their geometry; no files. pix2pix.py and dcgan.py are the two papers."""

from .dcgan import DCGANDiscriminator, DCGANGenerator
from .pix2pix import PatchDiscriminator, UNetGenerator

__all__ = ["DCGANDiscriminator", "DCGANGenerator", "PatchDiscriminator", "UNetGenerator"]
