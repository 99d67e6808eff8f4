"""The example outlines. Before a visitor draws, the page shows the first one, painted."""

import json
from pathlib import Path

from PIL import Image, ImageDraw

from ..checkpoint.subject import SIDE

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))


def drawn(strokes: list[dict]) -> Image.Image:
    """Draws strokes as black lines on white, large at first and then reduced, so that they are smooth."""
    image = Image.new("L", (2 * SIDE, 2 * SIDE), "white")
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [2 * value for value in stroke["p"]]
        pen.line(points, fill="black", width=2 * stroke["w"], joint="curve")
    return image.resize((SIDE, SIDE)).convert("RGB")


EXAMPLE = drawn(EXAMPLES[0]["strokes"])
