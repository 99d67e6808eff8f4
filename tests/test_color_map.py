"""Strokes of colour set the colour of the panel that they are in, as far as closed lines reach."""

import numpy as np
from PIL import Image

from pix2pix.imaging.color_map import OWN, color_map, regions
from pix2pix.imaging.hints import fit_hints, over, take_apart, under

RED, BLUE = (217, 50, 46), (42, 95, 208)
BOX = slice(60, 200)  # of rows and columns: the body of the bag
DIVIDER = 130  # row of a line across it


def drawing(divider: bool = True, gap: int = 0) -> np.ndarray:
    """(256, 256) bool: a closed box, with a line across it, or with an opening in its upper edge."""
    lines = np.zeros((256, 256), bool)
    lines[BOX, BOX] = True
    lines[63:197, 63:197] = False
    if divider:
        lines[DIVIDER : DIVIDER + 3, BOX] = True
    lines[60:63, 120 : 120 + gap] = False
    return lines


def strokes(*marks: tuple[int, int, tuple[int, ...]]) -> np.ndarray:
    """(256, 256, 4): a short stroke at each (row, column, colour)."""
    hints = np.zeros((256, 256, 4), np.uint8)
    for row, column, color in marks:
        hints[row : row + 8, column : column + 20] = (*color[:3], 255)
    return hints


def colors_at(hints: np.ndarray, *places: tuple[int, int], **kwargs) -> list[tuple[int, ...]]:
    own = np.float32([-1, -1, -1])
    found = color_map(drawing(**kwargs), hints, own)
    assert found.shape == (3, 256, 256)
    return [tuple(np.round((found[:, y, x] + 1) * 127.5).astype(int)) for y, x in places]


def test_without_strokes_the_style_decides():
    assert (regions(drawing(), np.zeros((256, 256), int)) == OWN).all()
    assert colors_at(strokes(), (100, 100), (5, 5)) == [(0, 0, 0)] * 2


def test_a_stroke_colours_its_panel_and_no_other():
    above, below, outside = (70, 190), (180, 100), (20, 20)
    assert colors_at(strokes((100, 100, RED)), above, below, outside) == [RED, (0, 0, 0), (0, 0, 0)]


def test_two_panels_two_colours():
    assert colors_at(strokes((100, 100, RED), (160, 100, BLUE)), (70, 190), (190, 190)) == [RED, BLUE]


def test_in_one_panel_the_nearer_stroke_counts():
    hints = strokes((120, 70, RED), (120, 160, BLUE))
    assert colors_at(hints, (190, 70), (70, 70), (190, 190), (70, 190), divider=False) == [RED, RED, BLUE, BLUE]


def test_a_small_gap_in_the_outline_is_closed():
    assert colors_at(strokes((100, 100, RED)), (180, 180), (20, 20), divider=False, gap=4) == [RED, (0, 0, 0)]


POCKET = slice(100, 130)  # of rows and columns: a small panel in the body
IN_POCKET, ON_BODY, ON_PAPER = (115, 115), (180, 180), (20, 20)


def pocket(gaps: int) -> np.ndarray:
    """The box with a pocket, whose line has so many gaps of three pixels."""
    lines = drawing(divider=False)
    lines[POCKET, POCKET] = True
    lines[102:128, 102:128] = False
    for number in range(gaps):
        lines[100:102, 104 + 8 * number : 107 + 8 * number] = False
    return lines


def at_pocket(lines: np.ndarray, *marks) -> list[tuple[int, ...]]:
    found = color_map(lines, strokes(*marks), np.float32([-1, -1, -1]))
    return [tuple(np.round((found[:, y, x] + 1) * 127.5).astype(int)) for y, x in (IN_POCKET, ON_BODY, ON_PAPER)]


def test_a_closed_pocket_keeps_its_colour_to_itself():
    assert at_pocket(pocket(gaps=0), (110, 106, RED)) == [RED, (0, 0, 0), (0, 0, 0)]


def test_stitches_hold_no_colour_back():
    assert at_pocket(pocket(gaps=3), (110, 106, RED)) == [RED, RED, (0, 0, 0)]


def test_a_stroke_on_the_body_leaves_the_pocket_its_own():
    assert at_pocket(pocket(gaps=3), (110, 106, RED), (170, 150, BLUE)) == [RED, BLUE, (0, 0, 0)]


def test_no_colour_gets_out_through_a_pocket_at_the_edge_of_the_bag():
    lines = drawing(divider=False)
    lines[60:90, 100:130] = True
    lines[63:87, 103:127] = False
    lines[60:63, 106:109] = False
    assert at_pocket(lines, (70, 106, RED))[1:] == [(0, 0, 0), (0, 0, 0)]


def test_every_colour_is_possible():
    for color in ((255, 255, 255), (0, 0, 0), (143, 146, 150), (217, 195, 160)):
        assert colors_at(strokes((100, 100, color)), (70, 190)) == [color]


def test_ink_of_colour_is_taken_out_of_the_lines():
    image = Image.new("RGB", (64, 64), "white")
    image.paste("black", (10, 10, 50, 14))
    image.paste(RED, (10, 30, 50, 40))
    lines, hints = take_apart(image)
    assert (lines[30:40, 10:50] == 255).all()
    assert (lines[10:14, 10:50] == 0).all()
    assert (hints[30:40, 10:50] == (*RED, 255)).all()
    assert not hints[10:14, :, 3].any()
    assert under(lines, hints).tobytes() == image.tobytes(), "together they are the drawing again"


def test_strokes_beside_the_drawing_lie_on_those_in_it():
    more = over(strokes((100, 100, RED)), strokes((100, 110, BLUE)))
    assert tuple(more[104, 102, :3]) == RED
    assert tuple(more[104, 115, :3]) == BLUE


def test_strokes_are_placed_as_the_drawing_is():
    hints = Image.new("RGBA", (400, 200))
    hints.paste(RED, (0, 0, 200, 200))
    fitted = fit_hints(hints, 64)
    assert fitted.shape == (64, 64, 4)
    assert not fitted[:16, :, 3].any(), "paper above and below a wide drawing"
    assert tuple(fitted[32, 10]) == (*RED, 255)
    assert fitted[32, 50, 3] == 0
