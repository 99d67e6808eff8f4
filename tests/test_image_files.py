"""Which files are read as pictures, which pairs go together, and what is said of the others."""

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from trainings import TINY, pair
from warm import run

from pix2pix import DataError
from pix2pix.data.check_pairs import check_pairs
from pix2pix.data.classes import labelled_dataset
from pix2pix.data.image_files import list_folder, split_folder
from pix2pix.data.make_pairs import combine, outline_pairs
from pix2pix.data.pairs import PairedImages
from pix2pix.errors import note


def fill(folder: Path, *names: str, size: tuple[int, int] = (16, 16)) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, "navy").save(file, "JPEG" if name.endswith(".jfif") else None)
    return folder


def written(output: Path) -> list[str]:
    return sorted(str(file.relative_to(output)) for file in output.rglob("*.png"))


@pytest.mark.parametrize("ending", ["jpg", "jfif", "png", "gif", "avif", "webp", "bmp", "tif"])
def test_combine_reads_what_the_app_reads(tmp_path, ending):
    for side in "AB":
        fill(tmp_path / side, f"1.{ending}", "2.png")
    assert combine(tmp_path / "A", tmp_path / "B", tmp_path / "out") == 2


def test_what_is_left_out_is_said(tmp_path, capsys):
    for side in "AB":
        fill(
            tmp_path / side,
            "1.png",
            "more/2.png",
            "more/3.png",
            "._1.png",
            ".ipynb_checkpoints/1.png",
            "__MACOSX/1.png",
        )
        (tmp_path / side / "notes.txt").write_text("not a picture")
        (tmp_path / side / ".DS_Store").write_text("of no interest")
        (tmp_path / side / "old.png").mkdir()
    combine(tmp_path / "A", tmp_path / "B", tmp_path / "out")
    assert written(tmp_path / "out") == ["train/1.png"]
    expected = (
        f"4 files are left out of {tmp_path / 'A'}: "
        "1 hidden (._1.png), 1 of other types (.txt), 2 in sub-folders (more)"
    )
    assert f"note: {expected}\n" in capsys.readouterr().err
    assert list_folder(tmp_path / "A").left_out == expected


def test_a_folder_without_pictures_says_where_they_are(tmp_path):
    fill(tmp_path / "train", "more/1.png")
    with pytest.raises(DataError, match=r"no image in .*train.*1 file is left out .*: 1 in sub-folders \(more\)"):
        PairedImages(tmp_path / "train")


@pytest.mark.parametrize("name", ["valid", "validation", "dev", "Val"])
def test_held_out_pairs_have_many_names(tmp_path, name):
    for side in "AB":
        fill(tmp_path / side, "train/1.png", f"{name}/2.png")
    combine(tmp_path / "A", tmp_path / "B", tmp_path / "out")
    assert written(tmp_path / "out") == ["train/1.png", "val/2.png"]
    assert split_folder(tmp_path / "A", "val") == tmp_path / "A" / name


def test_names_that_look_alike_are_the_same(tmp_path):
    fill(tmp_path / "A", unicodedata.normalize("NFC", "été.png"), "IMG_1.png", "x.png")
    fill(tmp_path / "B", unicodedata.normalize("NFD", "été.jpg"), "img_1.png", "x.png")
    assert combine(tmp_path / "A", tmp_path / "B", tmp_path / "out") == 3
    fill(tmp_path / "A", "two.png"), fill(tmp_path / "B", "Two.png", "TWO.png")  # which one?
    with pytest.raises(DataError, match="have no partner"):
        combine(tmp_path / "A", tmp_path / "B", tmp_path / "again")


def test_range_is_kept_where_pairs_are_made(tmp_path, capsys):
    deep = np.linspace(0, 4095, 64 * 64).reshape(64, 64).astype(np.uint16)
    labels = np.tile(np.arange(8, dtype=np.uint16), (64, 8))
    for name, values in (("scan.png", deep), ("labels.png", labels)):
        (tmp_path / "A").mkdir(exist_ok=True)
        Image.fromarray(values).save(tmp_path / "A" / name)
    fill(tmp_path / "B", "scan.png", "labels.png", size=(64, 64))
    combine(tmp_path / "A", tmp_path / "B", tmp_path / "out")
    scan, numbers = (
        np.asarray(Image.open(tmp_path / "out" / "train" / n))[:, :64, 0] for n in ("scan.png", "labels.png")
    )
    assert scan.max() == 255
    assert (numbers == labels).all()
    assert "grey images of more than 8 bits: 2 (labels.png, scan.png)" in capsys.readouterr().err
    outline_pairs(tmp_path / "A", tmp_path / "lines", size=64)
    assert np.asarray(Image.open(tmp_path / "lines" / "train" / "scan.png"))[:, 64:].max() > 250


# --- classes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [[], ["1.png"]], ids=["empty", "with a picture"])
@pytest.mark.parametrize("hidden", [".ipynb_checkpoints", "__MACOSX"])
def test_hidden_folders_are_no_classes(tmp_path, hidden, inside):
    fill(tmp_path, "boot/1.png", "coat/1.png", *(f"{hidden}/{name}" for name in inside))
    (tmp_path / hidden).mkdir(exist_ok=True)
    (tmp_path / "boot" / "._1.png").write_bytes(b"\0")
    data = labelled_dataset(tmp_path)
    assert data.class_names == ["boot", "coat"]
    assert len(data) == 2


