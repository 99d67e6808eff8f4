"""The functions of the digits, called as programs do."""

import json
import re

import gradio as gr
import numpy as np
import pytest
from conftest import alike
from gradio_client.exceptions import AppError
from PIL import Image

from pix2pix import DCGANGenerator, DigitPipeline
from pix2pix.ui.digits import digits_tab
from pix2pix.ui.digits.styles import pages_of
from pix2pix.ui.inputs import class_choice


def digits(client, *arguments) -> np.ndarray:
    images = []
    for item in client.predict(*arguments, api_name="/generate_digits"):
        with Image.open(item["image"]) as image:
            images.append(np.asarray(image.convert("L")))
    return np.stack(images)


def test_generate_digits_repeats_itself(client):
    first = digits(client, "3", 5, 7)
    assert first.shape == (5, 28, 28)
    assert alike(first, digits(client, 3, 5, 7))
    assert not alike(first, digits(client, "3", 5, 8))
    assert not alike(first, digits(client, "4", 5, 7))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("12", 5, 0), "digit is 12: expected one of 0, 1"),
        ((-1, 5, 0), "digit is -1"),
        ((None, 5, 0), "digit is None"),
        ((["3"], 5, 0), "digit is"),
        (("3", 0, 0), "count is 0: expected a whole number from 1 to 64"),
        (("3", 65, 0), "count is 65"),
        (("3", 2.5, 0), "count is 2.5: expected a whole number from 1 to 64"),
        (("3", None, 0), "count is None"),
        (("3", 5, 0.5), "seed is 0.5: expected a whole number"),
        (("3", 5, None), "seed is None"),
    ],
)
def test_generate_digits_says_what_is_wrong(client, arguments, words):
    with pytest.raises(AppError, match=words) as caught:
        client.predict(*arguments, api_name="/generate_digits")
    assert "Traceback" not in str(caught.value)


def test_a_number_means_the_class_of_this_name():
    as_words = sorted(str(number) for number in range(1, 13))  # 1, 10, 11, 12, 2, ...
    choice = class_choice(as_words)
    assert [choice.preprocess(number) for number in (2, 2.0, 10, "2")] == ["2", "2", "10", "2"]
    for wrong in (0, 13, True, None):
        with pytest.raises(gr.Error):
            choice.preprocess(wrong)
    assert [class_choice(["bag", "shoe"]).preprocess(place) for place in (0, 1)] == ["bag", "shoe"]
    mixed = class_choice([*"0123456789", "A", "B"])
    assert [mixed.preprocess(number) for number in (3, 11)] == ["3", "B"]


def test_too_many_values_are_refused(http):
    job = http.post("/gradio_api/call/write_number", json={"data": ["7", 1, 99]}).json()["event_id"]
    assert "write_number takes 2 values, not 3" in http.get(f"/gradio_api/call/write_number/{job}").text


def test_write_number_is_as_wide_as_its_text(client):
    def written(*arguments) -> np.ndarray:
        with Image.open(client.predict(*arguments, api_name="/write_number")) as picture:
            return np.asarray(picture.convert("L"))

    first = written("2026", 1)
    assert first.shape == (28, 4 * 28)
    assert alike(first, written(2026, 1))
    assert alike(first, written(" ２０２６ ", 1))  # as a Japanese keyboard writes it
    assert not alike(first, written("2026", 2))


def test_digit_styles_show_every_class_in_every_style(client):
    items = client.predict(5, 2, api_name="/digit_styles")
    assert [item["caption"] for item in items] == [f"style {row}: {name}" for row in (1, 2) for name in range(10)]
    with Image.open(items[13]["image"]) as image:
        three = np.asarray(image.convert("L"), int)
    assert np.abs(three - digits(client, "3", 2, 5)[1]).max() <= 1


