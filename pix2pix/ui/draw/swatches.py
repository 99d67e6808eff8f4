"""Swatches: small pictures of the drawing in several styles, to choose from."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from ...pipelines import Pix2PixPipeline
from ...pipelines.condition import LARGEST_NUMBER, Style
from ...pipelines.network_thread import Overtaken
from ..drawings import Drawing

MOST = 8  # at once
SIDE = 128  # pixels


def swatches(
    pipe: Pix2PixPipeline, drawing: Drawing, styles: Sequence[Style | None], unless: Callable[[], bool]
) -> list[Image.Image]:
    """Pictures of `SIDE` pixels, one for each of the first `MOST` styles.

    `unless()` is called now and then; once it returns true, the remaining styles are left out.
    """
    pictures = []
    for style in styles[:MOST]:
        if unless():
            break
        try:
            picture = pipe(replace(drawing, style=style).condition(pipe), unless=unless)
        except Overtaken:
            break
        pictures.append(picture.resize((SIDE, SIDE)))
    return pictures


def style_numbers(pipe: Pix2PixPipeline, photo: Image.Image) -> list[float] | None:
    """Measures the style of the object in a photo, rounded for links; None if there is hardly an object.

    Raises:
        DataError: the network has no styles.
    """
    style = pipe.style_of(photo)
    if not style.any():
        return None
    return [round(float(number), 2) for number in style.clip(-LARGEST_NUMBER, LARGEST_NUMBER)]
