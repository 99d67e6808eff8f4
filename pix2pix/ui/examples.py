"""The example drawings. Before a visitor draws, the page shows the first one, painted."""

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from ..checkpoint.subject import INK, SIDE, WHITE, Stroke, Subject

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))


def drawn(strokes: Sequence[Stroke], paper: str = WHITE) -> Image.Image:
    """Draws strokes on paper, large at first and then reduced, so that they are smooth."""
    image = Image.new("RGB", (2 * SIDE, 2 * SIDE), paper)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [2 * value for value in stroke["p"]]
        mirrored = [2 * SIDE - value if i % 2 == 0 else value for i, value in enumerate(points)]
        color = "black" if stroke.get("c", INK) == INK else stroke["c"]
        for line in [points, mirrored] if stroke.get("m") else [points]:
            if stroke.get("f"):
                pen.polygon(line, fill=color)
            else:
                pen.line(line, fill=color, width=2 * stroke["w"], joint="curve")
    return image.resize((SIDE, SIDE))


def example_of(subject: Subject | None) -> Image.Image:
    """The first example of a subject; empty paper where its drawings are labels and it has none."""
    if subject is None or (subject.means == "lines" and not subject.examples):
        return EXAMPLE
    return drawn(subject.examples[0].strokes if subject.examples else [], subject.paper)


EXAMPLE = drawn(EXAMPLES[0]["strokes"])
