"""A visitor's drawing as the page sends it: its lines, its strokes of colour apart from them, and its style."""

from dataclasses import dataclass

from PIL import Image

from ..imaging.style import NUMBERS
from ..pipelines import Pix2PixPipeline
from ..pipelines.condition import LARGEST_NUMBER, Condition, Style
from .pictures import BadPicture, decode


@dataclass(frozen=True)
class Drawing:
    """What a pipeline makes a `Condition` of.

    Attributes:
        lines: the drawing, or only its lines where `hints` has its colours; any size.
        hints: RGBA of the same size, or None.
        style: the number of a built-in style, 16 numbers, or None for the first built-in one.
    """

    lines: Image.Image
    hints: Image.Image | None = None
    style: Style | None = None

    def condition(self, pipe: Pix2PixPipeline) -> Condition:
        """As `pipe` reads it. A network that is told no style is not asked for one.

        Raises:
            DataError: there is no such style, or the hints have another size.
        """
        return pipe.condition(self.lines, self.style if pipe.styles else None, self.hints)


def read_drawing(payload: dict) -> Drawing:
    """`{"image": data URL, "hints": data URL or None, "style": number or list of numbers or None}`; the last two may
    be missing.

    Raises:
        BadPicture: one of them is not what it should be.
        KeyError, TypeError: there is no image in it.
    """
    image, hints = decode(payload["image"]), payload.get("hints")
    return Drawing(image, None if hints is None else decode(hints), read_style(payload.get("style")))


def read_style(style: object) -> Style | None:
    """A style as JSON has it; whether there is such a one, the pipeline checks.

    Raises:
        BadPicture: neither a whole number, nor a list of small numbers, nor None.
    """
    if style is None or type(style) is int:
        return style
    if isinstance(style, list) and len(style) <= NUMBERS and all(map(is_small, style)):
        return style
    raise BadPicture("not a style")


def is_small(number: object) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return abs(number) <= LARGEST_NUMBER  # NaN is not
