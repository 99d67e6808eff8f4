"""The network under test, seen from outside: a drawing goes in, perhaps with a style and hints, a picture comes out."""

import inspect
from collections.abc import Callable
from typing import Any

from PIL import Image


class Painter:
    """A `Pix2PixPipeline`, or any function from a drawing to a picture (both PIL RGB), behind one call.

    Args:
        paints: the pipeline or function. What it can do is asked of it: `paints.styles` (number of built-in styles),
            `paints.style_of(photo)`, and whether it takes the arguments `style` and `hints`.
        options: arguments of every call, such as `seed`.

    Attributes:
        styles: number of built-in styles, 0 for a network without.
        layered: whether hints lie beside the drawing, so that they may have any colour. A network without such
            hints gets them drawn over the lines, where dark, light and grey ones are taken for lines or paper.
    """

    def __init__(self, paints: Callable[..., Image.Image], **options: Any):
        self.paints, self.options = paints, options
        self.styles: int = getattr(paints, "styles", 0)
        self.layered = self.styles > 0 and "hints" in inspect.signature(paints).parameters

    def __call__(self, sketch: Image.Image, style: Any = 0, hints: Image.Image | None = None) -> Image.Image:
        """Paints one drawing.

        Args:
            sketch: RGB.
            style: a number, of which the remainder by `styles` counts, so that the i-th of many pictures may simply
                have style i; or what `style_of` returns. A network without styles gets none.
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
        """The style that a photo has, to paint with. Only of a network with styles."""
        return self.paints.style_of(photo)  # type: ignore[attr-defined]


def drawn_over(sketch: Image.Image, hints: Image.Image) -> Image.Image:
    """A copy of the RGB drawing with RGBA hints over its lines, as coloured pens leave them."""
    image = sketch.copy()
    image.paste(hints, mask=hints.getchannel("A"))
    return image
