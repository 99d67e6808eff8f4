"""Labelled sets from tiny files in the layouts that torchvision expects."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import train
from pix2pix import DigitPipeline
from pix2pix.data.classes import labelled_dataset
from pix2pix.errors import DataError


def write_idx(path, values):
    """The MNIST file format: two zero bytes, type (8 = uint8), number of dimensions, sizes, values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">BBBB", 0, 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(header + values.astype(np.uint8).tobytes())


def write_set(folder, train="train", test="t10k", labels=(3, 0, 9, 3, 1, 2)):
    """Random pictures for training and, half as many, for tests. Returns both as (N, 28, 28)."""
    random, written = np.random.default_rng(0), []
    for prefix, part in ((train, labels), (test, labels[::2])):
        written.append(random.integers(0, 256, (len(part), 28, 28), dtype=np.uint8))
        write_idx(folder / f"{prefix}-images-idx3-ubyte", written[-1])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", np.array(part))
    return written


def write_classes(folder, classes=("bag", "shoe"), count=3, size=(40, 30), colour=True):
    random = np.random.default_rng(1)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(count):
            pixels = random.integers(0, 256, (size[1], size[0], 3) if colour else (size[1], size[0]), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")


def test_mnist_without_a_download(tmp_path):
    train, test = write_set(tmp_path / "MNIST" / "raw")
    data = labelled_dataset("mnist", tmp_path)
    assert (data.images.dtype, data.images.shape) == (torch.uint8, (6, 1, 28, 28))
    assert np.array_equal(data.images[:, 0], train)
    assert data.labels.dtype == torch.int64
    assert data.labels.tolist() == [3, 0, 9, 3, 1, 2]
    assert data.class_names == list("0123456789")
    data = labelled_dataset("mnist", tmp_path, train=False)
    assert np.array_equal(data.images[:, 0], test)
    assert (len(data), data.labels.tolist()) == (3, [3, 9, 1])


def test_batch_is_float_from_minus_one_to_one(tmp_path):
    train, _ = write_set(tmp_path / "MNIST" / "raw")
    images, labels = labelled_dataset("mnist", tmp_path).to("cpu").batch(torch.tensor([5, 0]))
    assert (images.dtype, images.shape) == (torch.float32, (2, 1, 28, 28))
    assert np.allclose(images[:, 0], train[[5, 0]] / 127.5 - 1, atol=1e-6)
    assert images.min() == -1
    assert images.max() == 1
    assert labels.tolist() == [2, 3]


def test_32_pads_with_black_and_64_scales(tmp_path):
    train, _ = write_set(tmp_path / "MNIST" / "raw")
    padded = labelled_dataset("mnist", tmp_path, image_size=32).images[:, 0]
    assert padded.shape == (6, 32, 32)
    assert np.array_equal(padded[:, 2:-2, 2:-2], train)
    assert padded.sum() == train.sum()
    scaled = labelled_dataset("mnist", tmp_path, image_size=64).images
    assert (scaled.dtype, scaled.shape) == (torch.uint8, (6, 1, 64, 64))
    assert scaled.float().mean() == pytest.approx(train.mean(), abs=2)


def test_max_images_is_the_same_random_part_every_time(tmp_path):
    labels = tuple(range(10)) * 10
    write_set(tmp_path / "MNIST" / "raw", labels=labels)
    first, again = (labelled_dataset("mnist", tmp_path, max_images=20) for _ in range(2))
    assert len(first) == 20
    assert torch.equal(first.images, again.images)
    whole = labelled_dataset("mnist", tmp_path, max_images=1000)
    assert len(whole) == 100
    places = [int((whole.images == image).all(dim=(1, 2, 3)).nonzero()) for image in first.images]
    assert places == sorted(set(places))
    assert max(places) > 50
    assert torch.equal(whole.labels[places], first.labels)


def test_fashion_mnist_has_its_names(tmp_path):
    write_set(tmp_path / "FashionMNIST" / "raw")
    data = labelled_dataset("fashion-mnist", tmp_path)
    assert len(data.class_names) == 10
    assert data.class_names[8] == "Bag"


def test_emnist_letters_stand_upright_and_count_from_zero(tmp_path):
    raw, _ = write_set(tmp_path / "EMNIST" / "raw", "emnist-letters-train", "emnist-letters-test", labels=(1, 26, 2))
    data = labelled_dataset("emnist-letters", tmp_path)
    assert np.array_equal(data.images[:, 0], raw.transpose(0, 2, 1))
    assert [data.class_names[label] for label in data.labels] == ["A", "Z", "B"]
    assert len(data.class_names) == 26
    assert len(labelled_dataset("emnist-letters", tmp_path, train=False)) == 2


def test_emnist_balanced_has_the_47_classes_of_its_paper(tmp_path):
    folder = tmp_path / "EMNIST" / "raw"
    raw, _ = write_set(folder, "emnist-balanced-train", "emnist-balanced-test", labels=(0, 9, 10, 35, 36, 46))
    data = labelled_dataset("emnist-balanced", tmp_path)
    assert np.array_equal(data.images[:, 0], raw.transpose(0, 2, 1))
    assert "".join(data.class_names) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
    assert [data.class_names[label] for label in data.labels] == ["0", "9", "A", "Z", "a", "t"]


def test_missing_files_name_the_folder(tmp_path):
    with pytest.raises(DataError, match=r"not in .*MNIST.raw.*--download"):
        labelled_dataset("mnist", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", [b"", b"\0\0\x08", b"nonsense" * 10, "cut"])
def test_a_damaged_file_names_the_folder(tmp_path, broken):
    folder = tmp_path / "MNIST" / "raw"
    write_set(folder)
    file = folder / "train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-100] if broken == "cut" else broken)
    with pytest.raises(DataError, match=r"a file of mnist in .*MNIST.raw is damaged \(.+\); delete"):
        labelled_dataset("mnist", tmp_path)


@pytest.mark.parametrize("labels", [np.array([1, 2]), np.array([0, 1, 2, 3, 4, 10])], ids=["too few", "too high"])
def test_labels_that_do_not_fit(tmp_path, labels):
    folder = tmp_path / "MNIST" / "raw"
    write_set(folder)
    write_idx(folder / "train-labels-idx1-ubyte", labels)
    with pytest.raises(DataError, match=r"training labels of mnist in .* don't fit"):
        labelled_dataset("mnist", tmp_path)


def test_class_folders(tmp_path):
    write_classes(tmp_path)
    data = labelled_dataset(tmp_path, image_size=32)
    assert data.images.shape == (6, 3, 32, 32)
    assert data.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.class_names == ["bag", "shoe"]
    assert len(labelled_dataset(str(tmp_path), max_images=2)) == 2


def test_class_folders_of_the_right_size_keep_their_pixels(tmp_path):
    write_classes(tmp_path, size=(28, 28))
    data = labelled_dataset(tmp_path, image_size=28)
    with Image.open(tmp_path / "bag" / "0.png") as image:
        assert np.array_equal(data.images[0].permute(1, 2, 0), np.array(image))


def test_grey_class_folders_have_one_channel(tmp_path):
    write_classes(tmp_path, colour=False)
    assert labelled_dataset(tmp_path).images.shape == (6, 1, 28, 28)


def test_wide_pictures_are_cropped_in_the_middle(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        stripes = np.zeros((28, 84, 3), np.uint8)
        stripes[:, 28:56] = (255, 0, 0)
        Image.fromarray(stripes).save(tmp_path / name / "1.png")
    assert (labelled_dataset(tmp_path).images[0] == torch.tensor([255, 0, 0])[:, None, None]).all()


@pytest.mark.parametrize("test_name", ["test", "val"])
def test_class_folders_split_in_train_and_test(tmp_path, test_name):
    write_classes(tmp_path / "train", count=3)
    write_classes(tmp_path / test_name, count=2)
    assert len(labelled_dataset(tmp_path)) == 6
    assert len(labelled_dataset(tmp_path, train=False)) == 4


def test_a_class_may_be_called_train(tmp_path):
    write_classes(tmp_path, classes=("bicycle", "train"))
    assert labelled_dataset(tmp_path).class_names == ["bicycle", "train"]
    with pytest.raises(DataError, match="no test images"):
        labelled_dataset(tmp_path, train=False)


def test_a_folder_may_be_called_mnist(tmp_path, monkeypatch):
    write_classes(tmp_path / "mnist")
    monkeypatch.chdir(tmp_path)
    assert labelled_dataset(Path("mnist")).class_names == ["bag", "shoe"]


def test_bad_class_folders(tmp_path):
    with pytest.raises(DataError, match=r"there is no folder .*nowhere, nor a set of that name: mnist, .*emnist"):
        labelled_dataset(tmp_path / "nowhere")
    with pytest.raises(DataError, match="needs one sub-folder of images for each class"):
        labelled_dataset(tmp_path)
    write_classes(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="Found no valid file for the classes empty"):
        labelled_dataset(tmp_path)


def test_a_broken_picture_is_named(tmp_path):
    write_classes(tmp_path)
    file = tmp_path / "shoe" / "1.png"
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(DataError, match=r"shoe/1\.png can't be read as an image"):
        labelled_dataset(tmp_path)


def test_the_mnist_folder_taken_for_class_folders(tmp_path):
    write_set(tmp_path / "MNIST" / "raw")
    with pytest.raises(DataError, match="use --dataset mnist"):
        labelled_dataset(tmp_path)


@pytest.mark.parametrize("option", ["image_size", "max_images"])
def test_sizes_below_one(tmp_path, option):
    with pytest.raises(DataError, match=f"{option} is 0"):
        labelled_dataset("mnist", tmp_path, **{option: 0})


@pytest.mark.parametrize(
    ("name", "folder", "prefix", "classes", "last"),
    [
        ("mnist", "MNIST", "", 10, "9"),
        ("fashion-mnist", "FashionMNIST", "", 10, "Ankle boot"),
        ("emnist-letters", "EMNIST", "emnist-letters-", 26, "Z"),
        ("emnist-balanced", "EMNIST", "emnist-balanced-", 47, "t"),
        ("folder", None, None, 2, "shoe"),
    ],
)
def test_the_classes_of_the_set_become_those_of_the_checkpoint(tmp_path, name, folder, prefix, classes, last):
    if folder:
        names = (f"{prefix}train", f"{prefix}test") if prefix else ("train", "t10k")
        write_set(tmp_path / "data" / folder / "raw", *names, labels=(1, 2, 3, 4))
    else:
        write_classes(tmp_path / "data")
    output = tmp_path / "out"
    small = ["--epochs", 1, "--batch_size", 4, "--ngf", 8, "--ndf", 8, "--ema", 0, "--cpu", "--output_dir", output]
    train.main(["dcgan", "--dataset", name, "--dataroot", str(tmp_path / "data"), *map(str, small)])
    pipe = DigitPipeline.from_pretrained(output, device="cpu")
    assert (len(pipe.class_names), pipe.class_names[-1]) == (classes, last)
    assert len(pipe([0, classes - 1])) == 2
