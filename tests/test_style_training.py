"""Training with a style: it comes from the target, and a generator that was told none can go on with one."""

import json
import shlex
from pathlib import Path

import pytest
import torch
from trainings import assert_same, options, pair, pix2pix, state

import train as command
from pix2pix import Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.data.drawn_by_hand import DrawnByHand
from pix2pix.data.pairs import PairedImages
from pix2pix.data.styled import Styled, repainted
from pix2pix.imaging.silhouette import body_of
from pix2pix.imaging.style import COLOR, NUMBERS
from pix2pix.training.hints import on_objects
from pix2pix.training.pix2pix import Pix2PixTraining


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "train").mkdir()
    for number in range(6):
        pair(number).save(folder / "train" / f"{number}.png")
    return folder


def sample(folder: Path, augmentation, size: int = 128):
    return PairedImages(folder / "train", "AtoB", size, size, augmentation=augmentation, flip=False)[0, 7]


def test_the_style_comes_from_the_target(pairs):
    condition, picture, style, colors = sample(pairs, Styled(recolor=0, plain=1, noise=0))
    assert style.shape == (NUMBERS,)
    body = torch.from_numpy(body_of((picture + 1) / 2))
    torch.testing.assert_close(style[COLOR], picture[:, body].mean(1))
    assert (colors - style[COLOR].view(3, 1, 1)).abs().max() < 0.2, "one colour throughout, slightly off"
    assert condition.shape == picture.shape == colors.shape


def test_parts_have_their_own_colours(pairs):
    torch.manual_seed(0)
    condition, picture = torch.ones(3, 96, 96), torch.ones(3, 96, 96)
    picture[:, 10:86, 10:48], picture[:, 10:86, 48:86] = 0.2, 0.7
    condition[:, 10:86, 46:50] = condition[:, 10:12, 10:86] = condition[:, 84:86, 10:86] = 0
    condition[:, 10:86, 10:12] = condition[:, 10:86, 84:86] = 0
    seen = torch.cat([Styled(recolor=0, plain=0)(condition, picture)[3][:, 48, [20, 76]] for _ in range(12)])
    assert seen.min() < -0.4
    assert seen.max() > 0.2


def test_another_colour_keeps_light_and_shade():
    picture = torch.ones(3, 64, 64)
    picture[:, 8:56, 8:56] = torch.linspace(0.1, 0.6, 48)[None, :, None] * torch.tensor([1.0, 0.7, 0.4]).view(3, 1, 1)
    torch.manual_seed(0)
    painted = repainted(picture, body_of(picture), (0.1, 0.3, 0.8))
    column = painted[:, 12:52, 32]
    assert (column[2] > column[0]).all(), "blue"
    assert (column.mean(0).diff() > 0).all(), "darker where it was darker"
    assert torch.equal(painted[:, :4], picture[:, :4]), "the paper stays white"


def test_lines_cross_the_body_and_nothing_else(pairs):
    torch.manual_seed(0)
    picture = torch.ones(3, 96, 96)
    picture[:, 20:80, 20:80] = 0.3
    crossed = DrawnByHand(scale=(1, 1), outline_only=0, missing=0, crossed=1, wobble=0, widths=(1,))
    crossed.place = lambda *images: images
    drawn = torch.stack([crossed(torch.ones(3, 96, 96), picture)[0] for _ in range(10)])
    assert (drawn[:, :, 20:80, 20:80] < 0.5).flatten(1).any(1).all()
    assert (drawn[:, :, :17] == 1).all()
    assert (drawn[:, :, 83:] == 1).all()


def test_a_run_leaves_styles_and_is_resumed_exactly(pairs, tmp_path):
    words = shlex.split(
        "--style --noise_nc 1 --smooth 2 --lambda_tint 10 --drawn_by_hand --line_width 2 --save_data_interval 1"
    )
    whole = pix2pix(pairs, tmp_path / "whole", *words, "--epochs", 2)
    part = pix2pix(pairs, tmp_path / "part", *words, "--epochs", 1)
    pix2pix(pairs, part, *words, "--epochs", 2, "--resume")
    assert_same(state(whole)["networks"], state(part)["networks"])
    pipe = Pix2PixPipeline.from_pretrained(whole, device="cpu")
    assert 1 <= pipe.styles <= 6
    assert pipe(pair(0), style=pipe.styles - 1).size == (32, 32)
    assert pipe.discriminator is not None


