"""Options of a training in Python, without a command line."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from trainings import run, state

from pix2pix import DataError, Pix2PixPipeline, checkpoint
from pix2pix.errors import TrainingError
from pix2pix.training import DCGANOptions, Pix2PixOptions, UpscalerOptions, train

SMALL = {"num_downs": 5, "load_size": 36, "crop_size": 32, "ngf": 4, "ndf": 4, "n_layers": 1, "cpu": True, "workers": 0}


def test_the_lines_of_the_readme_train(pairs, tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.search(r"```python\n(from pix2pix\.training import .*?)```", text, re.S)[1]
    lines = lines.replace("epochs=5", f"epochs=1, **{SMALL}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bags").symlink_to(pairs)
    monkeypatch.chdir(tmp_path)
    exec(lines, {})
    assert Pix2PixPipeline.from_pretrained(tmp_path / "output" / "bags", device="cpu").image_size == 32


def test_options_in_python_train_as_those_of_the_command_line_and_resume(pairs, tmp_path):
    options = Pix2PixOptions(dataroot=[pairs, pairs], output_dir=tmp_path / "here", epochs=1, max_images=4, **SMALL)
    assert train(options)
    with pytest.raises(TrainingError, match="holds a training already: add --resume"):
        train(options)
    assert train(dataclasses.replace(options, epochs=2, resume=True))
    assert state(tmp_path / "here")["position"] == [2, 0, 8]
    words = [
        word for name, value in SMALL.items() for word in ([f"--{name}"] if value is True else [f"--{name}", value])
    ]
    run(
        "pix2pix",
        "--dataroot",
        pairs,
        pairs,
        "--output_dir",
        tmp_path / "there",
        "--epochs",
        2,
        "--max_images",
        4,
        *words,
    )
    here, there = (checkpoint.training_options(checkpoint.read_config(tmp_path / name)) for name in ("here", "there"))
    assert here == there
    assert (tmp_path / "here" / "model.safetensors").read_bytes() == (
        tmp_path / "there" / "model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs is 0: expected 1 or more"),
        ({"epochs": "5"}, "epochs is '5': expected a whole number"),
        ({"epochs": True}, "epochs is True: expected a whole number"),
        ({"ema": 1.0}, "ema is 1.0: expected 0 up to, but below, 1"),
        ({"lr": float("nan")}, "lr is nan: expected 0 or more"),
        ({"norm": "layer"}, "norm is 'layer': expected 'batch' or 'instance'"),
        ({"max_images": 0}, "max_images is 0: expected 1 or more"),
        ({"resume": 1}, "resume is 1: expected True or False"),
        ({"dataroot": 5}, "dataroot is 5: expected text or a path or a list"),
        ({"dataroot": []}, "--dataroot names no folder"),
        ({"settle": True}, "--settle is for a last run"),
    ],
    ids=str,
)
def test_mistakes_are_one_sentence(change, message):
    with pytest.raises(DataError, match=re.escape(message)):
        Pix2PixOptions(**{"dataroot": "data"} | change)


def test_nobody_writes_to_options():
    options = Pix2PixOptions(dataroot="data", lambda_l1=30)
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.ngf = 8
    assert options.lambda_l1 == 30


@pytest.mark.parametrize("options", [Pix2PixOptions, UpscalerOptions, DCGANOptions])
def test_no_place_of_this_machine_is_recorded(options, tmp_path):
    place = str(tmp_path)
    made = options(dataroot=place, output_dir=place, generator=place, discriminator=place, push_to_hub="maker/bags")
    assert made.record()["command"] == options.kind
    assert place not in str(made.record())
    assert not made.record().keys() & {"resume", "push_to_hub"}


def test_an_interrupted_notebook_saves_and_says_how_to_go_on(pairs, tmp_path):
    program = f"""
import signal
from pix2pix.training import Pix2PixOptions, train
signal.signal(signal.SIGINT, signal.default_int_handler)
options = Pix2PixOptions(dataroot={str(pairs)!r}, output_dir={str(tmp_path / "out")!r}, log_interval=1, **{SMALL})
assert train(options) is False
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    said = ""
    while "images/s" not in said:  # the first steps are done
        said += process.stderr.read(1)
    os.kill(process.pid, signal.SIGINT)
    said += process.communicate()[1]
    assert process.returncode == 0
    assert "to resume: train(dataclasses.replace(options, resume=True))" in said
    assert state(tmp_path / "out")["position"][2] > 0


def test_a_home_folder_is_found(monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    options = Pix2PixOptions(dataroot="~/data", output_dir="~/out")
    assert (options.roots, options.output) == ([Path("/somewhere/data")], Path("/somewhere/out"))
