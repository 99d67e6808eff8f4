"""Measures whether colour hints are obeyed: it scribbles on the bag, and compares the colour that the bag then has."""

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor, ImageDraw
from scipy import ndimage
from tqdm import tqdm

from ..imaging.palette import HINT_COLORS, MORE_COLORS
from ..imaging.redraw_lines import COLORED
from ..imaging.silhouette import body_of, silhouette
from . import metrics
from .judges import Figures, as_bytes
from .painter import Painter, drawn_over
from .photos import Pair, Rows

Color = tuple[int, int, int]
Point = tuple[float, float]  # x, y

PALETTE: dict[str, Color] = {name: ImageColor.getrgb(color)[:3] for name, color in HINT_COLORS.items()}
# The most common colours of bags. In the drawing itself most of them would look like a line or like paper.
PLAIN: dict[str, Color] = {
    name: ImageColor.getrgb(MORE_COLORS[name])[:3] for name in ("black", "white", "grey", "beige", "navy", "tan")
}
SCRIBBLE = (36, 8)  # length and width in pixels of a 256 pixel picture
AROUND = 28  # pixels from the scribble up to which its colour is measured
COLORFUL = 15  # least chroma of a colour whose chroma is compared; grey ones have none


def askable(paint: Painter) -> dict[str, Color]:
    """The twelve colours, or those that the network can read."""
    twelve = PALETTE | PLAIN
    return {name: color for name, color in twelve.items() if paint.layered or max(color) - min(color) > COLORED}


def hint_layer(size: tuple[int, int], strokes: Sequence[tuple[Point, Color]]) -> Image.Image:
    """Draws short horizontal scribbles around points, as with the app's pen: RGBA, transparent elsewhere."""
    image = Image.new("RGBA", size, (255, 255, 255, 0))
    length, width = (value * size[0] / 256 for value in SCRIBBLE)
    for (x, y), color in strokes:
        box = [x - length / 2, y - width / 2, x + length / 2, y + width / 2]
        ImageDraw.Draw(image).rounded_rectangle(box, radius=width / 2, fill=(*color, 255))
    return image


def painted_body(photo: Image.Image) -> np.ndarray:
    """The part of a photo's object that a network should paint, (H, W) bool.

    It is without the border, thin straps and the paper within a handle. If nothing of that is left, it is the object
    with its holes filled, and if nothing differs from white, the whole photo.
    """
    picture = as_bytes([photo])[0].float() / 255
    body = ndimage.binary_erosion(body_of(picture), iterations=4)
    thing = body if body.any() else silhouette(picture)
    return thing if thing.any() else np.ones_like(thing)


def middle_of(mask: np.ndarray) -> Point:
    """Where people would scribble on it: of the places that are farthest from its border, the one next to its centre.

    (The centre itself may lie outside: that of a bag with a large handle is often paper in the loop.)
    """
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    places = np.argwhere(depth >= 0.95 * depth.max())
    center = np.argwhere(mask).mean(0)
    y, x = places[np.square(places - center).sum(1).argmin()]
    return float(x), float(y)


def color_in(image: Image.Image, where: np.ndarray) -> np.ndarray:
    """Mean Lab colour (3,) of the pixels in a mask."""
    return metrics.lab(np.asarray(image)[where]).mean(0)


def around(size: tuple[int, int], center: Point) -> np.ndarray:
    """(H, W) bool: the pixels at most AROUND pixels from the scribble."""
    reach, half = AROUND * size[0] / 256, SCRIBBLE[0] * size[0] / 512
    y, x = np.ogrid[: size[1], : size[0]]
    beside = np.maximum(np.abs(x - center[0]) - half, 0)
    return beside**2 + (y - center[1]) ** 2 <= reach**2


def mean_figures(each: Sequence[Figures]) -> Figures:
    """The mean of each figure over the results that have it."""
    keys = dict.fromkeys(key for figures in each for key in figures)
    return {key: float(np.mean([figures[key] for figures in each if key in figures])) for key in keys}


