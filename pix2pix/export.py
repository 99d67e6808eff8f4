"""Exports a checkpoint as one ONNX file, for other runtimes and for browsers.

python -m pix2pix.export checkpoints/handbags handbags.onnx
python -m pix2pix.export user/name facades.onnx --half     from the Hub, weights in half precision
python -m pix2pix.export latest_net_G.pth facades.onnx     the authors' file

The network is exported as it is used: batch norm folded into the convolutions, no dropout. A pix2pix network reads
    `sketch` (N, C, S, S) in [-1, 1]. With styles it also reads `style` (N, 16) and `colors` (N, 3, S, S), the mean
    colour that is wanted at every pixel: `style[:, :3]`, except where strokes of colour ask for another. A DCGAN reads
    `z` (N, z_dim), normal noise, and `label` (N, classes), the share of each class, such as one-hot. An upscaler
    (checkpoints/handbags/upscaler) reads `small` (N, 3, S, S), a painted picture, and `lines` (N, 1, 2S, 2S), those of
    the drawing. The output is `picture` in [-1, 1]. The file's metadata repeats this, and says how to prepare a
    drawing. Three more packages are needed: `pip install onnx onnxscript onnxruntime`.
"""

import argparse
import contextlib
import io
import json
import logging
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import checkpoint
from .arguments import ends_clearly, path, print_anything
from .atomic_files import replacing
from .checkpoint.fetch import fetch
from .checkpoint.locate import locate
from .errors import DataError
from .imaging.style import COLOR
from .networks.upscaler import Upscaler
from .pipelines import DigitPipeline, Pix2PixPipeline
from .pipelines.exported import ExportedDCGAN, ExportedUNet
from .pipelines.pick_fastest import psnr

LEAST_PSNR = {False: 50, True: 40}  # dB against PyTorch, by whether weights are in half precision
OPSET = 18
LARGEST_SIDE = 2048  # pixels, of what networks read that take pictures of any size


@dataclass(frozen=True)
class Exportable:
    """A network, examples of its inputs by name, and the metadata of the file."""

    network: nn.Module
    inputs: Callable[[int], dict[str, Tensor]]  # number of pictures -> inputs
    facts: dict
    sides: Mapping[str, int] = field(default_factory=dict)  # of inputs of any size, in units of the smallest one's


def open_source(source: str) -> Exportable:
    """Opens the checkpoint of a folder, a `.pth` file or a Hub id.

    Raises:
        CheckpointError: see `Pix2PixPipeline.from_pretrained`.
    """
    path = locate(fetch(source))
    kind = checkpoint.kind_of(checkpoint.read_config(path)) if path.is_dir() else None
    if kind == "dcgan":
        return of_digits(DigitPipeline.from_pretrained(source, device="cpu"))
    if kind == "upscaler":
        return of_upscaler(checkpoint.load(Upscaler, path))
    return of_pictures(Pix2PixPipeline.from_pretrained(source, device="cpu"))


