"""The network under test behind one call: a drawing, and optionally a style and hints, give a picture."""

import inspect
from collections.abc import Callable
from typing import Any

from PIL import Image


class Painter:
    """A `Pix2PixPipeline`, or any function from a drawing to a picture (both PIL RGB), behind one call.

    Args:
        paints: the pipeline or function. It may have `paints.styles` (number of built-in styles) and
            `paints.style_of(photo)`, and may take the arguments `style` and `hints`.
        options: arguments of every call, such as `seed`.

    Attributes:
        styles: number of built-in styles, 0 for a network without.
        layered: whether hints are separate from the drawing, so that they may have any colour. Other networks get them
            drawn over the lines, where dark, light and grey hints look like lines or paper.
    """

    def __init__(self, paints: Callable[..., Image.Image], **options: Any):
        self.paints, self.options = paints, options
        self.styles: int = getattr(paints, "styles", 0)
        self.layered = self.styles > 0 and "hints" in inspect.signature(paints).parameters

    def __call__(self, sketch: Image.Image, style: Any = 0, hints: Image.Image | None = None) -> Image.Image:
        """Paints one drawing.

        Args:
            sketch: RGB.
            style: a number, taken modulo `styles`, so that the i-th of many pictures can have style i; or a result of
                `style_of`. A network without styles gets none.
            hints: RGBA of the drawing's size, opaque where there is a hint.
        """
        options = dict(self.options)
        if self.styles:
            options["style"] = style % self.styles if isinstance(style, int) else style
        if hints is not None and self.layered:
            options["hints"] = hints
        elif hints is not None:
            sketch = drawn_over(sketch, hints)
        return self.paints(sketch, **options)

    def style_of(self, photo: Image.Image) -> Any:
        """Measures the style of a photo. Only for a network with styles."""
        return self.paints.style_of(photo)  # type: ignore[attr-defined]


def drawn_over(sketch: Image.Image, hints: Image.Image) -> Image.Image:
    """A copy of the RGB drawing with RGBA hints drawn over its lines."""
    image = sketch.copy()
    image.paste(hints, mask=hints.getchannel("A"))
    return image
