"""Turns lines of one pixel into polylines, which pens, links and vector files need."""

import numpy as np

AROUND = [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1)]
BACK = 4  # pixels over which a line's direction is measured
SHORTEST = 3  # pixels; shorter lines are remains of crossings

Pixel = tuple[int, int]


def polylines(lines: np.ndarray) -> list[list[Pixel]]:
    """Follows every line. At a crossing it goes on as straight as it can.

    Args:
        lines: (H, W) bool, one pixel thin.

    Returns:
        For each line its pixels (x, y), in order.
    """
    left = {(int(x), int(y)) for y, x in np.argwhere(lines)}
    ends = sorted(pixel for pixel in left if len(beside(pixel, left)) == 1)
    found = []
    for start in [*ends, *sorted(left)]:
        if start in left:
            left.discard(start)
            there = walk(start, left)
            back = walk(start, left)  # the other half, if the start lay in the middle of a line
            line = [*back[:0:-1], *there]
            if len(line) >= SHORTEST:
                found.append(line)
    return found


def beside(pixel: Pixel, left: set[Pixel]) -> list[Pixel]:
    x, y = pixel
    return [(x + dx, y + dy) for dx, dy in AROUND if (x + dx, y + dy) in left]


def walk(start: Pixel, left: set[Pixel]) -> list[Pixel]:
    """Follows a line from `start`, as straight as it can, and removes its pixels from `left`."""
    line = [start]
    while ways := beside(line[-1], left):
        x, y = line[-1]
        x0, y0 = line[max(len(line) - 1 - BACK, 0)]
        onward = max(ways, key=lambda way: ((way[0] - x) * (x - x0) + (way[1] - y) * (y - y0), -ways.index(way)))
        line.append(onward)
        left.discard(onward)
    return line
