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
import torch.nn.functional as F
from torch import Tensor, nn

from . import checkpoint
from .arguments import ends_clearly, path, print_anything
from .atomic_files import replacing
from .checkpoint.fetch import fetch
from .checkpoint.locate import locate
from .errors import DataError
from .imaging.style import COLOR
from .networks.pix2pix import fixed_noise
from .networks.upscaler import Upscaler
from .pipelines import DigitPipeline, Pix2PixPipeline
from .pipelines.fast_unet import FoldedUNet
from .pipelines.pick_fastest import psnr

LEAST_PSNR = {False: 50, True: 40}  # dB against PyTorch, by whether weights are in half precision
OPSET = 18
LARGEST_SIDE = 2048  # pixels, of what networks read that take pictures of any size


class FirstLevel(nn.Module):
    """The generator's first convolution, with less work for what is the same everywhere or always.

    A number of the style is a constant plane. A convolution of it is constant too, but at the borders, where the kernel
    reads zeros; so it is computed for a plane of 6x6, and the middle is repeated. What comes of the noise never
    changes, and runtimes compute it once, when they load the file.

    Args:
        conv: reads `image_nc` channels of the drawing, then the constant ones, then those of `noise` (1, C, S, S).
    """

    noise: Tensor
    places: Tensor

    def __init__(self, conv: nn.Conv2d, image_nc: int, noise: Tensor):
        super().__init__()
        noise_nc, side = noise.shape[1:3]
        parts = conv.weight.split([image_nc, conv.in_channels - image_nc - noise_nc, noise_nc], 1)
        self.image, self.constant, self.grain = (nn.Parameter(part.clone(), requires_grad=False) for part in parts)
        self.bias = conv.bias
        self.register_buffer("noise", noise)
        self.register_buffer("places", torch.tensor([0, *[1] * (side // 2 - 2), 2]))

    def forward(self, parts: tuple[Tensor, Tensor | None]) -> Tensor:
        """Images (N, image_nc, S, S) and numbers (N, C) -> (N, outputs, S / 2, S / 2)."""
        image, numbers = parts
        y = F.conv2d(image, self.image, self.bias, 2, 1)
        same = F.conv2d(self.noise, self.grain, None, 2, 1) if self.noise.shape[1] else None
        if numbers is not None:
            plane = F.conv2d(numbers[:, :, None, None].expand(-1, -1, 6, 6), self.constant, None, 2, 1)
            plane = plane.index_select(3, self.places).index_select(2, self.places)  # rows last: whole ones are copied
            same = plane if same is None else same + plane
        return y if same is None else y + same


class ExportedUNet(nn.Module):
    """The generator as it is used; a style is a separate input."""

    colors: Tensor
    inputs: Tensor

    def __init__(self, pipe: Pix2PixPipeline):
        super().__init__()
        unet = pipe.generator
        noise = fixed_noise(unet.noise_nc, pipe.image_size, pipe.image_size)
        image_nc = unet.input_nc + (COLOR.stop if unet.style_dim else 0)
        self.network = FoldedUNet(unet, torch.float32)
        conv, *rest = self.network.down[0].children()
        assert isinstance(conv, nn.Conv2d)
        self.network.down[0] = nn.Sequential(FirstLevel(conv, image_nc, noise), *rest)
        self.labels = pipe.labels is not None
        if pipe.labels:
            for name in ("colors", "inputs"):
                self.register_buffer(name, torch.from_numpy(getattr(pipe.labels, name)) / 127.5 - 1)

    def as_read(self, sketch: Tensor) -> Tensor:
        """Labels in the colours that the network reads in their place (see imaging/labels.py)."""
        apart = (sketch[:, None] - self.colors[None, :, :, None, None]).abs().sum(2)
        return self.inputs[apart.argmin(1)].permute(0, 3, 1, 2)

    def forward(self, sketch: Tensor, style: Tensor | None = None, colors: Tensor | None = None) -> Tensor:
        if self.labels:
            sketch = self.as_read(sketch)
        if style is None or colors is None:
            return self.network((sketch, None)).contiguous()
        return self.network((torch.cat([sketch, colors], 1), style[:, COLOR.stop :])).contiguous()


class ExportedDCGAN(nn.Module):
    """The DCGAN's generator, which reads the share of each class."""

    def __init__(self, pipe: DigitPipeline):
        super().__init__()
        self.layers = pipe.generator.net

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        return self.layers(torch.cat([z, label], 1)[:, :, None, None]).contiguous()


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
