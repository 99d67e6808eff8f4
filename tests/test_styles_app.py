"""Styles, and strokes of colour apart from the lines, as the page and programs send them."""

import base64
import io
import itertools
import math

import numpy as np
import pytest
from conftest import STYLES, alike
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw
from sketches import sketch, translate
from strangers import ask, upload

from pix2pix import Pix2PixPipeline
from pix2pix.errors import DataError
from pix2pix.ui.draw.swatches import style_numbers, swatches
from pix2pix.ui.drawings import Drawing, read_drawing
from pix2pix.ui.inside.tab import drawing_of
from pix2pix.ui.pictures import BadPicture

RED = (217, 50, 46)


def strokes(color=RED, size=(256, 256)) -> Image.Image:
    image = Image.new("RGBA", size)
    ImageDraw.Draw(image).line([100, 140, 160, 170], fill=(*color, 255), width=18)
    return image


def url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def picture_of(answer) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(answer.json()["img"].partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def painted(canvas):
    def paint(model="totes", **values) -> np.ndarray:
        return picture_of(canvas("paint", {"image": url(sketch()), "model": model, "lossless": True, **values}))

    return paint


def test_the_canvas_paints_styles_by_number_and_by_their_numbers(painted):
    first, third = painted(style=0), painted(style=2)
    assert not alike(first, third)
    assert alike(painted(), first)
    assert alike(painted(style=[*STYLES["red, shiny"], *[0.1] * 13]), third)


def test_a_larger_picture_is_the_same_with_sharper_lines(painted):
    small, large = painted(), painted(scale=2, sharp=url(sketch((512, 512))))
    assert large.shape == (512, 512, 3)
    halved = np.asarray(Image.fromarray(large).resize((256, 256), Image.Resampling.BOX))
    assert np.abs(halved.astype(float) - small).mean() < 6
    assert painted(scale=4).shape == painted("handbags", scale=4).shape == (1024, 1024, 3)


def test_strokes_of_any_colour_apart_from_the_lines_change_the_picture(painted):
    plain, red, white = painted(), painted(hints=url(strokes())), painted(hints=url(strokes((247, 247, 245))))
    assert not alike(plain, red)
    assert not alike(red, white)


def test_a_network_that_learnt_hints_in_the_drawing_gets_them_there(painted):
    together = sketch().convert("RGBA")
    together.alpha_composite(strokes())
    assert alike(
        painted("handbags", hints=url(strokes()), style=None),
        painted("handbags", image=url(together.convert("RGB"))),
    )


@pytest.mark.parametrize(
    "values",
    [
        *({"style": style} for style in (len(STYLES), -1, True, 1.5, "tan, smooth", [0.1] * 15, [9.0] * 16, {})),
        {"style": [0.1] * 15 + ["x"]},
        *({"scale": scale} for scale in (0, 5, 2.0, "2", True)),
        {"sharp": "lines"},
        *({"hints": hints} for hints in (7, "", "data:image/webp;base64,AAAA", [])),
        {"hints": url(strokes(size=(128, 128)))},
        {"hints": url(sketch())},
    ],
    ids=str,
)
def test_a_style_or_hints_that_can_not_be_are_refused(canvas, values):
    answer = canvas("paint", {"image": url(sketch()), "model": "totes", **values})
    assert answer.json() == {"error": "frame_bad"}


def test_programs_name_a_style_and_send_hints(client, tmp_path):
    path, hints = tmp_path / "sketch.png", tmp_path / "hints.png"
    sketch().save(path)
    strokes().save(hints)
    small = tmp_path / "small.webp"
    strokes().resize((128, 128)).save(small)
    plain = translate(client, path, model="totes")
    third = translate(client, path, model="totes", style="red, shiny")
    assert not alike(plain, third)
    for same in ("2", 2):
        assert alike(translate(client, path, model="totes", style=same), third)
    assert not alike(translate(client, path, model="totes", hints=handle_file(hints)), plain)
    for wrong, words in (
        ({"style": "blue"}, "no style 'blue'"),
        ({"style": 99}, "numbered from 0 to 5"),
        ({"style": 1.5}, r"style is 1\.5: expected a whole number"),
        ({"style": 0, "model": "handbags"}, "is told no style"),
        ({"hints": handle_file(path)}, "hints has no transparency"),
        ({"hints": handle_file(small)}, "hints should be an RGBA image of the drawing's size, 256x256 pixels"),
    ):
        with pytest.raises(AppError, match=words):
            client.predict(handle_file(path), **{"model": "totes", **wrong}, api_name="/translate")


def test_a_program_written_before_there_were_styles_goes_on_working(http, functions):
    buffer = io.BytesIO()
    sketch().save(buffer, "png")
    done, answer = ask(http, functions["translate"], [upload(http, buffer.getvalue()), None, None])
    assert done, answer


def test_swatches_are_the_drawing_in_each_style(canvas):
    payload = {"image": url(sketch()), "hints": None, "model": "totes", "styles": [1, 0, [0.1] * 16]}
    imgs = canvas("sample", payload).json()["imgs"]
    assert len(set(imgs)) == 3
    for wrong in ({"styles": 3}, {"styles": ["x"]}, {"styles": [99]}, {"image": 7}):
        assert canvas("sample", {**payload, **wrong}).json() == {"error": "frame_bad"}


@pytest.mark.parametrize("size", [(5000, 1), (1, 4000), (300, 200)], ids=str)
def test_hints_are_placed_as_the_drawing_is_whatever_its_shape(pipe, size):
    assert pipe(Image.new("RGB", size, "white"), hints=Image.new("RGBA", size, (*RED, 255))).size == (256, 256)


@pytest.fixture(scope="module")
def pipe(checkpoints):
    return Pix2PixPipeline.from_pretrained(checkpoints / "totes", "cpu")


def test_swatches_give_way(pipe):
    assert len(swatches(pipe, Drawing(sketch()), list(range(6)), unless=lambda: False)) == 6
    assert swatches(pipe, Drawing(sketch()), [0, 1], unless=lambda: True) == []
    calls = itertools.count()
    assert len(swatches(pipe, Drawing(sketch()), [0, 1, 2], unless=lambda: next(calls) > 2)) == 1


def test_the_style_of_a_photo_paints(pipe, canvas):
    photo = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(photo).rectangle([60, 90, 240, 250], fill=(150, 40, 30))
    answer = canvas("like", {"image": url(photo), "model": "totes"}).json()
    assert answer["style"] == style_numbers(pipe, photo)
    assert len(answer["style"]) == 16
    assert "img" in canvas("paint", {"image": url(sketch()), "model": "totes", "style": answer["style"]}).json()
    blank = url(Image.new("RGB", (300, 300), "white"))
    assert canvas("like", {"image": blank, "model": "totes"}).json() == {"error": "style_nothing"}
    for wrong in ({"image": blank, "model": "handbags"}, {"image": "x", "model": "totes"}, [], None):
        assert canvas("like", wrong).json() == {"error": "frame_bad"}


def test_inside_looks_at_the_drawing_in_its_style_with_its_hints(pipe):
    value = {"image": url(sketch()), "hints": url(strokes()), "style": 2}
    condition = drawing_of(value, pipe).condition(pipe)
    assert condition.image.getpixel((130, 155)) == RED
    bare = drawing_of(url(sketch()), pipe).condition(pipe)
    assert not np.array_equal(condition.tensor, bare.tensor)
    empty = drawing_of("", pipe)
    assert empty.lines == drawing_of({"image": url(Image.new("RGB", (64, 64), "white"))}, pipe).lines
    with pytest.raises(DataError, match="can't be read"):
        drawing_of({"image": "x"}, pipe)


@pytest.mark.parametrize(
    "style", [math.nan, ["1"], [[1.0]], [True] * 16, [0.0] * 17, [math.nan] * 16, [10**400] * 16, "1", {"a": 1}]
)
def test_a_style_is_a_number_or_numbers(style):
    with pytest.raises(BadPicture):
        read_drawing({"image": url(sketch()), "style": style})
