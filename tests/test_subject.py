"""What a checkpoint is about: read from its config, from a file, and how drawings in labels reach the network."""

import contextlib
import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from trainings import options, pix2pix
from warm import ROOT

from pix2pix import CheckpointError, DataError, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.checkpoint.styles import styles_of_file
from pix2pix.checkpoint.subject import MOST_EXAMPLES, read_subject, subject_of_file
from pix2pix.data.frequent_colors import frequent_colors
from pix2pix.imaging.labels import Labels
from pix2pix.training.pix2pix import Pix2PixTraining

LAND, ROAD, WATER = "#ebe6df", "#ffffff", "#b1d0fe"
PALETTE = [{"name": "Road", "color": ROAD, "width": 9}, {"name": {"en": "Water", "ja": "水"}, "color": WATER}]
RIVER = {"name": "River", "strokes": [{"c": WATER, "w": 60, "p": [0, 200, 512, 300]}]}
TOWN = {"title": "Towns", "line": "Draw a town", "picture": "aerial photo", "means": "labels", "paper": LAND}
TOWN |= {"palette": PALETTE, "examples": [RIVER]}


def rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


def refused(**changes) -> str:
    with pytest.raises(CheckpointError) as error:
        read_subject({"subject": TOWN | changes})
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300
    return str(error.value)


def test_a_subject_survives_the_way_through_a_config():
    subject = read_subject({"subject": TOWN})
    assert subject
    assert subject.title == {"en": "Towns"}
    assert subject.palette[1].name["ja"] == "水"
    assert subject.colors == [LAND, ROAD, WATER]
    assert subject.widths == (2, 128)
    assert read_subject({"subject": json.loads(json.dumps(subject.as_entry()))}) == subject
    assert read_subject({}) is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": "x" * 41}, "title"),
        ({"title": "half \ud800"}, "title"),
        ({"line": {"ja": "水"}}, "line"),
        ({"line": "two\nlines"}, "line"),
        ({"means": "photos"}, "means"),
        ({"paper": "red; background: url(//x)"}, "paper"),
        ({"palette": []}, "palette"),
        ({"palette": PALETTE * 13}, "palette"),
        ({"palette": [{"name": "Road", "color": ROAD, "width": True}]}, "width"),
        ({"palette": [{"name": "Road", "color": ROAD, "input": "red"}]}, "input"),
        ({"palette": [{"name": "Road", "color": ROAD, "input": LAND}]}, "the same input"),
        ({"widths": [9, 3]}, "width"),
        ({"tools": ["pen", "laser"]}, "tools"),
        ({"examples": [RIVER] * (MOST_EXAMPLES + 1)}, "examples"),
        ({"examples": [RIVER | {"strokes": [{"c": "#123456", "w": 5, "p": [0, 0]}]}]}, "#123456"),
        ({"examples": [RIVER | {"strokes": [{"c": "ink", "w": 5, "p": [0, 0]}]}]}, "ink"),
        ({"examples": [RIVER | {"strokes": [{"c": ROAD, "w": 5, "p": [0, 10**400]}]}]}, "numbers"),
        ({"examples": [RIVER | {"strokes": [{"c": ROAD, "w": 5, "p": [0, float("nan")]}]}]}, "numbers"),
        ({"examples": [RIVER | {"strokes": [{"c": ROAD, "w": 5, "p": [1] * 3000}] * 20}]}, "points"),
        ({"examples": [RIVER | {"strokes": [{"c": ROAD, "w": 5, "p": [1, 1]}] * 400}] * 6}, "more strokes"),
        ({"examples": [RIVER | {"strokes": [{"c": ROAD, "w": 1, "m": 1, "p": [0, 0, 512, 0] * 500}]}]}, "more ink"),
        ({"examples": [RIVER | {"strokes": [{"c": ROAD, "w": 128, "p": [1] * 4000}] * 4}]}, "more ink"),
    ],
)
def test_what_is_no_subject_is_refused_in_a_sentence(changes, word):
    assert word in refused(**changes)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_subnormal=False)  # which a training in this process has switched off
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from([ROAD, "pen", "en"]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["en", "name", "p", "c"]), parts),
    max_leaves=6,
)


@given(st.sampled_from([*TOWN, "widths", "tools"]), anything)
def test_a_strangers_subject_is_read_or_refused(key, value):
    with contextlib.suppress(CheckpointError):
        read_subject({"subject": TOWN | {key: value}})


