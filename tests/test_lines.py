"""What people draw becomes lines as the network knows them, whatever they draw with."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from scipy import ndimage

from pix2pix import Pix2PixPipeline, UNetGenerator
from pix2pix.data.augment import redrawn
from pix2pix.errors import CheckpointError
from pix2pix.imaging.redraw_lines import pen_point, redraw, widened

WIDTH = 3


def drawing(size=512, pen=6, ink="black", paper="white", mode="RGB") -> Image.Image:
    """A bag: a body, a handle, and a strap that does not touch them."""
    image = Image.new(mode, (size, size), paper)
    draw, unit = ImageDraw.Draw(image), size / 16
    draw.line([(3 * unit, 6 * unit), (13 * unit, 6 * unit), (12 * unit, 13 * unit), (4 * unit, 13 * unit),
               (3 * unit, 6 * unit)], ink, pen, "curve")  # fmt: skip
    draw.arc([6 * unit, 2 * unit, 10 * unit, 7 * unit], 180, 360, ink, pen)
    draw.line([(5 * unit, 10 * unit), (11 * unit, 10 * unit)], ink, pen)
    return image


def lines(image: Image.Image) -> np.ndarray:
    """(H, W) bool: where the redrawn picture has a line."""
    return (np.asarray(redraw(image, 256, WIDTH)) == 0).all(2)


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """How far, in pixels, 95% of the lines of either picture are at most from those of the other."""
    distances = np.r_[ndimage.distance_transform_edt(~b)[a], ndimage.distance_transform_edt(~a)[b]]
    return float(np.percentile(distances, 95))


THIN = lines(drawing(pen=4))


@pytest.mark.parametrize("pen", [1, 2, 3, 6, 9, 12, 16])
def test_every_pen_gives_the_same_lines(pen):
    drawn = lines(drawing(pen=pen))
    assert apart(drawn, THIN) <= 3
    assert 0.8 < drawn.sum() / THIN.sum() < 1.25


@pytest.mark.parametrize(
    "other",
    [
        drawing(ink="#777"),
        drawing(ink="#bbb"),
        drawing(paper="#e8e4dc"),
        drawing(ink="white", paper="black"),
        drawing(ink="#ddd", paper="#222"),
        drawing(size=2048, pen=4),
        drawing(size=200, pen=2),
        drawing(mode="L", paper=255, ink=0).convert("RGB"),
    ],
    ids=["grey", "pencil", "old paper", "chalk", "grey chalk", "large canvas", "small canvas", "greyscale"],
)
def test_any_paper_and_any_grey_ink(other):
    assert apart(lines(other), THIN) <= 3


@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("#181818", "white")])
@pytest.mark.parametrize("size", [1024, 2049, 4099])
def test_on_large_paper_a_thin_line_is_not_lost(size, paper, ink):
    assert apart(lines(drawing(size, 2, ink, paper)), THIN) < 2


def test_only_black_and_white_where_no_color_was_used():
    assert set(np.unique(np.asarray(redraw(drawing(ink="#555", paper="#f4f4f4"), 256, WIDTH)))) == {0, 255}


@pytest.mark.parametrize("width", [1, 2, 3, 4, 6])
def test_lines_get_the_width_asked_for(width):
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).line([(30, 128), (226, 128)], "black", 9)
    column = np.asarray(redraw(image, 256, width))[:, 100, 0] == 0
    assert column.sum() == width
    assert abs(np.flatnonzero(column).mean() - 128) <= 1


@pytest.mark.parametrize("width", range(1, 9))
def test_widening_is_dilation_with_the_pen(width):
    points = np.random.default_rng(width).random((40, 30)) < 0.05
    assert np.array_equal(widened(points, width), ndimage.binary_dilation(points, pen_point(width)))


def test_empty_paper_stays_empty():
    for shade in ("white", "#eee", "black"):
        assert redraw(Image.new("RGB", (300, 200), shade), 256, WIDTH).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("#181818", "white")])
def test_colored_strokes_are_no_lines_and_keep_their_color(paper, ink):
    image = drawing(ink=ink, paper=paper)
    ImageDraw.Draw(image).line([(200, 350), (320, 350)], "#d9322e", 16)
    redrawn_ = np.asarray(redraw(image, 256, WIDTH)).astype(int)
    assert np.abs(redrawn_[175, 130] - (0xD9, 0x32, 0x2E)).max() < 30
    assert apart((redrawn_ == 0).all(2), THIN) <= 3


def test_a_hint_near_black_is_told_from_a_line():
    image = drawing()
    ImageDraw.Draw(image).line([(200, 350), (320, 350)], "#000038", 16)
    hint = np.asarray(redraw(image, 256, WIDTH))[175, 130]
    assert hint.max() >= 77
    assert hint.argmax() == 2


def test_an_edge_map_keeps_its_lines_in_training_as_in_use():
    image = drawing(size=256, pen=1)
    condition = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255
    trained, _ = redrawn(condition, condition, WIDTH)
    used = torch.from_numpy(np.array(redraw(image, 256, WIDTH))).permute(2, 0, 1) / 255
    assert torch.equal(trained, used)


def test_only_a_network_trained_on_redrawn_lines_gets_them():
    generator = UNetGenerator(ngf=4)
    plain, line = Pix2PixPipeline(generator), Pix2PixPipeline(generator, config={"line_width": WIDTH})
    image = drawing(ink="#777")
    assert set(np.unique(np.asarray(line.prepare(image)))) == {0, 255}
    assert 0x77 in np.asarray(plain.prepare(image))


@pytest.mark.parametrize("width", ["3", -1, 10**9, 2.5, None, [3], True])
def test_a_config_with_an_impossible_width_is_refused(width):
    with pytest.raises(CheckpointError, match="line_width"):
        Pix2PixPipeline(UNetGenerator(ngf=4), config={"line_width": width})
