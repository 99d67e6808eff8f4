"""A visitor's drawing as the page sends it: lines, strokes of colour, and a style."""

from dataclasses import dataclass, replace

from PIL import Image

from ..imaging.style import NUMBERS
from ..pipelines import Pix2PixPipeline
from ..pipelines.condition import LARGEST_NUMBER, Condition, Style
from .pictures import BadPicture, decode


@dataclass(frozen=True)
class Drawing:
    """A drawing, from which a pipeline makes a `Condition`.

    Attributes:
        lines: the drawing in any size; only its lines if `hints` has its colours.
        hints: RGBA of the same size, or None.
        style: the number of a built-in style, 16 numbers, or None for the first built-in one.
        sharp: the lines at a larger size, for a picture that is larger than the network's; or None.
    """

    lines: Image.Image
    hints: Image.Image | None = None
    style: Style | None = None
    sharp: Image.Image | None = None

    def condition(self, pipe: Pix2PixPipeline) -> Condition:
        """Prepares the drawing for `pipe`. The style is ignored by networks without styles.

        Raises:
            DataError: there is no such style, or the hints have another size.
        """
        condition = pipe.condition(self.lines, self.style if pipe.styles else None, self.hints)
        return replace(condition, sketch=self.sharp.convert("RGB")) if self.sharp else condition


def read_drawing(payload: dict) -> Drawing:
    """Reads `{"image": data URL, "hints": data URL, "style": number or list of numbers, "sharp": data URL}`.

    All but `image` may be missing or None.

    Raises:
        BadPicture: one of the values can't be read.
        KeyError, TypeError: there is no image.
    """
    image = decode(payload["image"])
    hints, sharp = (None if payload.get(name) is None else decode(payload[name]) for name in ("hints", "sharp"))
    return Drawing(image, hints, read_style(payload.get("style")), sharp)


def read_style(style: object) -> Style | None:
    """Reads a style from JSON. The pipeline checks later whether it exists.

    Raises:
        BadPicture: it is not a whole number, a list of small numbers, or None.
    """
    if style is None or type(style) is int:
        return style
    if isinstance(style, list) and len(style) <= NUMBERS and all(map(is_small, style)):
        return style
    raise BadPicture("not a style")


def is_small(number: object) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return abs(number) <= LARGEST_NUMBER  # false for NaN
