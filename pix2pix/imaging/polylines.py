"""From lines of one pixel to polylines: what a trace of a photo is to a pen, a link, or a file of vectors."""

import numpy as np

AROUND = [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1)]
BACK = 4  # pixels over which a line's direction is taken
SHORTEST = 3  # pixels; what is shorter was left over where lines cross

Pixel = tuple[int, int]


def polylines(lines: np.ndarray) -> list[list[Pixel]]:
    """Every line as the pixels along it: where lines cross, each goes on as straight as it can.

    Args:
        lines: (H, W) bool, one pixel thin.

    Returns:
        For each line its pixels (x, y), neighbours one after the other.
    """
    left = {(int(x), int(y)) for y, x in np.argwhere(lines)}
    ends = sorted(pixel for pixel in left if len(beside(pixel, left)) == 1)
    found = []
    for start in [*ends, *sorted(left)]:
        if start in left:
            left.discard(start)
            there = walk(start, left)
            back = walk(start, left)  # where a ring or a crossing was entered in its middle
            line = [*back[:0:-1], *there]
            if len(line) >= SHORTEST:
                found.append(line)
    return found


def beside(pixel: Pixel, left: set[Pixel]) -> list[Pixel]:
    x, y = pixel
    return [(x + dx, y + dy) for dx, dy in AROUND if (x + dx, y + dy) in left]


def walk(start: Pixel, left: set[Pixel]) -> list[Pixel]:
    """From `start` on, as straight as it goes; takes the pixels out of `left`."""
    line = [start]
    while ways := beside(line[-1], left):
        x, y = line[-1]
        x0, y0 = line[max(len(line) - 1 - BACK, 0)]
        onward = max(ways, key=lambda way: ((way[0] - x) * (x - x0) + (way[1] - y) * (y - y0), -ways.index(way)))
        line.append(onward)
        left.discard(onward)
    return line