def test_a_file_may_leave_the_palette_to_the_data_and_name_its_examples(tmp_path):
    (tmp_path / "rivers.json").write_text(json.dumps([RIVER]))
    words = 'title = "Towns"\nline = "Draw"\npicture = "photo"\nmeans = "labels"\nexamples = "rivers.json"\n'
    (tmp_path / "town.toml").write_text(words)
    subject = subject_of_file(tmp_path / "town.toml", lambda: [LAND, WATER])
    assert subject.paper == LAND
    assert [pen.color for pen in subject.palette] == [LAND, WATER]
    assert len(subject.examples) == 1
    (tmp_path / "bad.toml").write_text('title = "Towns')
    for file in ("bad.toml", "none.toml"):
        with pytest.raises(DataError, match=file):
            subject_of_file(tmp_path / file, lambda: [LAND, WATER])


def test_files_that_describe_something_are_short(tmp_path):
    """Readers take minutes and gigabytes for 100 MB."""
    words = 'title = "Towns"\nline = "Draw"\npicture = "photo"\nexamples = "rivers.json"\n'
    (tmp_path / "rivers.json").write_text(json.dumps([RIVER | {"strokes": []}]) + 10**6 * " ")
    (tmp_path / "town.toml").write_text(words)
    (tmp_path / "long.toml").write_text(words + 10**6 * "#")
    (tmp_path / "styles.json").write_text("[]" + 10**6 * " ")
    for file, why in (("town.toml", "rivers.json is larger"), ("long.toml", "long.toml is larger than 1000000 bytes")):
        with pytest.raises(DataError, match=why):
            subject_of_file(tmp_path / file, lambda: [])
    with pytest.raises(DataError, match="is no list of styles"):
        styles_of_file(tmp_path / "styles.json")


def town_map(size: int = 256) -> Image.Image:
    """A drawing with soft edges, as a canvas draws."""
    large = Image.new("RGB", (4 * size, 4 * size), LAND)
    pen = ImageDraw.Draw(large)
    pen.line([0, 3 * size, 4 * size, 2 * size], fill=WATER, width=size)
    pen.line([size, 0, 2 * size, 4 * size], fill=ROAD, width=size // 8)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def test_soft_edges_become_hard_ones_between_the_two_colours_that_meet():
    between = "#d0dbed"  # what land and water mix to: without care, a fringe along every shore
    snapped = Labels([LAND, ROAD, WATER, between], LAND).snap(np.asarray(town_map()))
    assert {tuple(color) for color in np.unique(snapped.reshape(-1, 3), axis=0)} == set(map(rgb, [LAND, ROAD, WATER]))
    assert np.abs(snapped.astype(int) - np.asarray(town_map())).mean() < 2


def test_colours_are_found_in_conditions_with_soft_edges(tmp_path):
    for i in range(3):
        Image.fromarray(np.hstack([np.asarray(town_map()), np.zeros((256, 256, 3), np.uint8)])).save(
            tmp_path / f"{i}.jpg", quality=95
        )
    found = frequent_colors(sorted(tmp_path.glob("*.jpg")))
    assert len(found) == 3
    for color, expected in zip(found, [LAND, WATER, ROAD], strict=True):
        assert np.abs(np.subtract(rgb(color), rgb(expected))).max() < 4
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (256, 512, 3), np.uint8)).save(tmp_path / "0.jpg")
    with pytest.raises(DataError, match="no areas of one colour"):
        frequent_colors([tmp_path / "0.jpg"])


def test_a_thin_street_of_a_jpeg_is_not_cut():
    building = "#f4f2eb"
    large = Image.new("RGB", (1024, 1024), LAND)
    for y in range(60, 1000, 120):
        ImageDraw.Draw(large).line([0, y, 1024, y + 100], fill=ROAD, width=14)
        ImageDraw.Draw(large).line([0, y + 50, 1024, y + 150], fill=building, width=40)
    stored = io.BytesIO()
    large.resize((256, 256), Image.Resampling.LANCZOS).save(stored, "jpeg", quality=85)
    with Image.open(stored) as image:
        snapped = Labels([LAND, ROAD, building], LAND).snap(np.asarray(image))
    street = (snapped == 255).all(2)
    assert (np.diff(street, axis=0).sum(0) == 2 * 8).all()  # in every column, eight streets begin and end


