"""Trainings that stop: by themselves, by Ctrl-C, by an error. Each goes on where it was."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
import torch
import warm
from conftest import ROOT
from PIL import Image
from safetensors.torch import load_file
from trainings import TINY, assert_same, dcgan, losses_of, options, pair, pix2pix, run, spoil, state

from pix2pix.data.batches import ShuffledBatches
from pix2pix.training.pix2pix import Pix2PixTraining
from pix2pix.training.state import Position, load_state, random_state, save_state


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


def test_a_settled_generator_keeps_its_statistics_when_it_goes_on(pairs, tmp_path):
    first = pix2pix(pairs, tmp_path / "first", "--epochs", 1)
    settled = pix2pix(pairs, tmp_path / "settled", "--epochs", 1, "--settle", "--generator", first)
    again = pix2pix(pairs, tmp_path / "again", "--epochs", 1, "--settle", "--generator", settled)
    before, after = (load_file(folder / "model.safetensors") for folder in (settled, again))
    statistics = [key for key in before if "running" in key]
    assert all(torch.equal(before[key], after[key]) for key in statistics)
    assert not torch.equal(before["up.3.1.weight"], after["up.3.1.weight"])


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
    assert warm.run(*resume[1:]).returncode == 0
    whole = tmp_path / "whole"
    run("pix2pix", *common, "--output_dir", whole, "--epochs", epochs)
    assert_same(state(folder), state(whole))
    assert (folder / "training" / "losses.csv").read_text() == (whole / "training" / "losses.csv").read_text()


def test_moments_of_another_precision_are_laid_out_as_the_weights(pairs, tmp_path):
    """The kernel of Adam goes through the memory of both side by side, in whatever order they lie there."""
    cpu = torch.device("cpu")
    file = tmp_path / "state.pt"
    other, same, again = (
        Pix2PixTraining(options(pairs, "--lr", 0.01, "--precision", precision), cpu)
        for precision in ("fp32", "bf16", "bf16")
    )
    same.step(next(same.batches(0, 0)))
    save_state(file, same, {}, Position(0, 1, 2), [random_state(cpu)])
    for training in (other, again):
        load_state(file, training, {}, cpu)
    for training in (same, other, again):
        for number, parameter in enumerate(training.generator.parameters()):
            values = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number))
            parameter.grad = torch.empty_like(parameter).copy_(values)
        training.optimizers["generator"].step()
    assert_same(same.generator.state_dict(), again.generator.state_dict())
    torch.testing.assert_close(same.generator.state_dict(), other.generator.state_dict())


def test_a_loss_more_or_less_keeps_the_rows_of_before(pairs, tmp_path):
    folder, terms = tmp_path / "out", []
    for epochs, more in enumerate([["--lambda_L1", 0], [], ["--lambda_L1", 0]], 1):
        pix2pix(pairs, folder, "--epochs", epochs, "--log_interval", 1, *more, *(["--resume"] if terms else []))
        terms += [bool(row.get("loss_G_L1")) for row in losses_of(folder)[3 * epochs - 3 :]]
    assert terms == [False] * 3 + [True] * 3 + [False] * 3
    rows = losses_of(folder)
    assert [int(row["images"]) for row in rows] == list(range(2, 19, 2))
    assert all(float(row["loss_D"]) > 0 for row in rows)


def test_an_image_that_can_not_be_read_loses_no_step(tmp_path):
    data, folder = tmp_path / "data", tmp_path / "out"
    files = [data / "train" / f"{number}_AB.png" for number in range(8)]
    for number, file in enumerate([*files, data / "val" / "1_AB.png"]):
        file.parent.mkdir(parents=True, exist_ok=True)
        pair(number).save(file)
    second = list(ShuffledBatches(8, 2, seed=0, epoch=1))
    bad = files[second[2][0][0]]
    whole = pix2pix(data, tmp_path / "whole", "--epochs", 2)
    pix2pix(data, folder, "--epochs", 1)
    bytes_of_it = bad.read_bytes()
    spoil(bad)
    with pytest.raises(SystemExit, match=f"{bad.name} can't be read as an image"):
        pix2pix(data, folder, "--epochs", 2, "--resume")
    assert state(folder)["position"] == [1, 2, 12]
    bad.write_bytes(bytes_of_it)
    pix2pix(data, folder, "--epochs", 2, "--resume")
    assert_same(state(folder), state(whole))


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
        "beta1 0.5, not 0.9": ["--beta1", 0.9],
        "seed 0, not 1": ["--seed", 1],
        "color_hints False, not True": ["--color_hints"],
        "load_size 36, not 40": ["--load_size", 40],
        "max_images None, not 4": ["--max_images", 4],
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
    with pytest.raises(SystemExit, match="not a number any more after 2 images; start again with a lower --lr"):
        pix2pix(pairs, tmp_path / "new", "--epochs", 3, "--lr", 1e38, "--log_interval", 1)


def test_epochs_of_the_losses_count_from_one_in_old_runs_too(pairs, tmp_path):
    """A run from when they counted from 0, and from when all options were not yet written down, goes on."""
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 2)
    file, config = folder / "training" / "losses.csv", folder / "config.json"
    assert [row["epoch"] for row in losses_of(folder)] == ["1", "2"]
    header, *rows = [line.split(",") for line in file.read_text().splitlines()]
    place = header.index("epoch")
    for row in rows:
        row[place] = str(int(row[place]) - 1)
    file.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    content = json.loads(config.read_text())
    del content["training"]["options"]["load_size"]
    config.write_text(json.dumps(content))
    for epochs in (3, 4):
        pix2pix(pairs, folder, "--epochs", epochs, "--resume")
        assert [row["epoch"] for row in losses_of(folder)] == ["1", "2", "3", "4"][:epochs]


def test_classes_once_sorted_as_words_keep_their_labels(tmp_path):
    for number in range(12):
        (tmp_path / "data" / str(number)).mkdir(parents=True)
        Image.new("L", (28, 28), 20 * number).save(tmp_path / "data" / str(number) / "1.png")
    folder = dcgan(tmp_path / "data", tmp_path / "out", "--epochs", 1)
    config = folder / "config.json"
    content = json.loads(config.read_text())
    assert content["class_names"] == [str(number) for number in range(12)]
    content["class_names"].sort()  # as in a run of before
    config.write_text(json.dumps(content))
    dcgan(tmp_path / "data", folder, "--epochs", 2, "--resume")
    again = dcgan(tmp_path / "data", tmp_path / "on", "--epochs", 1, "--generator", folder)
    for place in (folder, again):
        assert json.loads((place / "config.json").read_text())["class_names"] == content["class_names"]


def test_no_run_goes_on_at_a_learning_rate_of_zero(pairs, tmp_path):
    decay = "--epochs_lr_decay", 2, "--epochs_lr_decay_start", 1
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 3, *decay)
    with pytest.raises(SystemExit, match="the learning rate would be 0 after epoch 3 of 5"):
        pix2pix(pairs, folder, "--epochs", 5, *decay, "--resume")
