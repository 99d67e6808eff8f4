"""Training: `launch.py` starts, `loop.py` runs; `pix2pix.py`, `dcgan.py`, `upscaler.py` say what one step is."""

from .launch import train
from .options import DCGANOptions, Pix2PixOptions, TrainingOptions, UpscalerOptions

__all__ = ["DCGANOptions", "Pix2PixOptions", "TrainingOptions", "UpscalerOptions", "train"]
