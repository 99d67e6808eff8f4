"""The light step to twice the size."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from trainings import losses_of, pair, run

from pix2pix import CheckpointError, DataError, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.networks.upscaler import Upscaler


@pytest.fixture(scope="module")
def pipe(tmp_path_factory):
    """A checkpoint for 32 pixels with an upscaler that paints lines green."""
    folder = tmp_path_factory.mktemp("checkpoint")
    torch.manual_seed(0)
    checkpoint.save(UNetGenerator(num_downs=5, ngf=4), folder, line_width=2)
    upscaler = Upscaler(4, depth=0)
    with torch.no_grad():
        first, last = upscaler.layers[0], upscaler.layers[-1]
        first.weight.zero_()
        first.bias.zero_()
        for place in range(4):
            first.weight[place, 3 + place, 1, 1] = -1.0  # ink of each of the four pixels
            last.weight[4 + place, place, 1, 1] = 1.0  # into their green
    checkpoint.save(upscaler, folder / "upscaler")
    return Pix2PixPipeline.from_pretrained(folder, device="cpu")


def sketch() -> Image.Image:
    image = Image.new("RGB", (128, 128), "white")
    ImageDraw.Draw(image).line((20, 64, 108, 64), fill="black", width=4)
    return image


def test_it_begins_as_bicubic_interpolation():
    torch.manual_seed(0)
    picture, lines = torch.rand(2, 3, 16, 16) * 2 - 1, torch.rand(2, 1, 32, 32)
    plain = F.interpolate(picture, scale_factor=2, mode="bicubic", align_corners=False).clamp(-1, 1)
    assert torch.allclose(Upscaler()(picture, lines), plain, atol=1e-6)


def test_pictures_of_every_size(pipe):
    assert pipe(sketch()).size == (32, 32)
    for size in (32, 48, 64, 100, 128):
        assert pipe(sketch(), size=size).size == (size, size)
    for size in (31, 129):
        with pytest.raises(DataError, match=f"size is {size}: expected 32 to 128"):
            pipe(sketch(), size=size)


def test_the_lines_are_those_of_the_drawing_at_the_larger_size(pipe):
    green = np.asarray(pipe(sketch(), size=64))[..., 1].astype(int)
    grey = np.asarray(pipe(sketch()).resize((64, 64)))[..., 1]
    bright = np.argwhere(green > grey + 60)
    assert len(bright) > 60
    assert (abs(bright[:, 0] - 32) <= 2).all(), "where the line is, two pixels wide"


def test_without_an_upscaler_pictures_are_interpolated():
    plain = Pix2PixPipeline(UNetGenerator(num_downs=5, ngf=4), device="cpu")
    assert plain.upscaler is None
    assert plain(sketch(), size=100).size == (100, 100)


def test_one_that_would_fill_the_memory_is_refused(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=9, ngf=2), tmp_path)
    checkpoint.save(Upscaler(128, depth=0), tmp_path / "upscaler")
    with pytest.raises(CheckpointError, match="too wide: 128 channels"):
        _ = Pix2PixPipeline.from_pretrained(tmp_path, device="cpu").upscaler


def test_a_training_leaves_one(tmp_path, pipe):
    (tmp_path / "pairs" / "train").mkdir(parents=True)
    for number in range(4):
        pair(number).save(tmp_path / "pairs" / "train" / f"{number}.png")
    sizes = ["--load_size", 32, "--crop_size", 32, "--workers", 0, "--cpu"]
    rates = ["--batch_size", 4, "--lr", "2e-3", "--epochs", 40, "--log_interval", 10, "--ema", 0]
    output = tmp_path / "upscaler"
    run("upscaler", "--dataroot", tmp_path / "pairs", "--output_dir", output, *sizes, *rates)
    losses = losses_of(output)
    assert float(losses[-1]["loss_L1"]) < float(losses[0]["loss_L1"])
    assert checkpoint.load(Upscaler, output)(torch.zeros(1, 3, 8, 8), torch.ones(1, 1, 16, 16)).shape == (1, 3, 16, 16)
