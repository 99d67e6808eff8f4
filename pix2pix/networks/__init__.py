"""The networks and their geometry. Nothing here reads files. pix2pix.py and dcgan.py hold the networks of the
papers."""

from .dcgan import DCGANDiscriminator, DCGANGenerator
from .pix2pix import PatchDiscriminator, UNetGenerator

__all__ = ["DCGANDiscriminator", "DCGANGenerator", "PatchDiscriminator", "UNetGenerator"]
