"""Measures whether every closed panel of a bag is painted, and whether the inside of a handle stays paper.

The drawings are made here, so the part that must be painted is known: the body without the handle and its inside.
"""

import math
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from tqdm import tqdm

from .painter import Painter
from .photos import Rows

Point = tuple[float, float]
Drawn = tuple[Image.Image, Image.Image]  # RGB drawing, and mask "L" of a part of it

SHAPES = ("box", "trapeze", "round", "bucket", "dome")
CANVAS = (512, 512)
PAPER = 232  # a pixel counts as paper if all three channels are lighter
BORDER = 4  # pixels beside the outline, which don't count
TENTH = 0.1  # a bag with a larger white share of its body counts as one with an unpainted panel


def crossed_bag(seed: int, hard: bool = False) -> Drawn:
    """A drawing of a bag with lines across its body, 512 pixels square.

    Args:
        seed: the same seed gives the same drawing.
        hard: more lines, and a higher dome, as backpacks have.
    """
    source = random.Random(seed)
    left, right = source.uniform(80, 150), source.uniform(362, 432)
    top, bottom = source.uniform(150, 240), source.uniform(380, 450)
    outline = outline_of(source.choice(SHAPES), (left, top, right, bottom), hard)
    outline = [(x + jitter(source), y + jitter(source)) for x, y in outline]
    mask = Image.new("L", CANVAS, 0)
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    inner = Image.new("L", CANVAS, 0)
    width = source.choice([4, 6, 9])
    for _ in range(source.choice([1, 1, 2, 3] if hard else [1, 1, 2])):
        draw_across(ImageDraw.Draw(inner), source, (left, top, right, bottom), width)

    sketch = Image.new("L", CANVAS, 255)
    pen = ImageDraw.Draw(sketch)
    pen.line([*outline, *outline[:2]], fill=0, width=width, joint="curve")
    if source.random() < 0.8:
        draw_handle(pen, left + 70, right - 70, min(y for _, y in outline), width)
    lines = (np.asarray(mask) > 0) & (np.asarray(inner) > 0)
    drawn = np.where(lines, 0, np.asarray(sketch)).astype(np.uint8)
    return Image.fromarray(drawn).convert("RGB"), mask


def handled_bag(seed: int) -> Drawn:
    """A drawing of a bag with a wide handle of two lines, 512 pixels square, and the paper in the handle's loop.

    Args:
        seed: the same seed gives the same drawing.
    """
    source = random.Random(seed)
    left, right = source.uniform(80, 130), source.uniform(382, 432)
    top, bottom = source.uniform(220, 280), source.uniform(400, 450)
    width, thickness = source.choice([4, 6, 9]), source.uniform(16, 40)
    inset, height = source.uniform(0, 0.25) * (right - left), source.uniform(80, 150)
    sketch, loop = Image.new("L", CANVAS, 255), Image.new("L", CANVAS, 0)
    pen = ImageDraw.Draw(sketch)
    outer, inner, paper = (
        [left + inset + within, top - height + within, right - inset - within, top + height - within]
        for within in (0, thickness, thickness + width)
    )
    for line in (outer, inner):
        pen.arc(line, 180, 360, fill=0, width=width)
    pen.rounded_rectangle([left, top, right, bottom], source.uniform(0, 60), outline=0, width=width)
    ImageDraw.Draw(loop).pieslice(paper, 180, 360, fill=255)
    return sketch.convert("RGB"), loop


def jitter(source: random.Random, reach: float = 6) -> float:
    return source.uniform(-reach, reach)


def outline_of(shape: str, box: tuple[float, float, float, float], hard: bool) -> list[Point]:
    left, top, right, bottom = box
    middle, half = (left + right) / 2, (right - left) / 2
    if shape == "box":
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    if shape == "trapeze":
        return [(left + 40, top), (right - 40, top), (right, bottom), (left, bottom)]
    if shape == "bucket":
        return [(left, top), (right, top), (right - 45, bottom), (left + 45, bottom)]
    if shape == "round":
        height = (bottom - top) / 2
        turns = np.linspace(0, 2 * math.pi, 28, endpoint=False)
        return [(middle + half * math.cos(a), (top + bottom) / 2 + height * math.sin(a)) for a in turns]
    height = 120 if hard else 90
    arch = [(middle - half * math.cos(a), top + 90 - height * math.sin(a)) for a in np.linspace(0, math.pi, 15)]
    return [(left, bottom), *arch, (right, bottom)]


