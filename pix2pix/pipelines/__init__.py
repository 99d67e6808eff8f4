"""Weights and an input in, a picture out: the two pipelines, and what makes them fast."""

from .digits import DigitPipeline
from .pix2pix import Pix2PixPipeline

__all__ = ["DigitPipeline", "Pix2PixPipeline"]
