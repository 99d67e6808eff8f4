"""ZeroGPU of Hugging Face Spaces: a GPU that is lent for one call at a time, to a process made for it.

The app itself stays on the CPU there, and only what calls `paint` gets the GPU. Everywhere else
`paint` is an ordinary call.
"""

import functools

try:
    import spaces

    LENT = spaces.config.Config.zero_gpu
except ImportError:  # not on a Space
    spaces, LENT = None, False

from PIL import Image

from ...pipelines import Pix2PixPipeline


def home_device(asked: str) -> str:
    """Where the models of the app itself live: PyTorch sees a GPU on ZeroGPU, but only lent calls may use it."""
    return "cpu" if LENT and asked == "auto" else asked


@functools.lru_cache(maxsize=2)
def on_gpu(source: str) -> Pix2PixPipeline:
    """Loaded once in each of the processes that get the GPU, which are forks of the app."""
    return Pix2PixPipeline.from_pretrained(source, "cuda")


def paint_lent(source: str, image: Image.Image, **options) -> Image.Image:
    return on_gpu(source)(image, **options)


if spaces is not None:
    paint_lent = spaces.GPU(paint_lent, duration=10)


def paint(pipe: Pix2PixPipeline, image: Image.Image, **options) -> Image.Image:
    """`pipe(image, **options)`, on a lent GPU where there is one; options are seed, style and hints."""
    if LENT:
        return paint_lent(str(pipe.path), image, **options)
    return pipe(image, **options)
