"""What the page prepares for a network on the visitor's device is what the pipeline prepares for one on the server."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from towns import LAND, PARK, ROAD, TOWNS, WATER

from pix2pix import Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.imaging.style import COLOR, NUMBERS
from pix2pix.ui.device import preparation

SIZE = 64
STYLE = {"name": "tan", "numbers": [0.4, -0.1, -0.3, *[0.2] * (NUMBERS - 3)]}
KINDS = {
    "told a style": {"style_dim": NUMBERS, "line_width": 4},
    "told a style, any lines": {"style_dim": NUMBERS, "line_width": 0},
    "of lines": {"line_width": 3},
    "of grey pictures": {"input_nc": 1, "line_width": 0},
    "of labels": {"line_width": 3, "subject": TOWNS},
}


@pytest.fixture(scope="module")
def pipes(tmp_path_factory) -> dict[str, Pix2PixPipeline]:
    folder = tmp_path_factory.mktemp("pipes")
    found = {}
    for kind, options in KINDS.items():
        options = dict(options)
        width = options.pop("line_width")
        styles, subject = [STYLE] if "style_dim" in options else [], options.pop("subject", None)
        own = {"line_width": width, "styles": styles} | ({"subject": subject} if subject else {})
        checkpoint.save(UNetGenerator(num_downs=6, ngf=1, **options), folder / kind, **own)
        found[kind] = Pix2PixPipeline.from_pretrained(folder / kind, device="cpu")
    return found


def node(*words: object) -> None:
    subprocess.run(["node", Path(__file__).with_name("device_input.mjs"), *map(str, words)], check=True, timeout=120)


def paper(random: np.random.Generator, mode: str, ground, colors: list, count: int, widths: tuple) -> Image.Image:
    """Some strokes and closed shapes with soft rims."""
    image = Image.new(mode, (4 * SIZE, 4 * SIZE), ground)
    pen = ImageDraw.Draw(image)
    for _ in range(count):
        color, width = colors[random.integers(len(colors))], int(random.integers(*widths))
        points = [tuple(point) for point in random.integers(8, 4 * SIZE - 8, (4, 2)).tolist()]
        if random.random() < 0.4:
            (x0, x1), (y0, y1) = sorted([points[0][0], points[1][0]]), sorted([points[0][1], points[1][1]])
            pen.ellipse([x0, y0, x1 + 30, y1 + 30], outline=color, width=width)
        else:
            pen.line(points, fill=color, width=width, joint="curve")
    return image.resize((SIZE, SIZE), Image.Resampling.BOX)


def drawing(number: int) -> tuple[Image.Image, Image.Image | None]:
    """Lines, black on white or on dark or tinted paper, some with coloured ink; and strokes of colour."""
    random = np.random.default_rng(number)
    ground = [(255, 255, 255)] * 5 + [(40, 44, 60), (236, 230, 214), (255, 255, 255)]
    here = ground[number % len(ground)]
    inks = [(230, 230, 225)] if sum(here) < 300 else [(0, 0, 0), (0, 0, 0), (90, 90, 96)]
    if number % 3 == 0:
        inks = [*inks, (200, 30, 40), (20, 20, 70)]
    lines = paper(random, "RGB", here, inks, int(random.integers(2, 8)), (4, 30))
    if number % 4 == 0:
        return lines, None
    colors = [(*color, 255) for color in random.integers(0, 256, (3, 3)).tolist()]
    return lines, paper(random, "RGBA", (0, 0, 0, 0), colors, int(random.integers(1, 4)), (6, 60))


def town(number: int) -> tuple[Image.Image, None]:
    """A map with soft rims, as somebody opens it from a file; every fifth is in other colours."""
    random = np.random.default_rng(number)
    inks = [ROAD, WATER, PARK] if number % 5 else [(90, 90, 96), (200, 30, 40)]
    return paper(random, "RGB", LAND, inks, int(random.integers(2, 8)), (4, 60)), None


def test_200_drawings_are_prepared_as_by_the_pipeline(pipes, tmp_path):
    cases, expected = [], {}
    for number in range(200):
        kind = list(KINDS)[number % len(KINDS)]
        pipe, make = pipes[kind], town if kind == "of labels" else drawing
        lines, hints = make(number // len(KINDS) * 7 + number)
        prepared = pipe.condition(lines, hints=hints)
        condition = prepared.tensor[0].numpy()
        # What the network reads in place of labels, an exported one knows.
        sketch = pipe.to_tensor(prepared.image)[0].numpy() if pipe.labels else condition[: pipe.input_nc]
        expected[str(number)] = {"sketch": sketch}
        if pipe.styles:
            planes = condition[pipe.input_nc :]
            expected[str(number)] |= {"colors": planes[COLOR], "style": np.float32(STYLE["numbers"])}
        (tmp_path / f"{number}.lines").write_bytes(lines.convert("RGBA").tobytes())
        if hints:
            (tmp_path / f"{number}.hints").write_bytes(hints.tobytes())
        cases.append(
            {
                "name": str(number),
                "drawing": f"{number}.lines",
                "hints": f"{number}.hints" if hints else None,
                "style": STYLE["numbers"] if pipe.styles else None,
                "model": preparation(pipe)["model"],
            }
        )
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    node(tmp_path)
    for number, inputs in expected.items():
        for name, values in inputs.items():
            found = np.fromfile(tmp_path / f"{number}.{name}", np.float32).reshape(values.shape)
            same = np.abs(found - values) < 1e-6
            assert same.mean() >= 0.995, (number, name, list(KINDS)[int(number) % len(KINDS)])


def test_the_networks_answer_becomes_the_pipelines_picture(pipes, tmp_path):
    torch.manual_seed(0)
    for channels in (1, 3):
        answer = (torch.randn(1, channels, SIZE, SIZE) * 0.7).clamp(-1, 1)
        (tmp_path / "answer").write_bytes(answer.numpy().tobytes())
        node(tmp_path, SIZE)
        found = np.fromfile(tmp_path / "picture", np.uint8).reshape(SIZE, SIZE, 4)
        assert (found[..., :3] == np.asarray(pipes["of lines"].to_image(answer))).all()
        assert (found[..., 3] == 255).all()
