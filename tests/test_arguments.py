"""How the command lines end."""

import pytest

import pix2pix.export as command
import train
from pix2pix import UNetGenerator, checkpoint, evaluate
from pix2pix.arguments import ends_clearly


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path / "tiny")
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"^export: .*net\.onnx can't be written \("):
        command.main([str(tmp_path / "tiny"), str(tmp_path / "file" / "net.onnx")])


@pytest.mark.parametrize("build", [evaluate.build_parser, train.build_parser], ids=["evaluate", "train"])
def test_help_names_the_defaults_that_say_something(build, capsys):
    for name in ("pix2pix", "dcgan"):
        with pytest.raises(SystemExit):
            build().parse_args([name, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "sub-folder of DATAROOT with the pairs (default: " in said
    assert "(default: 0)" in said
    assert "(default: None)" not in said
    assert "(default: False)" not in said
    assert "(default: [])" not in said


def test_ctrl_c_is_one_word():
    with pytest.raises(SystemExit, match=r"^\nsite: stopped$"), ends_clearly("site"):
        raise KeyboardInterrupt
