"""What a checkpoint is about: an entry of its config.json, which strangers may have written.

It tells the app what to offer for drawing: paper, colours, pens, tools, examples, and the words for them. Whatever is
shown is text, never markup. A checkpoint without one is drawn for with black lines on white, as handbags are.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import CheckpointError, DataError
from ..imaging.labels import Labels
from .store import CONFIG, read_short

SIDE = 512  # of the paper, in the units of strokes
WIDEST = SIDE // 4  # pen
MOST_COLORS, MOST_EXAMPLES, MOST_STROKES = 24, 24, 400  # strokes of one example
LONGEST_STROKE = 2000  # points
# Of all examples, which a browser draws when the page opens. Ink: the length of all lines, where each point counts as
# much as the line is wide, and what is mirrored twice (as in ui/draw/links.js).
MOST_POINTS, MOST_IN_ALL, MOST_INK = 20_000, 2000, 10**6
LONGEST_NAME, LONGEST_LINE = 40, 200  # characters
LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
MOST_LANGUAGES = 20
COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
WHITE, INK = "#ffffff", "ink"

MEANINGS = ("lines", "labels")
TOOLS = ("pen", "line", "rectangle", "polygon", "fill", "pick", "erase", "mirror")

Text = Mapping[str, str]  # a text by its language; "en" is always there
Stroke = Mapping[str, Any]


@dataclass(frozen=True)
class PaletteColor:
    """A pen.

    Attributes:
        name: for people.
        color: "#rrggbb".
        width: the one that it begins with; 0 for that of the last pen.
        input: of labels, the colour that the network reads in its place. Maps are printed in pale colours, and a
            network tells those that are far apart sooner.
        detail: of labels, whether people may leave it out, such as the houses of a map: training shows it in half of
            the pictures, and the colour of the paper in the others.
    """

    name: Text
    color: str
    width: int = 0
    input: str = ""
    detail: bool = False


@dataclass(frozen=True)
class Example:
    """A drawing to start from.

    Attributes:
        name: for people.
        strokes: each {"c": "ink" or "#rrggbb", "w": width, "p": [x, y, x, y, ...]} in units of a square of `SIDE`,
            with "m": 1 where it is mirrored and "f": 1 where the points are the border of an area.
    """

    name: Text
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True)
class Subject:
    """What is drawn, with what, and what becomes of it.

    Attributes:
        title, line: its name, and one sentence that asks for a drawing.
        picture: what to call the picture, such as "aerial photo".
        means: "lines", outlines with hints of colour; or "labels", areas of the palette's colours, drawn as they are.
        paper: colour of the empty paper, "#rrggbb".
        palette: the pens beside black ink; of labels, all there are.
        widths: the thinnest and the widest pen, in units of `SIDE`.
        tools: some of `TOOLS`.
        examples: drawings to start from.
    """

    title: Text
    line: Text
    picture: Text
    means: str = "lines"
    paper: str = WHITE
    palette: tuple[PaletteColor, ...] = ()
    widths: tuple[int, int] = (2, 32)
    tools: tuple[str, ...] = TOOLS
    examples: tuple[Example, ...] = ()

    @property
    def colors(self) -> list[str]:
        """The palette's colours, and for labels that of the paper, which is one of them or comes first."""
        colors = [entry.color for entry in self.palette]
        return colors if self.means == "lines" or self.paper in colors else [self.paper, *colors]

    @property
    def inputs(self) -> list[str]:
        """What the network reads in place of each of `colors`."""
        inputs = {entry.color: entry.input or entry.color for entry in self.palette}
        return [inputs.get(color, color) for color in self.colors]

    @property
    def details(self) -> list[str]:
        """The colours that people may leave out."""
        return [entry.color for entry in self.palette if entry.detail]

    @property
    def labels(self) -> Labels | None:
        """The colours of its drawings, where these are areas of colour; None where they are lines."""
        return Labels(self.colors, self.paper, self.inputs) if self.means == "labels" else None

    def as_entry(self) -> dict[str, Any]:
        """The entry of a config.json that `read_subject` reads."""
        return asdict(self)