def test_styles_of_a_file_are_built_in(pairs, tmp_path):
    file = tmp_path / "styles.json"
    file.write_text(json.dumps([{"name": "tan leather", "numbers": [0.1] * NUMBERS}]))
    output = pix2pix(pairs, tmp_path / "out", "--style", "--styles", file, "--epochs", 1)
    assert Pix2PixPipeline.from_pretrained(output, device="cpu").style_names == ["tan leather"]
    for text in ('[{"name": "tan leather"}]', 200_000 * "["):
        file.write_text(text)
        with pytest.raises(SystemExit, match="is no list of styles"):
            pix2pix(pairs, tmp_path / "other", "--style", "--styles", file, "--epochs", 1)


def test_a_generator_without_style_goes_on_with_one(pairs, tmp_path):
    before = pix2pix(pairs, tmp_path / "before", "--epochs", 1)
    words = ["--generator", before, "--discriminator", before / "discriminator", "--style", "--smooth", 1]
    words += ["--noise_nc", 1]
    training = Pix2PixTraining(options(pairs, *words), torch.device("cpu"))
    old, new = checkpoint.load(UNetGenerator, before), training.generator.eval()
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    still = torch.zeros(1, 1, 32, 32)

    def first(style: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        return new.encode(new.with_noise(new.with_style(x, style), noise))[0] - old.encode(x)[0]

    assert first(torch.zeros(1, NUMBERS), still).abs().max() < 1e-6
    assert first(torch.ones(1, NUMBERS), still).abs().max() > 1e-4
    assert first(torch.zeros(1, NUMBERS), still + 1).abs().max() > 1e-4
    losses = training.step(next(iter(training.batches(0, 0))))
    assert all(loss.isfinite() for loss in losses.values())


def test_another_task_begins_with_networks_that_had_a_style(pairs, tmp_path):
    before = pix2pix(pairs, tmp_path / "before", "--epochs", 1, "--style", "--noise_nc", 1)
    words = ["--generator", before, "--discriminator", before / "discriminator", "--noise_nc", 2]
    training = Pix2PixTraining(options(pairs, *words), torch.device("cpu"))
    old, new = checkpoint.load(UNetGenerator, before), training.generator.eval()
    x, noise = torch.rand(1, 3, 32, 32) * 2 - 1, torch.rand(1, 1, 32, 32)
    more = torch.cat([noise, torch.zeros_like(noise)], 1)
    had = old.encode(old.with_noise(old.with_style(x, torch.zeros(1, NUMBERS)), noise))[0]
    assert (new.encode(new.with_noise(x, more))[0] - had).abs().max() < 1e-6
    losses = training.step(next(iter(training.batches(0, 0))))
    assert all(loss.isfinite() for loss in losses.values())


def test_a_step_with_heads_on_features(pairs):
    words = ["--style", "--lambda_perceptual", 1, "--lambda_projected", 1]
    training = Pix2PixTraining(options(pairs, *words), torch.device("cpu"))
    before = [weight.clone() for weight in training.networks["projected"].parameters()]
    losses = training.step(next(iter(training.batches(0, 0))))
    assert {"loss_D_projected", "loss_G_projected"} <= losses.keys()
    after = training.networks["projected"].parameters()
    assert any(not torch.equal(old, new) for old, new in zip(before, after, strict=True))
    with pytest.raises(SystemExit, match="give that a weight too"):
        command.main(["pix2pix", "--dataroot", str(pairs), "--lambda_projected", "1", "--cpu"])


def test_objects_count_and_paper_does_not():
    target = torch.ones(1, 3, 64, 64)
    target[:, :, 16:32, 16:48] = 0
    assert on_objects(target)[0, 0].nonzero().tolist() == [[1, 1], [1, 2]]


def test_hints_and_style_are_two_ways(pairs):
    with pytest.raises(SystemExit, match="choose one"):
        command.main(["pix2pix", "--dataroot", str(pairs), "--style", "--color_hints", "--cpu"])
