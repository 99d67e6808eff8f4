"""A smaller generator that learns the pictures of a trained one."""

import json
import shutil

import pytest
import torch
from trainings import options, pair, pix2pix

from pix2pix import checkpoint
from pix2pix.training.pix2pix import Pix2PixTraining

STYLED = ("--style", "--noise_nc", 2, "--smooth", 1)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "train").mkdir()
    for number in range(4):
        pair(number).save(folder / "train" / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def teacher(pairs, tmp_path_factory):
    return pix2pix(pairs, tmp_path_factory.mktemp("teacher"), *STYLED, "--ngf", 6, "--epochs", 1)


def test_the_teacher_itself_has_nothing_to_learn(pairs, teacher):
    words = [*STYLED, "--teacher", teacher, "--generator", teacher, "--settle", "--gan_loss", "none"]
    training = Pix2PixTraining(options(pairs, *words), torch.device("cpu"))
    for norms in (training.generator, training.teacher.network):  # the same statistics too
        for name, buffer in norms.named_buffers():
            buffer.copy_(dict(training.teacher.network.named_buffers())[name])
    before = [weight.clone() for weight in training.teacher.network.parameters()]
    losses = training.step(next(iter(training.batches(0, 0))))
    assert losses["loss_G_L1"] < 1e-6, "with the same style and noise it paints the same"
    after = training.teacher.network.parameters()
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True)), "teachers don't learn"


def test_a_smaller_student_has_the_styles_of_its_teacher(pairs, teacher, tmp_path):
    student = pix2pix(pairs, tmp_path / "student", *STYLED, "--teacher", teacher, "--ngf", 2, "--epochs", 1)
    has, wanted = checkpoint.read_config(student), checkpoint.read_config(teacher)
    assert has["ngf"] == 2
    assert has["styles"] == wanted["styles"]
    pix2pix(pairs, student, *STYLED, "--teacher", teacher, "--ngf", 2, "--epochs", 2, "--resume")


@pytest.mark.parametrize(
    "change", [{"line_width": "wide"}, {"styles": [{"name": "<b>", "numbers": [1]}]}], ids=["line width", "styles"]
)
def test_a_teacher_with_a_damaged_config_is_one_sentence(pairs, teacher, tmp_path, change):
    shutil.copytree(teacher, tmp_path / "damaged")
    config = tmp_path / "damaged" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    with pytest.raises(SystemExit, match=f"config.json has {next(iter(change))}"):
        pix2pix(pairs, tmp_path / "student", *STYLED, "--teacher", config.parent, "--ngf", 2, "--epochs", 1)


def test_a_student_reads_what_its_teacher_reads(pairs, teacher, tmp_path):
    for words, problem in (
        (["--style"], "noise_nc 2, not 0"),
        ([], "style_dim 16, not 0, noise_nc 2, not 0"),
        ([*STYLED, "--line_width", 3], "line_width 0, not 3"),
    ):
        with pytest.raises(SystemExit, match=f"--teacher reads or paints .*{problem}; give the options that it had"):
            pix2pix(pairs, tmp_path / "student", "--teacher", teacher, "--epochs", 1, *words)
        assert not (tmp_path / "student" / "model.safetensors").exists()
    with pytest.raises(SystemExit, match="no checkpoint at"):
        pix2pix(pairs, tmp_path / "student", "--teacher", tmp_path / "nowhere", "--epochs", 1)