class Misfit(Exception):
    """What is wrong with a part of a subject, as the end of a sentence that begins with its file."""


def read_subject(config: dict) -> Subject | None:
    """The subject of a checkpoint's config.json; None where it has none.

    Raises:
        CheckpointError: it is no subject.
    """
    if config.get("subject") is None:
        return None
    try:
        return subject_of(config["subject"])
    except Misfit as problem:
        raise CheckpointError(f"{CONFIG} has a subject that can't be read: {problem}") from None


def subject_of_file(file: str | Path, frequent: Callable[[], list[str]]) -> Subject:
    """The subject that a TOML file describes, for the config.json of a checkpoint in training.

    `examples` may be the name of a JSON file beside it. A palette that is left out is taken from the data.

    Args:
        frequent: gives the most frequent colours of the conditions, the most frequent first.

    Raises:
        DataError: there is no such file, or it holds no subject.
    """
    try:
        entry = tomllib.loads(read_short(Path(file)))
        if isinstance(entry.get("examples"), str):
            entry["examples"] = json.loads(read_short(Path(file).parent / entry["examples"]))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file} can't be read as a subject in TOML, with its examples in JSON: {error}") from None
    if entry.get("means") == "labels" and "palette" not in entry:
        colors = frequent()
        entry["palette"] = [{"name": color, "color": color} for color in colors]
        entry.setdefault("paper", colors[0])
    try:
        return subject_of(entry)
    except Misfit as problem:
        raise DataError(f"{file} is no subject: {problem}") from None


def subject_of(entry: object) -> Subject:
    if not isinstance(entry, dict):
        raise Misfit("expected an object with title, line and picture")
    means = entry.get("means", "lines")
    if means not in MEANINGS:
        raise Misfit(f"means should be one of {', '.join(MEANINGS)}")
    budget = Budget()
    subject = Subject(
        text_of(entry, "title", LONGEST_NAME),
        text_of(entry, "line", LONGEST_LINE),
        text_of(entry, "picture", LONGEST_NAME),
        means,
        color_of(entry.get("paper", WHITE), "paper"),
        tuple(map(palette_color, list_of(entry, "palette", MOST_COLORS))),
        widths_of(entry.get("widths", [2, WIDEST if means == "labels" else 32])),
        tools_of(entry),
        tuple(example_of(each, budget) for each in list_of(entry, "examples", MOST_EXAMPLES)),
    )
    colors = set(subject.colors)
    if means == "labels" and len(colors) < 2:
        raise Misfit("labels need a palette of two colours or more")
    if means == "labels" and len(set(subject.inputs)) < len(colors):
        raise Misfit("two colours of the palette have the same input")
    allowed = colors if means == "labels" else colors | {INK}
    for example in subject.examples:
        for stroke in example.strokes:
            if stroke["c"] not in allowed:
                raise Misfit(f"an example is drawn in {stroke['c']}, which the palette does not have")
    return subject


