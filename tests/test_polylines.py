"""Lines of one pixel as polylines."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from pix2pix.imaging.polylines import SHORTEST, polylines
from pix2pix.imaging.trace_outline import outline


def drawn(*lines) -> np.ndarray:
    image = Image.new("1", (100, 80))
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=1)
    return np.asarray(image)


def test_a_line_is_one_from_end_to_end():
    (line,) = polylines(drawn([10, 10, 50, 30, 90, 70]))
    assert {line[0], line[-1]} == {(10, 10), (90, 70)}


def test_a_ring_is_one_line():
    (line,) = polylines(drawn([20, 20, 70, 20, 70, 60, 20, 60, 20, 20]))
    assert len(line) == 180


def test_where_lines_cross_one_goes_on_straight():
    whole, *halves = sorted(polylines(drawn([10, 40, 90, 40], [50, 10, 50, 70])), key=len, reverse=True)
    assert {whole[0], whole[-1]} == {(10, 40), (90, 40)}
    assert len(halves) == 2


def test_nothing_gives_nothing():
    assert polylines(np.zeros((20, 30), bool)) == []


@pytest.mark.parametrize("seed", range(3))
def test_polylines_cover_what_they_came_from(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (9, 9, 3)).astype(np.uint8)
    lines = np.asarray(outline(Image.fromarray(noise).resize((300, 260), Image.Resampling.BICUBIC)))[..., 0] == 0
    assert lines.sum() > 500
    found, again = polylines(lines), np.zeros_like(lines)
    for line in found:
        assert len(line) >= SHORTEST
        assert np.abs(np.diff(line, axis=0)).max() == 1, "neighbours follow each other"
        again[tuple(np.transpose(line)[::-1])] = True
    assert not (again & ~lines).any()
    assert not (lines & ~ndimage.binary_dilation(again, np.ones((3, 3)), 2)).any()