def of_pictures(pipe: Pix2PixPipeline) -> Exportable:
    size, style_dim = pipe.image_size, pipe.generator.style_dim
    source = torch.Generator().manual_seed(0)

    def inputs(count: int) -> dict[str, Tensor]:
        sketch = torch.ones(count, pipe.input_nc, size, size)
        for i in range(count):
            sketch[i, :, size // 4 : 3 * size // 4, size // 4 + i :: size // 8] = -1
        found = {"sketch": sketch}
        if style_dim:
            found["style"] = torch.rand(count, style_dim, generator=source) * 2 - 1
            found["colors"] = found["style"][:, COLOR, None, None].repeat(1, 1, size, size)
        return found

    facts = {
        "kind": "pix2pix",
        "name": pipe.name,
        "image_size": size,
        "range": [-1, 1],
        "preparation": preparation(pipe),
        "line_width": pipe.line_width,
        "styles": [{"name": style.name, "numbers": style.numbers} for style in pipe.built_in_styles],
    }
    return Exportable(ExportedUNet(pipe), inputs, facts)


def preparation(pipe: Pix2PixPipeline) -> str:
    if pipe.subject and pipe.labels:
        return f"areas of the colours {', '.join(pipe.subject.colors)}, as a square on {pipe.subject.paper}"
    redrawn = f"; lines redrawn {pipe.line_width} pixels wide" if pipe.line_width else ""
    return f"dark lines on white paper, centred, as a square{redrawn}"


def of_digits(pipe: DigitPipeline) -> Exportable:
    classes, z_dim, source = len(pipe.class_names), pipe.generator.z_dim, torch.Generator().manual_seed(0)

    def inputs(count: int) -> dict[str, Tensor]:
        return {"z": torch.randn(count, z_dim, generator=source), "label": torch.eye(classes)[:count]}

    facts = {
        "kind": "dcgan",
        "name": pipe.name,
        "image_size": pipe.image_size,
        "range": [-1, 1],
        "preparation": "z is normal noise; label holds the share of every class, 1 for one of them",
        "classes": pipe.class_names,
    }
    return Exportable(ExportedDCGAN(pipe), inputs, facts)


def of_upscaler(upscaler: Upscaler) -> Exportable:
    source = torch.Generator().manual_seed(0)

    def inputs(count: int) -> dict[str, Tensor]:
        side = 32 * count
        shapes = {"small": (count, 3, side, side), "lines": (count, 1, 2 * side, 2 * side)}
        return {name: torch.rand(shape, generator=source) * 2 - 1 for name, shape in shapes.items()}

    facts = {"kind": "upscaler", "range": [-1, 1], "preparation": "lines are -1 on 1, at twice the size of the picture"}
    return Exportable(upscaler, inputs, facts, sides={"small": 1, "lines": 2})


def export(source: str, file: str | Path, half: bool = False) -> float:
    """Writes the checkpoint as ONNX, runs it, and returns the PSNR in dB to PyTorch's output.

    Args:
        half: store weights in half precision; they are computed in single precision.

    Raises:
        CheckpointError: `source` can't be loaded.
        DataError: a package is missing, or the file's output differs from the checkpoint's. Then no file is left.
        DiskError: `file` can't be written.
    """
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401 -- torch.onnx needs it
    except ImportError as error:
        raise DataError(f"{error.name} is not installed: pip install onnx onnxscript onnxruntime") from None
    exportable = open_source(source)
    model = to_onnx(exportable)
    if half:
        halve_weights(model)
    for key, value in exportable.facts.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value if isinstance(value, str) else json.dumps(value)
    with replacing(Path(file)) as aside:
        aside.write_bytes(model.SerializeToString())
        onnx.checker.check_model(str(aside))
        session = onnxruntime.InferenceSession(str(aside), providers=["CPUExecutionProvider"])
        quality = min(compare(session, exportable, count) for count in (1, 2))
        if quality < LEAST_PSNR[half]:
            raise DataError(f"the export of {source} paints other pictures ({quality:.0f} dB): it was not written")
    return quality


def to_onnx(exportable: Exportable):
    """The network as an `onnx.ModelProto`, for any number of pictures at once; for some networks, of any size."""
    inputs = exportable.inputs(2)
    network = exportable.network.eval()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        count, side = torch.export.Dim("N"), torch.export.Dim("side", min=4, max=LARGEST_SIDE)
        sides = {name: dict.fromkeys((2, 3), factor * side) for name, factor in exportable.sides.items()}
        program = torch.onnx.export(
            network,
            tuple(inputs.values()),
            dynamo=True,
            input_names=list(inputs),
            output_names=["picture"],
            dynamic_shapes=tuple({0: count} | sides.get(name, {}) for name in inputs),
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None  # because it is not written to a file
    return program.model_proto


def halve_weights(model) -> None:
    """Stores large weights in float16. The graph casts them back, which runtimes do once, when they load it."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for weight in model.graph.initializer:
        if weight.data_type == TensorProto.FLOAT and math.prod(weight.dims) > 1000:
            name = weight.name
            half = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{name}_half")
            weight.CopyFrom(half)
            casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


@torch.inference_mode()
def compare(session, exportable: Exportable, count: int) -> float:
    """PSNR in dB between the file's output and PyTorch's, for so many pictures at once."""
    inputs = exportable.inputs(count)
    (found,) = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
    return psnr(torch.from_numpy(found), exportable.network(*inputs.values()))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pix2pix.export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=path, metavar="SOURCE", help="checkpoint: folder, .pth file or Hub id")
    parser.add_argument("file", type=path, metavar="FILE", help="the ONNX file to write")
    parser.add_argument("--half", action="store_true", help="weights in half precision: half the size")
    print_anything()
    args = parser.parse_args(arguments)
    with ends_clearly("export"):
        quality = export(args.source, Path(args.file).expanduser(), args.half)
    size = Path(args.file).expanduser().stat().st_size / 1e6
    print(f"{args.file} ({size:.1f} MB) paints what the checkpoint does, to {quality:.0f} dB")


if __name__ == "__main__":
    main()
