"""From a photo to an outline that the network can read."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import train as command
from pix2pix.data.pairs import open_pair
from pix2pix.imaging.trace_outline import outline

pytestmark = pytest.mark.filterwarnings("error")  # they would reach the console of the app


def photo(background="white", size=(400, 400)) -> Image.Image:
    """A red box with a blue pocket, the lightness of both alike, before a background."""
    image = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(image)
    w, h = size
    draw.rectangle((0.2 * w, 0.3 * h, 0.8 * w, 0.9 * h), fill=(200, 40, 40))
    draw.rectangle((0.4 * w, 0.5 * h, 0.6 * w, 0.7 * h), fill=(60, 70, 220))
    return image


def lines(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L")) < 128


def test_black_lines_one_pixel_thin_on_white():
    drawn = outline(photo())
    assert (drawn.mode, drawn.size) == ("RGB", (256, 256))
    assert set(np.unique(np.asarray(drawn))) == {0, 255}
    ink = lines(drawn)
    assert 0.005 < ink.mean() < 0.05
    crossings = ink[:, 128]  # a vertical cut meets the box and the pocket, each line one or two pixels thick
    assert 4 <= crossings.sum() <= 8


@pytest.mark.parametrize("background", ["white", "black", "darkseagreen"])
def test_the_box_and_its_pocket_are_drawn_where_they_are(background):
    rows = np.flatnonzero(lines(outline(photo(background)))[:, 128])
    for y in (0.3, 0.5, 0.7, 0.9):
        assert np.abs(rows - y * 256).min() <= 3, y


@pytest.mark.parametrize("size", [(400, 300), (300, 400)])
def test_a_photo_of_any_shape_has_no_lines_at_its_own_border(size):
    """Between its background and the paper beside it."""
    plain = outline(photo("darkgrey", size))
    shaded = np.asarray(photo("darkgrey", size), int) + np.linspace(-60, 60, size[0]).astype(int)[:, None]
    for drawn in (plain, outline(Image.fromarray(shaded.clip(0, 255).astype(np.uint8)))):
        ink = lines(drawn)
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        assert ink.any()
        for found, length in ((columns, size[0]), (rows, size[1])):
            margin = 128 - 128 * length / max(size)  # of paper
            assert found[0] > margin + 10
            assert found[-1] < 256 - margin - 10


def test_a_plain_background_gives_no_lines():
    ink = lines(outline(photo()))
    assert not ink[:60].any()
    assert not ink[:, :40].any()


def test_noise_in_the_background_is_ignored():
    noisy = np.asarray(photo(), int) + np.random.default_rng(0).integers(-6, 6, (400, 400, 3))
    ink = lines(outline(Image.fromarray(noisy.clip(0, 255).astype(np.uint8))))
    assert not ink[:60].any()


def test_more_detail_gives_more_lines():
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    texture = Image.fromarray(noise).resize((256, 256), Image.Resampling.BICUBIC)
    few, many = (lines(outline(texture, detail=detail)).sum() for detail in (0.0, 1.0))
    assert many > few > 0


def test_a_blank_photo_gives_a_blank_outline():
    assert not lines(outline(Image.new("RGB", (64, 64), "gray"))).any()


def test_detail_out_of_range_is_named():
    with pytest.raises(ValueError, match="detail is 2; expected 0 to 1"):
        outline(photo(), detail=2)


def test_a_folder_of_photos_becomes_pairs_to_train_on(tmp_path):
    (tmp_path / "photos").mkdir()
    photo(size=(300, 500)).save(tmp_path / "photos" / "red bag.jpg")
    command.main(["outline", str(tmp_path / "photos"), "--output", str(tmp_path / "data")])
    a, b = open_pair(tmp_path / "data" / "train" / "red bag.png")
    assert a.size == b.size == (256, 256)
    assert lines(a).any()
    assert b.getpixel((128, 90)) == pytest.approx((200, 40, 40), abs=12)


def test_mistakes_are_one_sentence(tmp_path):
    with pytest.raises(SystemExit, match="there is no folder"):
        command.main(["outline", str(tmp_path / "nowhere"), "--output", str(tmp_path / "data")])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("here")
    photo().save(tmp_path / "1.png")
    with pytest.raises(SystemExit, match="is there already"):
        command.main(["outline", str(tmp_path), "--output", str(tmp_path / "data")])


def test_a_side_that_no_memory_holds_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["outline", str(tmp_path), "--output", str(tmp_path / "out"), "--size", "1000000"])
    assert "1000000 is out of range: expected 1 to 4096" in capsys.readouterr().err
