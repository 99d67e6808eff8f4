import numpy as np
import pytest
from PIL import Image

from pix2pix.data.make_pairs import combine
from pix2pix.data.pairs import open_pair
from pix2pix.errors import DataError


def noise(path, size=(6, 4), seed=0):
    """Writes an RGB picture that no two seeds share; returns its pixels, (H, W, 3)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def read(path):
    with Image.open(path) as image:
        assert image.mode == "RGB"
        return np.array(image)


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "a", tmp_path / "b", tmp_path / "out"


def test_a_is_left_and_b_is_right_pixel_for_pixel(folders):
    a, b, out = folders
    left, right = noise(a / "cat.png", seed=1), noise(b / "cat.bmp", seed=2)
    noise(a / "dog.jpeg"), noise(b / "dog.PNG")
    assert combine(a, b, out) == 2
    assert sorted(path.name for path in (out / "train").iterdir()) == ["cat.png", "dog.png"]
    assert np.array_equal(read(out / "train" / "cat.png"), np.concatenate([left, right], axis=1))
    assert sorted(path.name for path in out.parent.iterdir()) == ["a", "b", "out"]


def test_train_val_and_test_are_kept_apart(folders):
    a, b, out = folders
    for seed, split in enumerate(("train", "val", "test")):
        noise(a / split / "1.png", seed=seed), noise(b / split / "1.png", seed=seed + 10)
    noise(a / "sketches" / "ignored.png")
    assert combine(a, b, out) == 3
    found = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    assert found == ["test/1.png", "train/1.png", "val/1.png"]
    assert np.array_equal(read(out / "val" / "1.png")[:, :6], read(a / "val" / "1.png"))


def test_some_pairs_are_held_out(folders):
    a, b, out = folders
    for number in range(10):
        noise(a / f"{number}.png", seed=number), noise(b / f"{number}.png", seed=number + 10)
    assert combine(a, b, out, val=3) == 10
    assert sorted(path.stem for path in (out / "val").iterdir()) == ["0", "3", "6"]
    assert len(list((out / "train").iterdir())) == 7
    with pytest.raises(DataError, match="--val 10 would leave nothing to train on: there are 10 pairs"):
        combine(a, b, out.with_name("none"), val=10)
    noise(a / "val" / "3.png"), noise(b / "val" / "3.png")
    with pytest.raises(DataError, match="val/3 is there already: leave --val out"):
        combine(a, b, out.with_name("twice"), val=3)
    assert sorted(path.name for path in out.parent.iterdir()) == ["a", "b", "out"]


def test_an_image_beside_train_and_in_it(folders):
    a, b, out = folders
    noise(a / "1.png"), noise(a / "train" / "1.png"), noise(b / "1.png")
    with pytest.raises(DataError, match=r"a/1\.png and .*a/train/1\.png have the same name"):
        combine(a, b, out)


def test_names_with_dots_and_other_files(folders):
    a, b, out = folders
    for folder in (a, b):
        noise(folder / "bag.1.png"), noise(folder / "bag.2.png")
        (folder / "readme.txt").write_text("no image")
    assert combine(a, b, out) == 2
    assert sorted(path.name for path in (out / "train").iterdir()) == ["bag.1.png", "bag.2.png"]


def test_transparent_drawings_lie_on_white(folders):
    a, b, out = folders
    noise(b / "1.png")
    a.mkdir()
    Image.new("RGBA", (6, 4), (0, 0, 0, 0)).save(a / "1.png")
    combine(a, b, out)
    assert (read(out / "train" / "1.png")[:, :6] == 255).all()


def test_sizes_must_agree_or_be_made_to(folders):
    a, b, out = folders
    left = noise(a / "1.png")
    noise(b / "1.png", size=(8, 8))
    with pytest.raises(DataError, match=r"a/1\.png has 6x4 pixels and .*b/1\.png 8x8"):
        combine(a, b, out)
    assert sorted(path.name for path in out.parent.iterdir()) == ["a", "b"]
    combine(a, b, out, resize=True)
    pair = read(out / "train" / "1.png")
    assert pair.shape == (4, 12, 3)
    assert np.array_equal(pair[:, :6], left)


def test_images_without_a_partner_are_named(folders):
    a, b, out = folders
    for name in ("1.png", "2.png", "3.png"):
        noise(a / name)
    noise(b / "1.png")
    with pytest.raises(DataError, match=r"2 of the images in .*a have no partner .*: train/2, train/3$"):
        combine(a, b, out)
    with pytest.raises(DataError, match=r"2 of the images in .*a have no partner"):
        combine(b, a, out)
    assert not out.exists()


def test_two_images_of_one_name(folders):
    a, b, out = folders
    noise(a / "1.png"), noise(a / "1.jpg"), noise(b / "1.png")
    with pytest.raises(DataError, match=r"1\.jpg and .*1\.png have the same name"):
        combine(a, b, out)


@pytest.mark.parametrize(("width", "fits"), [(32767, True), (32768, False)])
def test_pairs_are_no_wider_than_a_training_takes(folders, width, fits):
    a, b, out = folders
    noise(a / "1.png", size=(width, 1)), noise(b / "1.png", size=(width, 1))
    if fits:
        assert combine(a, b, out) == 1
        assert open_pair(out / "train" / "1.png")[0].size == (width, 1)
    else:
        with pytest.raises(DataError, match=r"a/1\.png is 32768 pixels wide: training takes at most 32767"):
            combine(a, b, out)


def test_no_folder_and_no_image(folders):
    a, b, out = folders
    noise(a / "1.png")
    with pytest.raises(DataError, match=r"there is no folder .*b"):
        combine(a, b, out)
    b.mkdir()
    with pytest.raises(DataError, match=r"no image in .*b"):
        combine(a, b, out)


def test_a_truncated_image_is_named_and_nothing_is_left(folders):
    a, b, out = folders
    for name in ("1.png", "2.png"):
        noise(a / name, size=(64, 64)), noise(b / name, size=(64, 64))
    whole = (b / "2.png").read_bytes()
    for broken in (whole[: len(whole) // 2], b"no image", b""):
        (b / "2.png").write_bytes(broken)
        with pytest.raises(DataError, match=r"1 of the 4 images can't be read or are cut: .*b/2\.png"):
            combine(a, b, out)
        assert sorted(path.name for path in out.parent.iterdir()) == ["a", "b"]


def test_an_output_with_files_is_left_alone(folders):
    a, b, out = folders
    noise(a / "1.png"), noise(b / "1.png")
    out.mkdir()
    assert combine(a, b, out) == 1  # an empty folder is as good as none
    with pytest.raises(DataError, match="out is there already"):
        combine(a, b, out)


def test_a_link_in_the_place_of_what_a_killed_run_left_is_not_followed(folders):
    a, b, out = folders
    noise(a / "1.png"), noise(b / "1.png")
    (out.parent / "mine").mkdir()
    (out.parent / ".out.combining").symlink_to(out.parent / "mine")
    assert combine(a, b, out) == 1
    assert list((out.parent / "mine").iterdir()) == []
    assert not out.is_symlink()


def test_an_output_that_cannot_be_written(folders):
    a, b, out = folders
    noise(a / "1.png"), noise(b / "1.png")
    out.write_text("a file")
    with pytest.raises(DataError, match="can't write to"):
        combine(a, b, out / "pairs")
