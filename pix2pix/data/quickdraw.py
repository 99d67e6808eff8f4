"""Reads people's drawings from the Quick, Draw! data set, and renders them as with a pen on a canvas.

  https://github.com/googlecreativelab/quickdraw-dataset (CC BY 4.0)

An .ndjson file has one drawing in each line: {"word": ..., "drawing": [[[x, ...], [y, ...]], ...]}. Each stroke is a
pair of coordinate lists; raw files have times as a third list.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ..errors import DataError

Drawing = list[np.ndarray]  # strokes: float arrays (points, 2) of x and y, y downwards


def read_drawings(file: str | Path) -> list[Drawing]:
    """All drawings of an .ndjson file.

    Raises:
        DataError: the file does not exist, is empty, or has a line that is no drawing; the message names file and line.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(f"there is no file {file}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} can't be read as drawings in the Quick, Draw! format: {error}") from error
    drawings = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            strokes = [np.array(stroke[:2], float).T.reshape(-1, 2) for stroke in json.loads(line)["drawing"]]
            drawing = [stroke for stroke in strokes if len(stroke)]
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            drawing = []
        if not drawing or not all(np.isfinite(stroke).all() for stroke in drawing):  # null is read as NaN
            raise DataError(f'{file}, line {number}: expected {{"drawing": [[[x, ...], [y, ...]], ...]}}')
        drawings.append(drawing)
    if not drawings:
        raise DataError(f"{file} holds no drawing")
    return drawings


def render(drawing: Drawing, pen: float, size: int = 512, margin: float = 1 / 16) -> Image.Image:
    """Draws in black on a white square of `size` pixels, with a round pen of `pen` pixels.

    The drawing is centred, and its longer side fills the canvas but for the margins.
    """
    smooth = 3  # drawn larger, then reduced, because ImageDraw's lines have hard edges
    points = np.concatenate(drawing)
    low, high = points.min(0), points.max(0)
    scale = smooth * size * (1 - 2 * margin) / max((high - low).max(), 1e-6)
    image = Image.new("L", (smooth * size, smooth * size), 255)
    draw = ImageDraw.Draw(image)
    width, radius = max(round(smooth * pen), 1), smooth * pen / 2
    for stroke in drawing:
        path = (stroke - (low + high) / 2) * scale + smooth * size / 2
        draw.line([tuple(point) for point in path], fill=0, width=width)
        for x, y in path:  # round joints and ends
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=0)
    return image.resize((size, size), Image.Resampling.BOX).convert("RGB")