class Budget:
    """What all examples may have together."""

    def __init__(self):
        self.left = {"points": MOST_POINTS, "strokes": MOST_IN_ALL, "ink": MOST_INK}

    def take(self, stroke: Stroke) -> None:
        p = stroke["p"]
        length = sum(abs(b - a) for a, b in zip(p, p[2:], strict=False))
        ink = (stroke["w"] * len(p) / 2 + length) * (2 if stroke["m"] else 1)
        for what, count in (("points", len(p) // 2), ("strokes", 1), ("ink", ink)):
            self.left[what] -= count
            if self.left[what] < 0:
                raise Misfit(f"its examples together have more {what} than a page can draw at once")


def list_of(entry: dict, key: str, most: int) -> list:
    value = entry.get(key, [])
    if not isinstance(value, list | tuple) or len(value) > most:
        raise Misfit(f"{key} should be a list of up to {most}")
    return list(value)


def text_of(entry: object, key: str, most: int) -> Text:
    """A text in several languages, or one text for all of them. Half a character would break an answer."""
    value = entry.get(key) if isinstance(entry, dict) else None
    texts = {"en": value} if isinstance(value, str) else value
    if isinstance(texts, dict) and "en" in texts and len(texts) <= MOST_LANGUAGES:
        named = all(isinstance(name, str) and LANGUAGE.fullmatch(name) for name in texts)
        if named and all(isinstance(t, str) and 0 < len(t) <= most and t.isprintable() for t in texts.values()):
            return dict(texts)
    raise Misfit(f"{key} should be a text of up to {most} letters, or one for each language, with en among them")


def color_of(value: object, key: str) -> str:
    color = value.lower() if isinstance(value, str) else ""
    if not COLOR.fullmatch(color):
        raise Misfit(f"{key} should be a colour such as #a0c4ff")
    return color


def whole(value: object, low: int, high: int, key: str) -> int:
    if type(value) is not int or not low <= value <= high:
        raise Misfit(f"{key} should be a whole number from {low} to {high}")
    return value


def palette_color(entry: object) -> PaletteColor:
    name = text_of(entry, "name", LONGEST_NAME)
    assert isinstance(entry, dict)  # as it has a name
    color, width = color_of(entry.get("color"), "color"), entry.get("width", 0)
    read_as = color_of(entry["input"], "input of a colour") if entry.get("input") else ""
    return PaletteColor(
        name, color, whole(width, 0, WIDEST, "the width of a colour"), read_as, entry.get("detail") is True
    )


def widths_of(value: object) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Misfit("widths should be two numbers, of the thinnest and of the widest pen")
    low = whole(value[0], 1, WIDEST, "the thinnest width")
    return low, whole(value[1], low, WIDEST, "the widest width")


def tools_of(entry: dict) -> tuple[str, ...]:
    tools = list_of(entry, "tools", len(TOOLS))
    if not all(isinstance(tool, str) and tool in TOOLS for tool in tools):
        raise Misfit(f"tools should be some of {', '.join(TOOLS)}")
    return tuple(tool for tool in TOOLS if tool in tools) or TOOLS


def example_of(entry: object, budget: Budget) -> Example:
    name = text_of(entry, "name", LONGEST_NAME)
    assert isinstance(entry, dict)  # as it has a name
    return Example(name, tuple(stroke_of(each, budget) for each in list_of(entry, "strokes", MOST_STROKES)))


def stroke_of(entry: object, budget: Budget) -> Stroke:
    """One stroke, with nothing in it but what is known; its numbers are finite and near the paper."""
    if not isinstance(entry, dict):
        raise Misfit("a stroke should be an object with c, w and p")
    p = entry.get("p")
    if not isinstance(p, list | tuple) or len(p) % 2 or not 2 <= len(p) <= 2 * LONGEST_STROKE:
        raise Misfit(f"p of a stroke should be a list of x, y, x, y, ... of up to {LONGEST_STROKE} points")
    if not all(type(v) in (int, float) and -SIDE <= v <= 2 * SIDE for v in p):  # NaN is not
        raise Misfit(f"p of a stroke should hold numbers from {-SIDE} to {2 * SIDE}")
    color = entry.get("c", INK)
    stroke = {"c": INK if color == INK else color_of(color, "c of a stroke")}
    stroke |= {"w": whole(entry.get("w"), 1, WIDEST, "w of a stroke"), "m": 0, "p": list(p)}
    for mark in ("m", "f"):  # mirrored, filled
        if whole(entry.get(mark, 0), 0, 1, f"{mark} of a stroke"):
            stroke[mark] = 1
    budget.take(stroke)
    return stroke