def test_numbered_classes_come_in_numeric_order(tmp_path):
    fill(tmp_path, *(f"{number}/1.png" for number in range(12)))
    data = labelled_dataset(tmp_path)
    assert data.class_names == [str(number) for number in range(12)]
    earlier = sorted(data.class_names)  # as words: a generator that goes on keeps its own
    assert [earlier[label] for label in data.in_order_of(earlier).labels] == [data.class_names[i] for i in data.labels]


def test_pictures_beside_classes_are_left_out_aloud(tmp_path, capsys):
    fill(tmp_path, "boot/1.png", "coat/1.png", "3.png")
    (tmp_path / "coat" / "2.txt").write_text("")
    labelled_dataset(tmp_path)
    assert f"note: 2 files are left out of {tmp_path}: 2 of other types (.png, .txt)" in capsys.readouterr().err


# --- pairs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "advice"),
    [
        ((32, 64), "A lies above B"),
        ((96, 32), "three pictures in a row"),
        ((48, 32), "single photos"),
        ((32, 32), "single photos"),
        ((160, 32), "no pairs of wide pictures"),
    ],
    ids=str,
)
def test_files_that_seem_to_be_no_pairs_are_noted(tmp_path, size, advice):
    fill(tmp_path, "2.png", size=(64, 32)), fill(tmp_path, "1.png", size=size)
    (sentence,) = check_pairs(list_folder(tmp_path).images)
    assert sentence.startswith("1 of the 2 files, such as ")
    assert advice in sentence


def test_all_bad_files_are_named_at_the_start(tmp_path):
    fill(tmp_path, "1.png", "2.jpg", "3.webp", "4.gif", "5.png", "6.jpg", size=(64, 32))
    for name in ("1.png", "2.jpg", "3.webp", "4.gif"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
    (tmp_path / "5.png").write_bytes(b"hello")
    with open(tmp_path / "6.jpg", "ab") as file:
        file.write(b"what a phone leaves behind a picture")
    with pytest.raises(DataError, match=r"5 of the 6 images .*1\.png.*2\.jpg.*3\.webp.*4\.gif.*5\.png \(no image\)"):
        check_pairs(list_folder(tmp_path).images)
    fill(tmp_path / "odd", "1.png", "2.png", size=(31, 16))
    with pytest.raises(DataError, match=r"1\.png, .*2\.png: 2 of the 2 files have an odd width, such as 31 pixels"):
        check_pairs(list_folder(tmp_path / "odd").images)


def test_a_turned_photo_is_judged_upright(tmp_path):
    image, exif = Image.new("RGB", (16, 32)), Image.Exif()
    exif[0x0112] = 6  # upright, it is 32 pixels wide
    image.save(tmp_path / "1.jpg", exif=exif)
    assert check_pairs([tmp_path / "1.jpg"]) == []


# --- the command line ---------------------------------------------------------------------------------------------


def test_a_home_folder_and_letters_that_stdout_can_not_show(tmp_path):
    for side in "AB":
        fill(tmp_path / side, "1.png")
    outcome = run(
        "train.py", "combine", "~/A", "~/B", "~/ペア", env={"HOME": str(tmp_path), "PYTHONIOENCODING": "cp1252"}
    )
    assert outcome.returncode == 0
    assert "The pairs are in" in outcome.stdout
    assert (tmp_path / "ペア" / "train" / "1.png").exists()


def test_one_training_learns_the_pairs_of_several_folders(tmp_path):
    for name, count in (("one", 3), ("two", 2)):
        (tmp_path / name / "train").mkdir(parents=True)
        for number in range(count):
            pair(number).save(tmp_path / name / "train" / f"{number}.png")
    fill(tmp_path / "two" / "val", "1.png", size=(31, 16))
    words = ["train.py", "pix2pix", "--output_dir=~/out", *TINY, "--dataroot", "~/one", "~/two"]
    for more in (["--epochs", "1"], ["--epochs", "2", "--resume"]):
        outcome = run(*words, *more, env={"HOME": str(tmp_path), "OMP_NUM_THREADS": "1"})
        assert outcome.returncode == 0, outcome.stderr
        assert "note: sample sheets leave 1 of the held-out files out" in outcome.stderr
    training = json.loads((tmp_path / "out" / "config.json").read_text())["training"]
    assert training["images"] == 10
    assert "dataroot" not in training["options"]


def test_links_that_lead_anywhere_are_not_followed(tmp_path):
    """Two links back to the same folder make as many paths as there are atoms."""
    for name in ("boot", "coat"):
        (tmp_path / name).mkdir()
        Image.new("L", (28, 28)).save(tmp_path / name / "1.png")
    for name in ("back", "again"):
        (tmp_path / "boot" / name).symlink_to(tmp_path)
    assert labelled_dataset(tmp_path).labels.tolist() == [0, 1]
    assert list_folder(tmp_path / "boot").left_out == ""
    (tmp_path / "boot" / "self.png").symlink_to("self.png")
    assert list_folder(tmp_path / "boot").left_out.endswith("1 of other types (.png)")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="Found no valid file for the classes empty"):
        labelled_dataset(tmp_path)


def test_names_give_no_commands_to_a_terminal(tmp_path, capsys):
    (tmp_path / "a\n\x1b[31m.png").write_bytes(b"no picture")
    with pytest.raises(DataError) as caught:
        check_pairs([tmp_path / "a\n\x1b[31m.png"])
    assert str(caught.value).startswith(f"1 of the 1 images can't be read or are cut: {tmp_path}/a\\n\\x1b[31m.png")
    note("left out: a\u202eb\rc été 猫")
    assert capsys.readouterr().err == "note: left out: a\\u202eb\\rc été 猫\n"
