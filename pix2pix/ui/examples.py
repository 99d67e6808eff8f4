"""The outlines to start from. The first one, as a picture, shows what the app does before anyone has drawn."""

import json
from pathlib import Path

from PIL import Image, ImageDraw

SIDE = 512  # of the canvas, in which strokes are measured (strokes.js)

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))


def drawn(strokes: list[dict]) -> Image.Image:
    """Strokes as black lines on white, drawn large and made smaller, so that they are smooth."""
    image = Image.new("L", (2 * SIDE, 2 * SIDE), "white")
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [2 * value for value in stroke["p"]]
        pen.line(points, fill="black", width=2 * stroke["w"], joint="curve")
    return image.resize((SIDE, SIDE)).convert("RGB")


EXAMPLE = drawn(EXAMPLES[0]["strokes"])
