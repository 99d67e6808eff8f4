"""Checkpoints as ONNX files: another runtime paints the same pictures from them."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from authors_reference import AuthorsGenerator, with_lived_in_statistics
from PIL import Image
from towns import LAND, PARK, ROAD, WATER, save_towns

import pix2pix.export as command
from pix2pix import (
    CheckpointError,
    DataError,
    DCGANGenerator,
    DigitPipeline,
    Pix2PixPipeline,
    UNetGenerator,
    checkpoint,
)
from pix2pix.export import export
from pix2pix.imaging.style import COLOR, NUMBERS
from pix2pix.networks.upscaler import Upscaler

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"


def run(file: Path, **inputs: torch.Tensor) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})[0]


def facts(file: Path) -> dict[str, str]:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.get_modelmeta().custom_metadata_map


@pytest.mark.parametrize(
    "options",
    [{"num_downs": 8}, {"num_downs": 7, "norm": "instance"}, {"num_downs": 9, "input_nc": 1}],
    ids=["256 pixels", "128 pixels, instance norm", "512 pixels, grey to colour"],
)
def test_the_authors_file_paints_as_it_does_in_their_code(tmp_path, options):
    theirs = with_lived_in_statistics(AuthorsGenerator(ngf=4, **options))
    torch.save(theirs.state_dict(), tmp_path / "latest_net_G.pth")
    assert export(tmp_path / "latest_net_G.pth", tmp_path / "net.onnx") > 50
    size = 2 ** options["num_downs"]
    sketch = torch.randn(2, options.get("input_nc", 3), size, size).clamp(-1, 1)
    with torch.no_grad():
        assert np.abs(run(tmp_path / "net.onnx", sketch=sketch) - theirs(sketch).numpy()).max() < 1e-3
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".pth"] == ["net.onnx"], "one file"


def test_style_and_colours_are_inputs(tmp_path):
    torch.manual_seed(0)
    styles = [{"name": "tan leather", "numbers": [0.3] * NUMBERS}]
    checkpoint.save(
        UNetGenerator(num_downs=6, ngf=4, style_dim=NUMBERS, smooth=2, noise_nc=1), tmp_path / "bags", styles=styles
    )
    export(tmp_path / "bags", tmp_path / "bags.onnx")
    pipe = Pix2PixPipeline.from_pretrained(tmp_path / "bags", device="cpu")
    drawing = Image.new("RGB", (64, 64), "white")
    drawing.paste("black", (10, 20, 50, 24))
    numbers = torch.tensor([styles[0]["numbers"]])
    colors = numbers[:, COLOR, None, None].expand(1, 3, 64, 64)
    picture = run(tmp_path / "bags.onnx", sketch=pipe.to_tensor(drawing), style=numbers, colors=colors)
    ours = np.asarray(pipe(drawing)).transpose(2, 0, 1) / 127.5 - 1
    assert np.abs(picture[0] - ours).max() < 0.01
    told = facts(tmp_path / "bags.onnx")
    assert told["kind"] == "pix2pix"
    assert json.loads(told["styles"]) == styles
    assert json.loads(told["range"]) == [-1, 1]


def test_labels_are_given_in_the_palettes_colours(tmp_path):
    """The network reads other colours in their place; that is within the file."""
    export(save_towns(tmp_path / "towns"), tmp_path / "towns.onnx")
    pipe = Pix2PixPipeline.from_pretrained(tmp_path / "towns", device="cpu")
    drawing = Image.new("RGB", (128, 128), LAND)
    for color, x in ((ROAD, 10), (WATER, 50), (PARK, 90)):
        drawing.paste(color, (x, 20, x + 30, 100))
    picture = run(tmp_path / "towns.onnx", sketch=pipe.to_tensor(drawing))
    ours = np.asarray(pipe(drawing)).transpose(2, 0, 1) / 127.5 - 1
    assert np.abs(picture[0] - ours).max() < 0.01
    read = pipe.condition(drawing).tensor
    assert (read[0, :, 50, 20] == torch.tensor([1, -1, -1])).all()
    assert (read[0, :, 50, 100] == torch.tensor([-1, 1, -1])).all()


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("name", ["handbags", "digits"])
def test_the_checkpoints_of_the_repository(tmp_path, name, half):
    file = tmp_path / "net.onnx"
    assert export(CHECKPOINTS / name, file, half=half) > (40 if half else 50)
    weights = (CHECKPOINTS / name / "model.safetensors").stat().st_size  # in half precision
    assert file.stat().st_size < weights * (1.2 if half else 2.2)


def test_digits_take_shares_of_classes(tmp_path):
    torch.manual_seed(0)
    checkpoint.save(DCGANGenerator(ngf=4), tmp_path / "digits")
    export(tmp_path / "digits", tmp_path / "digits.onnx")
    pipe = DigitPipeline.from_pretrained(tmp_path / "digits", device="cpu")
    z, label = torch.randn(3, 100), torch.eye(10)[[3, 3, 7]]
    with torch.no_grad():
        theirs = pipe.generator(z, torch.tensor([3, 3, 7])).numpy()
    assert np.abs(run(tmp_path / "digits.onnx", z=z, label=label) - theirs).max() < 1e-3


def test_an_upscaler_takes_pictures_of_any_size(tmp_path):
    torch.manual_seed(0)
    upscaler = Upscaler(4, depth=1).eval()
    for parameter in upscaler.parameters():
        parameter.data.normal_(0, 0.2)
    checkpoint.save(upscaler, tmp_path / "upscaler")
    export(tmp_path / "upscaler", tmp_path / "upscaler.onnx")
    for side in (24, 100):
        small, lines = torch.rand(1, 3, side, side), torch.rand(1, 1, 2 * side, 2 * side)
        with torch.no_grad():
            theirs = upscaler(small, lines).numpy()
        assert np.abs(run(tmp_path / "upscaler.onnx", small=small, lines=lines) - theirs).max() < 1e-4


def test_a_file_that_paints_other_pictures_is_not_left_behind(tmp_path, monkeypatch):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=4), tmp_path / "net")
    monkeypatch.setitem(command.LEAST_PSNR, False, 1000)
    with pytest.raises(DataError, match="paints other pictures"):
        export(tmp_path / "net", tmp_path / "net.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_mistakes_are_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        export(tmp_path / "nothing", tmp_path / "net.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SystemExit, match="onnxruntime is not installed: pip install"):
        command.main([str(CHECKPOINTS / "digits"), str(tmp_path / "net.onnx")])
