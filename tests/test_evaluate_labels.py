"""Figures of checkpoints whose drawings are labels."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from towns import LAND, PARK, WATER, save_towns

from pix2pix import UNetGenerator, checkpoint
from pix2pix.evaluate import main
from pix2pix.evaluation.labels import measure_labels
from pix2pix.imaging.labels import Labels

GREEN, BLUE, DARK = (60, 90, 50), (30, 50, 90), (20, 60, 20)
CLASSES = {"land": LAND, "lake": WATER, "park": PARK}


def pair(i: int) -> tuple[Image.Image, Image.Image]:
    """A map of a lake and a park, and the photo."""
    drawing, photo = Image.new("RGB", (128, 128), LAND), Image.new("RGB", (128, 128), GREEN)
    lake, park = [10, 10 + 20 * i, 60, 60], [70, 70, 120, 90 + 10 * i]
    for box, label, color in ((lake, WATER, BLUE), (park, PARK, DARK)):
        ImageDraw.Draw(drawing).rectangle(box, fill=label)
        ImageDraw.Draw(photo).rectangle(box, fill=color)
    return drawing, photo


def test_areas_painted_like_the_photos_agree_and_others_do_not():
    pairs = [pair(i) for i in range(3)]
    labels = Labels([*CLASSES.values()], LAND)
    right = measure_labels(pairs, [photo for _, photo in pairs], labels, CLASSES)
    assert [figures["agreement"] for figures in right.values()] == [1] * 6
    assert sum(right[f"{name}, outputs"]["area"] for name in CLASSES) == pytest.approx(1)
    dry = measure_labels(pairs, [Image.new("RGB", (128, 128), GREEN)] * 3, labels, CLASSES)
    assert [dry[f"{name}, outputs"]["agreement"] for name in CLASSES] == [1, 0, 0]
    assert [dry[f"{name}, real photos"]["agreement"] for name in CLASSES] == [1] * 3


@pytest.fixture(scope="module")
def call(tmp_path_factory) -> list[str]:
    root = tmp_path_factory.mktemp("towns")
    (root / "data" / "val").mkdir(parents=True)
    for i in range(2):
        both = Image.new("RGB", (256, 128))
        for half, x in zip(pair(i), (0, 128), strict=True):
            both.paste(half, (x, 0))
        both.save(root / "data" / "val" / f"{i}.png")
    options = {"--dataroot": root / "data", "--checkpoint": save_towns(root / "towns"), "--output": root / "out"}
    return ["pix2pix", *(str(part) for option in options.items() for part in option)]


def test_the_command_measures_the_labels_that_it_is_told(call):
    main([*call, "--labels", "Park", "<b>Water</b>"])
    rows = json.loads((Path(call[-1]) / "metrics.json").read_text())
    assert {"Park, outputs", "Park, real photos", "<b>Water</b>, outputs"} < rows.keys()


def test_labels_that_are_not_there_get_one_sentence(call, tmp_path):
    with pytest.raises(SystemExit, match="no colour of towns is called Sea; it has Road, <b>Water</b>, Park"):
        main([*call, "--labels", "Sea"])
    with pytest.raises(SystemExit, match="fewer than two of these classes occur"):
        main([*call, "--labels", "Road", "Park"])
    checkpoint.save(UNetGenerator(num_downs=7, ngf=4), tmp_path / "lines")
    with pytest.raises(SystemExit, match="needs a checkpoint whose drawings are areas of colour"):
        main([*call, "--checkpoint", str(tmp_path / "lines"), "--labels", "Park"])
