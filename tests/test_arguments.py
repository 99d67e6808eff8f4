"""How the command lines end."""

import pytest

import pix2pix.export as command
from pix2pix import UNetGenerator, checkpoint
from pix2pix.arguments import ends_clearly


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), tmp_path / "tiny")
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"^export: .*net\.onnx can't be written \("):
        command.main([str(tmp_path / "tiny"), str(tmp_path / "file" / "net.onnx")])


def test_ctrl_c_is_one_word():
    with pytest.raises(SystemExit, match=r"^\nsite: stopped$"), ends_clearly("site"):
        raise KeyboardInterrupt
