"""Trainings that stop: by themselves, by Ctrl-C, by an error. Each goes on where it was."""

import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from safetensors.torch import load_file
from trainings import TINY, assert_same, dcgan, losses_of, pix2pix, run, state


@pytest.mark.parametrize(
    ("start", "data", "arguments"),
    [
        (pix2pix, "pairs", ["--ema", 0.9, "--drawn_by_hand", "--line_width", 2, "--color_hints", "--batch_renorm"]),
        (dcgan, "classes", []),
        (dcgan, "classes", ["--lambda_class", 1]),
    ],
    ids=["pix2pix", "dcgan", "dcgan with a classifier"],
)
def test_resumed_equals_uninterrupted_bit_for_bit(request, tmp_path, start, data, arguments):
    data = request.getfixturevalue(data)
    arguments = [*arguments, "--epochs_lr_decay", 2, "--epochs_lr_decay_start", 1, "--log_interval", 1]
    whole = start(data, tmp_path / "whole", "--epochs", 3, *arguments)
    start(data, tmp_path / "parts", "--epochs", 1, *arguments)
    parts = start(data, tmp_path / "parts", "--epochs", 3, *arguments, "--resume")
    assert_same(state(whole), state(parts))
    for file in ("model.safetensors", "discriminator/model.safetensors", "training/losses.csv"):
        assert (whole / file).read_bytes() == (parts / file).read_bytes(), file


def test_settling_trains_with_the_statistics_that_are_served_and_resumes_exactly(pairs, tmp_path):
    first = pix2pix(pairs, tmp_path / "first", "--epochs", 1)
    settle = ["--settle", "--generator", first, "--ema", 0.5]
    whole = pix2pix(pairs, tmp_path / "whole", "--epochs", 2, *settle)
    pix2pix(pairs, tmp_path / "parts", "--epochs", 1, *settle)
    before = state(tmp_path / "parts")["networks"]["generator"]
    parts = pix2pix(pairs, tmp_path / "parts", "--epochs", 2, *settle, "--resume")
    assert_same(state(whole), state(parts))

    trained, served = state(whole)["networks"]["generator"], load_file(whole / "model.safetensors")
    for key in served:
        if "running" in key:  # the same from the first epoch to the checkpoint
            assert torch.equal(before[key], trained[key])
            assert torch.equal(trained[key], served[key])
    assert not torch.equal(before["up.3.1.weight"], trained["up.3.1.weight"])


def test_a_resumed_run_takes_another_learning_rate(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    weights = state(folder)["networks"]["generator"]["up.3.1.weight"]
    pix2pix(pairs, folder, "--epochs", 2, "--lr", 0, "--resume", "--log_interval", 1)
    assert torch.equal(state(folder)["networks"]["generator"]["up.3.1.weight"], weights)
    assert float(losses_of(folder)[-1]["lr"]) == 0


def test_ctrl_c_saves_and_the_printed_command_resumes(pairs, tmp_path):
    """A real process, really interrupted in the middle of an epoch, ends where an uninterrupted one does."""
    common = [*TINY, "--batch_size", "1", "--log_interval", "1", "--dataroot", str(pairs)]
    folder = tmp_path / "stopped"
    words = [sys.executable, "train.py", "pix2pix", *common, "--output_dir", str(folder), "--epochs", "50"]
    words[words.index("--workers") + 1] = "1"
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    said = ""
    while "images/s" not in said:  # the first steps are done
        said += process.stderr.read(1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    said += process.communicate()[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    stopped_at = state(folder)["position"]
    assert 0 < stopped_at[2] < 300
    resume = shlex.split(re.search(r"to resume: (.*--resume)", said)[1])
    assert resume[:2] == ["python", "train.py"]

    epochs = str(stopped_at[0] + 2)
    resume[resume.index("--epochs") + 1] = epochs
    subprocess.run([sys.executable, *resume[1:]], cwd=ROOT, check=True, capture_output=True)
    whole = tmp_path / "whole"
    run("pix2pix", *common, "--output_dir", whole, "--epochs", epochs)
    assert_same(state(folder), state(whole))
    assert (folder / "training" / "losses.csv").read_text() == (whole / "training" / "losses.csv").read_text()


def test_a_second_training_does_not_overwrite_the_first(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    before = (folder / "model.safetensors").read_bytes()
    with pytest.raises(SystemExit, match="holds a training already: add --resume"):
        pix2pix(pairs, folder, "--epochs", 1, "--seed", 9)
    assert (folder / "model.safetensors").read_bytes() == before


def test_resume_with_other_networks_says_so(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    options = {
        "ngf 4, not 8": ["--ngf", 8],
        "gan_loss vanilla, not none": ["--gan_loss", "none"],
        "ema 0.0": ["--ema", 0.9],
    }
    for words, other in options.items():
        with pytest.raises(
            SystemExit, match=f"the training in .*out has {words}.*: resume with the options that it had"
        ):
            pix2pix(pairs, folder, "--epochs", 2, *other, "--resume")
    (folder / "config.json").unlink()  # then the state has to tell
    with pytest.raises(SystemExit, match="does not fit these options; resume with those of its training"):
        pix2pix(pairs, folder, "--epochs", 2, "--ngf", 8, "--resume")


def test_a_finished_run_says_how_it_goes_on(pairs, tmp_path, capsys):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 2)
    before = state(folder)
    pix2pix(pairs, folder, "--epochs", 1, "--resume")
    assert "out has had 2 epochs already; a higher --epochs goes on" in capsys.readouterr().out
    assert_same(state(folder), before)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_state(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--save_data_interval", 1)
    before = (folder / "model.safetensors").read_bytes()
    with pytest.raises(SystemExit, match=r"not a number any more .* lower --lr"):
        pix2pix(pairs, folder, "--epochs", 3, "--lr", 1e38, "--resume")
    assert (folder / "model.safetensors").read_bytes() == before
    assert state(folder)["position"] == [1, 0, 6]
