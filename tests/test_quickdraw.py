"""Drawings of the Quick, Draw! format: read, checked, rendered."""

import json

import numpy as np
import pytest

from pix2pix.data.quickdraw import read_drawings, render
from pix2pix.errors import DataError

SQUARE = [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]]


def write(file, *drawings):
    file.write_text("".join(json.dumps({"word": "bag", "drawing": drawing}) + "\n" for drawing in drawings))
    return file


def test_reads_simplified_and_raw_drawings(tmp_path):
    raw = [[[10.5, 20], [30, 40], [0, 16]], [[1], [2], [99]]]  # with times, and one stroke that is a dot
    first, second = read_drawings(write(tmp_path / "bag.ndjson", SQUARE, raw))
    assert first[0].tolist() == [[0, 0], [255, 0], [255, 255], [0, 255], [0, 0]]
    assert [stroke.tolist() for stroke in second] == [[[10.5, 30], [20, 40]], [[1, 2]]]


@pytest.mark.parametrize(
    "line",
    [
        *("{", "[]", "{}", '{"drawing": []}', '{"drawing": 3}', '{"drawing": [[[1, 2], [3]]]}', '{"drawing": [[[1]]]}'),
        *('{"drawing": [[[1, null], [3, 4]]]}', '{"drawing": [[[1, 1e999], [3, 4]]]}', "[" * 100_000),
    ],
    ids=range(10),
)
def test_a_bad_line_is_named(tmp_path, line):
    file = write(tmp_path / "bag.ndjson", SQUARE)
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(DataError, match=r"bag\.ndjson, line 2"):
        read_drawings(file)


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(DataError, match=r"^there is no file .*nothing\.ndjson$"):
        read_drawings(tmp_path / "nothing.ndjson")
    with pytest.raises(DataError, match="holds no drawing"):
        read_drawings(write(tmp_path / "empty.ndjson"))


@pytest.mark.parametrize("pen", [2, 6, 12])
def test_the_pen_has_the_width_asked_for(tmp_path, pen):
    image = render(read_drawings(write(tmp_path / "bag.ndjson", SQUARE))[0], pen)
    assert (image.size, image.mode) == ((512, 512), "RGB")
    ink = 1 - np.asarray(image)[..., 0] / 255
    assert ink[256, :256].sum() == pytest.approx(pen, abs=0.7)  # across the left edge
    assert ink[:256, 256].sum() == pytest.approx(pen, abs=0.7)
    rows, columns = np.nonzero(ink > 0.5)
    for low, high in ((rows.min(), rows.max()), (columns.min(), columns.max())):
        assert low == pytest.approx(32 - pen / 2, abs=1)
        assert high == pytest.approx(480 + pen / 2, abs=1)


def test_a_drawing_is_scaled_as_a_whole_and_centred():
    flat = [np.array([[1000.0, 50], [1010, 50]])]  # raw coordinates, and a level line
    ink = np.asarray(render(flat, 4, size=128).convert("L")) < 128
    rows, columns = np.nonzero(ink)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(63.5, abs=1)
    assert (columns.min(), columns.max()) == (pytest.approx(6, abs=1), pytest.approx(121, abs=1))


def test_a_dot_is_a_dot():
    ink = np.asarray(render([np.array([[7.0, 7]])], 12).convert("L")) < 128
    assert ink.sum() == pytest.approx(np.pi * 36, rel=0.1)