@pytest.fixture
def towns(tmp_path):
    """Pairs of photo and map, and the TOML file of their subject, without a palette."""
    for folder in ("train", "val"):
        (tmp_path / "towns" / folder).mkdir(parents=True)
        for i in range(2):
            sides = [np.full((256, 256, 3), 90 + i, np.uint8), np.asarray(town_map())]
            Image.fromarray(np.hstack(sides)).save(tmp_path / "towns" / folder / f"{i}.jpg", quality=95)
    words = 'title = "Towns"\nline = "Draw"\npicture = "photo"\nmeans = "labels"\n'
    (tmp_path / "towns.toml").write_text(words)
    return tmp_path / "towns", tmp_path / "towns.toml"


def test_a_training_learns_and_leaves_a_subject_with_the_colours_of_its_data(towns, tmp_path):
    pairs, file = towns
    words = ["--direction", "BtoA", "--subject", file]
    training = Pix2PixTraining(options(pairs, *words), torch.device("cpu"))
    conditions = (training.data[0, 0][0] + 1) * 127.5
    assert len(np.unique(conditions.reshape(3, -1).numpy(), axis=1).T) <= 3
    pipe = Pix2PixPipeline.from_pretrained(pix2pix(pairs, tmp_path / "out", *words, "--epochs", 1), device="cpu")
    assert pipe.subject
    assert len(pipe.subject.palette) == 3
    assert pipe.labels
    going_on = options(pairs, "--direction", "BtoA", "--generator", tmp_path / "out")
    assert Pix2PixTraining(going_on, torch.device("cpu")).subject == pipe.subject
    with pytest.raises(DataError, match="labels"):
        Pix2PixTraining(options(pairs, *words, "--line_width", 3), torch.device("cpu"))


def test_a_training_may_show_labels_in_other_colours_and_hide_details(towns):
    pairs, file = towns
    palette = f'''[[palette]]
name = "Water"
color = "{WATER}"
input = "#0000ff"
detail = true
[[palette]]
name = "Road"
color = "{ROAD}"'''
    file.write_text(file.read_text() + f'paper = "{LAND}"\n{palette}')
    training = Pix2PixTraining(options(pairs, "--direction", "BtoA", "--subject", file), torch.device("cpu"))
    seen = [colors_of(training.data[0, seed][0]) for seed in range(12)]
    assert (0, 0, 255) in set.union(*seen)
    assert (0, 0, 255) not in set.intersection(*seen)
    assert rgb(WATER) not in set.union(*seen)
    examples = training.examples[0]
    assert rgb(WATER) in colors_of(training.as_seen(examples)[0])  # on sheets, as people draw
    assert rgb(WATER) not in colors_of(examples[0])


def colors_of(image: torch.Tensor) -> set[tuple[int, ...]]:
    """Those of a tensor (3, H, W) in [-1, 1]."""
    bytes_ = ((image + 1) * 127.5).round().int()
    return {tuple(color) for color in bytes_.reshape(3, -1).unique(dim=1).T.tolist()}


def town(tmp_path, **facts) -> Pix2PixPipeline:
    torch.manual_seed(0)
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2, **facts), tmp_path / "town", subject=TOWN)
    return Pix2PixPipeline.from_pretrained(tmp_path / "town", device="cpu")


def test_a_network_for_labels_reads_colours_of_the_palette_alone(tmp_path):
    pipe = town(tmp_path)
    layer = Image.new("RGBA", (200, 100))
    ImageDraw.Draw(layer).ellipse([20, 20, 60, 60], fill=WATER)
    image = pipe.condition(Image.new("RGB", (200, 100), "#e8e8e0"), hints=layer).image
    colors = {color for _, color in image.getcolors() or []}
    assert colors == {rgb(LAND), rgb(WATER)}
    assert image.getpixel((0, 0)) == rgb(LAND)  # around a drawing that is not square lies the paper


def test_labels_do_not_go_with_styles(tmp_path):
    with pytest.raises(CheckpointError, match="labels"):
        town(tmp_path, style_dim=16)


@pytest.mark.parametrize(("name", "examples"), [("facades", 4), ("maps", 12), ("shoes", 12)])
def test_the_subjects_of_the_recipes_are_whole(name, examples):
    subject = subject_of_file(ROOT / "recipes" / f"{name}.toml", lambda: [])
    assert len(subject.examples) >= examples
    texts = [subject.title, subject.line, subject.picture, *[each.name for each in subject.palette + subject.examples]]
    assert all(text.keys() == {"en", "ja"} for text in texts)
    assert len(json.dumps(subject.as_entry())) < 200_000  # of the million that a config.json may have
