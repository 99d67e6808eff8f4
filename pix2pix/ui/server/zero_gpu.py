"""ZeroGPU of Hugging Face Spaces lends a GPU for one call at a time, to a forked process.

On such a Space the app runs on the CPU, and only calls of `paint` get the GPU. Elsewhere `paint` is an ordinary call.
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
    """The device of the app's own models. On ZeroGPU PyTorch reports a GPU, but only lent calls may use it."""
    return "cpu" if LENT and asked == "auto" else asked


@functools.lru_cache(maxsize=2)
def on_gpu(source: str) -> Pix2PixPipeline:
    """Loads a model once in each process that gets the GPU. These are forks of the app."""
    return Pix2PixPipeline.from_pretrained(source, "cuda")


def paint_lent(source: str, image: Image.Image, **options) -> Image.Image:
    return on_gpu(source)(image, **options)


if spaces is not None:
    paint_lent = spaces.GPU(paint_lent, duration=10)


def paint(pipe: Pix2PixPipeline, image: Image.Image, **options) -> Image.Image:
    """Calls `pipe(image, **options)`, on a lent GPU if there is one. Options are seed, style and hints."""
    if LENT:
        return paint_lent(str(pipe.path), image, **options)
    return pipe(image, **options)