def test_morph_digits_answers_with_frames_and_an_animation(client):
    frames, gif = client.predict("3", 8, 6, 0, 1, api_name="/morph_digits")
    assert len(frames) == 6
    with Image.open(frames[0]["image"]) as first, Image.open(frames[-1]["image"]) as last:
        for image, digit, seed in ((first, "3", 0), (last, "8", 1)):
            assert np.abs(np.asarray(image.convert("L"), int) - digits(client, digit, 1, seed)[0]).max() <= 1
    with Image.open(gif) as animation:
        assert (animation.format, animation.n_frames, animation.size) == ("GIF", 10, (168, 168))
        assert animation.info["loop"] == 0
    same, _ = client.predict("3", "3", 2, 0, api_name="/morph_digits")  # without seed_end the style stays
    assert len(same) == 2
    assert Image.open(same[0]["image"]).tobytes() == Image.open(same[1]["image"]).tobytes()


@pytest.mark.parametrize(
    ("endpoint", "arguments", "words"),
    [
        ("write_number", ("12a", 0), "text has 'a': expected only 0, 1, 2"),
        ("write_number", ("", 0), "text has 0 characters: expected 1 to 32"),
        ("write_number", (None, 0), "text has 0 characters"),
        ("write_number", ("1" * 33, 0), "text has 33 characters"),
        ("write_number", ("12", 0.5), "seed is 0.5: expected a whole number"),
        ("digit_styles", (0, 9), "count is 9: expected a whole number from 1 to 8"),
        ("digit_styles", (None, 2), "seed is None"),
        ("digit_styles", (0, 2, 2), "page is 2: expected a whole number from 1 to 1"),
        ("morph_digits", ("12", "3", 4, 0), "start is 12: expected one of 0, 1"),
        ("morph_digits", ("3", None, 4, 0), "end is None: expected one of 0, 1"),
        ("morph_digits", ("3", "4", 1, 0), "steps is 1: expected a whole number from 2 to 64"),
        ("morph_digits", ("3", "4", 1e9, 0), "steps is 1000000000"),
        ("morph_digits", ("3", "4", 4, 0, 1.5), "seed_end is 1.5: expected a whole number"),
    ],
)
def test_the_other_digit_endpoints_say_what_is_wrong(client, endpoint, arguments, words):
    with pytest.raises(AppError, match=words) as caught:
        client.predict(*arguments, api_name=f"/{endpoint}")
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["T-shirt/top", "Bag"], {"tab_pictures", "class_pictures", "make", "gallery_pictures", "samples_pictures"}),
        (["A", "B", "C"], {"tab_characters", "class_characters", "write", "gallery", "write_characters"}),
        (["0", "1"], {"tab_digits", "class_digits", "write", "gallery", "write_digits"}),
    ],
)
def test_the_tab_speaks_of_the_classes_that_its_checkpoint_has(names, keys):
    network = DCGANGenerator(num_classes=len(names), ngf=8, class_names=names)
    with gr.Blocks() as page, gr.Tab("") as tab:
        digits_tab(DigitPipeline(network, "cpu"), tab)
    parts = page.get_config_file()["components"]
    assert keys <= set(re.findall(r"\w+", json.dumps(parts, default=str)))
    choices = [part["props"]["choices"] for part in parts if part["type"] == "dropdown"]
    assert choices == 3 * [[(name, name) for name in names]]  # of the samples, and of both ends of a morph


@pytest.mark.parametrize(("classes", "pages"), [(1, 1), (10, 1), (52, 1), (53, 2), (1000, 20)])
def test_pages_hold_every_class_once_and_never_more_than_fit(classes, pages):
    found = pages_of([f"class {number}" for number in range(classes)])
    assert [label for _, page in found for label in page] == list(range(classes))
    assert len(found) == pages
    sizes = [len(page) for _, page in found]
    assert max(sizes) <= 52
    assert max(sizes) - min(sizes) < 20, "no page of a few"


def test_a_thousand_classes_fill_no_error():
    names = [f"class {number}" for number in range(1000)]
    choice = class_choice(names)
    with pytest.raises(gr.Error) as caught:
        choice.preprocess("none")
    assert len(str(caught.value)) < 400
    pipe = DigitPipeline(
        DCGANGenerator(num_classes=1000, ngf=8, class_names=[chr(0x4E00 + i) for i in range(1000)]), "cpu"
    )
    with pytest.raises(ValueError, match="text has 'a'") as bad:
        pipe.write("a")
    assert len(str(bad.value)) < 400
