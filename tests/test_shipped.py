"""The checkpoints of this repository: there, small, honest about themselves, and at work."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from pix2pix import DigitPipeline, Pix2PixPipeline
from pix2pix.anatomy.discriminator import patch_verdict
from pix2pix.pipelines.common import as_in_training

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
NAMES = ("handbags", "handbags/student", "shoes", "maps", "digits")


def outline() -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 110, 200, 220), outline="black", width=3)
    draw.arc((90, 50, 170, 170), 180, 360, fill="black", width=3)
    return image


def test_all_together_stay_under_95_mb():
    assert sum(file.stat().st_size for file in CHECKPOINTS.rglob("*") if file.is_file()) < 95e6


@pytest.mark.parametrize("name", NAMES)
def test_each_says_how_it_was_made_and_how_good_it_is(name):
    config = json.loads((CHECKPOINTS / name / "config.json").read_text())
    assert config["training"]["images"] > 0
    assert config["metrics"]
    card = (CHECKPOINTS / name / "README.md").read_text()
    assert "python train.py" in card
    assert "python -m pix2pix.evaluate" in card


@pytest.mark.parametrize("name", ["handbags", "handbags/student", "shoes"])
def test_they_paint_inside_the_outline_and_leave_the_paper_white(name):
    pipe = Pix2PixPipeline.from_pretrained(CHECKPOINTS / name, device="cpu")
    photo = np.asarray(pipe(outline()).convert("L"), dtype=float)
    assert photo[130:200, 80:180].mean() < 190
    assert photo[:20].mean() > 235


def test_maps_are_painted_in_the_colours_of_what_is_drawn():
    pipe = Pix2PixPipeline.from_pretrained(CHECKPOINTS / "maps", device="cpu")
    drawing = Image.new("RGB", (256, 256), "#e9e5de")
    draw = ImageDraw.Draw(drawing)
    draw.rectangle((0, 0, 80, 255), fill="#b1d0fe")
    draw.rectangle((160, 0, 255, 255), fill="#cbdfac")
    photo = np.asarray(pipe(drawing), dtype=float)
    water, park = photo[60:200, 20:60].mean((0, 1)), photo[60:200, 190:230].mean((0, 1))
    assert water[2] > water[0]  # bluish
    assert park[1] > park[2]  # greenish
    assert photo[60:200, 20:60].std() < photo[60:200, 190:230].std()  # trees are rougher than water


def test_the_discriminator_of_the_handbags_tells_painted_from_real():
    pipe = Pix2PixPipeline.from_pretrained(CHECKPOINTS / "handbags", device="cpu")
    rows = [Image.open(CHECKPOINTS / "handbags" / "snapshots" / f"{name}.webp") for name in ("inputs", "targets")]
    of_photos, of_painted = [], []
    for i in range(8):
        outline, photo = (row.crop((128 * i, 0, 128 * i + 128, 128)).convert("RGB").resize((256, 256)) for row in rows)
        condition = pipe.condition(outline, style=pipe.style_of(photo))
        verdict = patch_verdict(pipe, condition)
        seen = condition.tensor[:, : pipe.generator.condition_nc]  # without noise
        real = torch.cat([seen, pipe.to_tensor(photo)], 1)
        of_photos.append(float(as_in_training(pipe.discriminator, real).sigmoid().mean()))
        of_painted.append(float(verdict.probabilities.mean()))
    assert np.mean(of_photos) > 2 * np.mean(of_painted)  # all together: a good generator deceives it now and then


def test_digits_write_what_was_asked():
    """A nearest-prototype check without another network: sevens are more alike than sevens and zeros."""
    pipe = DigitPipeline.from_pretrained(CHECKPOINTS / "digits", device="cpu")
    sevens, more, zeros = (
        np.mean([np.asarray(image, float) for image in pipe([label] * 50, seed=seed)], 0)
        for label, seed in ((7, 0), (7, 1), (0, 2))
    )
    assert np.abs(sevens - more).mean() < 0.5 * np.abs(sevens - zeros).mean()


def test_the_timeline_is_there():
    snapshots = CHECKPOINTS / "handbags" / "snapshots"
    assert len(list(snapshots.glob("images_*.webp"))) >= 6
    assert Image.open(snapshots / "inputs.webp").size == Image.open(snapshots / "targets.webp").size
