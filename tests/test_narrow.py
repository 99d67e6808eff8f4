"""A narrower copy of a trained generator, from which a student begins."""

import pytest
import torch
from torch import nn
from trainings import options, pair

from pix2pix import DataError, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.narrow import main, narrowed
from pix2pix.training.pix2pix import Pix2PixTraining


def loud(**config) -> UNetGenerator:
    """An untrained network paints grey; louder, it shows every line."""
    generator = UNetGenerator(**config).eval()
    for parameter in generator.parameters():
        if parameter.dim() == 4:
            parameter.data.mul_(5)
    return generator


def with_every_channel_twice(narrow: UNetGenerator) -> UNetGenerator:
    """A network of double width that paints the same."""
    wide = UNetGenerator(**{**checkpoint.config_of(narrow), "ngf": 2 * narrow.ngf}).eval()
    weights = {}
    for name, values in narrow.state_dict().items():
        kind, level, *_ = name.split(".")
        outermost = level == "0"
        if values.dim() == 4:
            inputs, outputs = (1, 0) if kind == "down" else (0, 1)
            if not (kind == "down" and outermost):
                halves = values.chunk(2, inputs) if kind == "up" and level != "4" else [values]
                values = torch.cat([torch.cat([half / 2] * 2, inputs) for half in halves], inputs)
            if not (kind == "up" and outermost):
                values = torch.cat([values] * 2, outputs)
        elif values.dim() and not (kind == "up" and outermost):
            values = torch.cat([values] * 2)
        weights[name] = values
    wide.load_state_dict(weights)
    return wide


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_channels_that_say_the_same_are_dropped_without_loss(norm):
    torch.manual_seed(0)
    small = loud(num_downs=5, ngf=4, norm=norm, style_dim=3, noise_nc=1, smooth=1)
    x = torch.rand(8, 7, 32, 32) * 2 - 1
    for module in small.modules():  # statistics and affine parameters of a trained network
        if isinstance(module, nn.BatchNorm2d):
            module.running_var.uniform_(0.1, 2)
            module.weight.data.uniform_(0.5, 2)
            module.bias.data.normal_()
    wide = with_every_channel_twice(small)
    with torch.inference_mode():
        assert torch.allclose(wide(x), small(x), atol=1e-4), "the test's own network"
        copy = narrowed(wide, 4, x)
        assert copy.ngf == 4
        assert (copy(x) - wide(x)).abs().mean() < 0.05 * wide(x).std()


def test_one_that_is_not_wider_is_refused():
    with pytest.raises(DataError, match="--ngf is 4: expected less than the 4 of the checkpoint"):
        narrowed(UNetGenerator(num_downs=5, ngf=4).eval(), 4, torch.zeros(1, 3, 32, 32))


def test_one_that_paints_no_numbers_is_refused():
    teacher = UNetGenerator(num_downs=5, ngf=4).eval()
    for parameter in teacher.parameters():
        parameter.data.fill_(3e38)
    with pytest.raises(DataError, match="the checkpoint paints no numbers"):
        narrowed(teacher, 2, torch.ones(1, 3, 32, 32))


@pytest.fixture
def pairs(tmp_path):
    (tmp_path / "pairs" / "train").mkdir(parents=True)
    for number in range(4):
        pair(number).save(tmp_path / "pairs" / "train" / f"{number}.png")
    return tmp_path / "pairs"


def test_the_command_writes_a_checkpoint_that_a_student_begins_with(tmp_path, pairs, capsys):
    teacher, output = tmp_path / "teacher", tmp_path / "narrow"
    styles = [{"name": "tan", "numbers": [0.5] * 16}]
    facts = {"line_width": 2, "styles": styles, "training": {"options": {"settle": True}}}
    checkpoint.save(loud(num_downs=5, ngf=8, style_dim=16), teacher, **facts, metrics={"kid": 1})
    command = [str(teacher), str(output), "--dataroot", str(pairs), "--ngf"]
    main([*command, "4"])
    assert f"{output} paints what {teacher} does, to " in capsys.readouterr().out
    config = checkpoint.read_config(output)
    assert (config["ngf"], config["line_width"], config["styles"], "metrics" in config) == (4, 2, styles, False)
    assert Pix2PixPipeline.from_pretrained(output, device="cpu").styles == 1

    words = [
        "--style",
        "--line_width",
        2,
        "--teacher",
        teacher,
        "--generator",
        output,
        "--settle",
        "--gan_loss",
        "none",
    ]
    training = Pix2PixTraining(options(pairs, *words), torch.device("cpu"))
    statistics = dict(checkpoint.load(UNetGenerator, output).named_buffers())
    assert all(torch.equal(have, statistics[name]) for name, have in training.generator.named_buffers())

    for problem, more in ((r"narrow exists: name a new folder", "2"), ("--ngf is 8", "8")):
        with pytest.raises(SystemExit, match=problem):
            main([*command[:1], str(output if "exists" in problem else tmp_path / "other"), *command[2:], more])
    assert not (tmp_path / "other").exists()
