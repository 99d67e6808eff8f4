"""The two pipelines, which turn drawings or classes into pictures, and the code that makes them fast."""

from .digits import DigitPipeline
from .pix2pix import Pix2PixPipeline

__all__ = ["DigitPipeline", "Pix2PixPipeline"]