def judged(output: Image.Image, name: str, near: np.ndarray, body: np.ndarray) -> Figures:
    """Figures of one output, for which one colour was asked."""
    asked, beside, painted = metrics.lab((PALETTE | PLAIN)[name]), color_in(output, near), color_in(output, body)
    figures = {}
    if name in PALETTE:
        figures["obeyed"] = float(metrics.color_obeyed(beside, name, PALETTE)[0])
    figures |= {"cie76": metrics.cie76(beside, asked), "cie76_body": metrics.cie76(painted, asked)}
    if metrics.chroma(asked) > COLORFUL:
        figures["chroma"] = metrics.chroma(beside) / metrics.chroma(asked)
        figures["chroma_body"] = metrics.chroma(painted) / metrics.chroma(asked)
    return figures


def measure_colors(paint: Painter, pairs: Sequence[Pair]) -> tuple[Rows, list[Image.Image]]:
    """Measures whether a scribble on the body gives the bag its colour, for six vivid and six plain colours.

    Networks that read hints from the drawing can't read most of the plain colours, which are left out for them. The
    i-th bag has style i.

    Returns:
        rows for each colour, for the vivid ones ("all colours") and for the plain ones; and pictures for a sheet: plain
        output, then for each colour input and output. Figures: `obeyed`, the share of outputs whose mean colour around
        the scribble is nearer to the asked colour than to the other five, in the Lab a-b plane; `cie76`, the mean
        distance of that colour to the asked one; `chroma`, its chroma as a multiple of the asked one's; `cie76_body`
        and `chroma_body`, the same for the colour of the whole body.
    """
    results: dict[str, list[Figures]] = {name: [] for name in askable(paint)}
    sheet = []
    for i, (sketch, photo) in enumerate(tqdm(pairs, desc="colours", unit="pairs", leave=False)):
        body = painted_body(photo)
        center = middle_of(body)
        near = around(sketch.size, center)
        sheet.append(paint(sketch, i))
        for name in results:
            hints = hint_layer(sketch.size, [(center, (PALETTE | PLAIN)[name])])
            output = paint(sketch, i, hints)
            results[name].append(judged(output, name, near, body))
            sheet += [drawn_over(sketch, hints), output]

    groups = {"all colours": PALETTE, "plain colours": [name for name in results if name in PLAIN]}
    rows = {group: mean_figures([of_one for name in names for of_one in results[name]])
            for group, names in groups.items() if names}  # fmt: skip
    return rows | {name: mean_figures(each) for name, each in results.items()}, sheet


def measure_two_colors(paint: Painter, pairs: Sequence[Pair]) -> tuple[Rows, list[Image.Image]]:
    """Measures whether two scribbles, on the left and the right half of the bag, colour their halves.

    Two of the twelve colours are drawn at random, with the number of the pair as seed.

    Returns:
        a row of `obeyed`, the share of outputs in which each scribble's surroundings are nearest, by CIE76, to its
        colour among the twelve, and `cie76`, the mean distance; and pictures for a sheet: input and output.
    """
    colors = askable(paint)
    results, sheet = [], []
    for i, (sketch, photo) in enumerate(tqdm(pairs, desc="two colours", unit="pairs", leave=False)):
        body = painted_body(photo)
        left = np.zeros_like(body)
        left[:, : round(np.argwhere(body)[:, 1].mean())] = True
        names = random.Random(i).sample(list(colors), 2)
        centers = [middle_of(body & side) for side in (left, ~left)]
        hints = hint_layer(sketch.size, [(center, colors[name]) for center, name in zip(centers, names, strict=True)])
        output = paint(sketch, i, hints)
        sides = []
        for name, center, side in zip(names, centers, (left, ~left), strict=True):
            beside = color_in(output, around(sketch.size, center) & side)
            sides.append(metrics.color_obeyed(beside, name, colors, lightness=True))
        obeyed, distances = zip(*sides, strict=True)
        results.append({"obeyed": float(all(obeyed)), "cie76": float(np.mean(distances))})
        sheet += [drawn_over(sketch, hints), output]
    return {"two colours": mean_figures(results)}, sheet