def draw_across(
    pen: ImageDraw.ImageDraw, source: random.Random, box: tuple[float, float, float, float], width: int
) -> None:
    """Draws a seam across or down, a flap, or a pocket. Parts outside of the body are cut off."""
    left, top, right, bottom = box
    y = source.uniform(top + 50, bottom - 50)
    kind = source.choice(["across", "down", "flap", "pocket"])
    if kind == "across":
        pen.line([(60, y + jitter(source, 10)), (452, y + jitter(source, 10))], fill=255, width=width)
    elif kind == "down":
        x = source.uniform(left + 60, right - 60)
        pen.line([(x + jitter(source), 100), (x + jitter(source), 470)], fill=255, width=width)
    elif kind == "flap":
        tip = ((left + right) / 2 + jitter(source, 20), y)
        pen.line([(60, top + 10), tip, (452, top + 10)], fill=255, width=width)
    else:
        corners = [left + 50 + jitter(source), y, right - 50 + jitter(source), bottom - 25]
        pen.rectangle(corners, outline=255, width=width)


def draw_handle(pen: ImageDraw.ImageDraw, left: float, right: float, top: float, width: int) -> None:
    pen.arc([left, top - 110, right, top + 90], 180, 360, fill=0, width=width)
    for x in (left, right):
        pen.line([(x, top - 10), (x, top + 4)], fill=0, width=width)


def unpainted(output: Image.Image, mask: Image.Image) -> float:
    """Share of the mask's pixels that are as white as paper, without those at its border."""
    inside = np.asarray(mask.resize(output.size, Image.Resampling.NEAREST)) > 0
    inside = ndimage.binary_erosion(inside, iterations=BORDER)
    return float((np.asarray(output).min(2)[inside] > PAPER).mean())


def telling_styles(paint: Painter) -> list[int]:
    """The styles that do not paint a plain box white. In the others, paint looks like paper."""
    corners = (110, 200, 400, 430)
    sketch, mask = Image.new("RGB", CANVAS, "white"), Image.new("L", CANVAS, 0)
    ImageDraw.Draw(sketch).rectangle(corners, outline="black", width=6)
    ImageDraw.Draw(mask).rectangle(corners, fill=255)
    return [style for style in range(paint.styles) if unpainted(paint(sketch, style), mask) <= TENTH] or [0]


def white_shares(paint: Painter, drawings: Sequence[Drawn], words: str) -> tuple[np.ndarray, list[Image.Image]]:
    """Paints the drawings in all styles but white ones by turns.

    Returns:
        how much of each mask stays white; and pictures for a sheet: drawing and output.
    """
    styles = telling_styles(paint)
    shares, sheet = [], []
    for i, (sketch, mask) in enumerate(tqdm(drawings, desc=words, unit="images", leave=False)):
        output = paint(sketch, styles[i % len(styles)])
        shares.append(unpainted(output, mask))
        sheet += [sketch.resize(output.size), output]
    return np.array(shares), sheet


def measure_panels(paint: Painter, drawings: Sequence[Drawn]) -> tuple[Rows, list[Image.Image]]:
    """Measures how much of a body with lines across it stays white.

    Returns:
        a row of `unpainted`, the mean white share of the body, and `left_white`, the share of drawings in which it is
        over a tenth; and pictures for a sheet, see `white_shares`.
    """
    shares, sheet = white_shares(paint, drawings, "panels")
    figures = {"unpainted": float(shares.mean()), "left_white": float((shares > TENTH).mean())}
    return {"bags crossed by lines": figures}, sheet


def measure_loops(paint: Painter, drawings: Sequence[Drawn]) -> tuple[Rows, list[Image.Image]]:
    """Measures how much of the paper in the loops of handles is painted.

    Returns:
        a row of `loop_painted`, the mean painted share of a loop, and `loops_filled`, the share of drawings in which it
        is over a tenth; and pictures for a sheet, see `white_shares`.
    """
    white, sheet = white_shares(paint, drawings, "handles")
    shares = 1 - white
    figures = {"loop_painted": float(shares.mean()), "loops_filled": float((shares > TENTH).mean())}
    return {"bags with wide handles": figures}, sheet
