"""Writes the app as a folder of static files. The visitor's own device paints; no server is needed.

python -m pix2pix.site public                               the checkpoints of this project
python -m pix2pix.site public --pix2pix output/bags user/name --dcgan output/digits
python -m http.server --directory public                    to try it out

Any host of static files serves the folder, under any address. The page opens without network from the second visit on.
It has the tabs *Draw* and *Digits*. What only a server can do, it does not show: *Inside pix2pix*, models of the Hub by
their name, tracing of photos and the style of a photo. Run the command again to update the folder. It needs
`pip install onnx onnxscript onnxruntime`.
"""

import argparse
import base64
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from .arguments import ends_clearly, path, print_anything
from .checkpoint.fetch import name_of
from .errors import DataError
from .export import export
from .pipelines import DigitPipeline, Pix2PixPipeline
from .ui.device import preparation
from .ui.digits.parts import word_for
from .ui.draw.canvas import model_props
from .ui.draw.choices import choice, cover
from .ui.examples import example_of
from .ui.models import CHECKPOINTS, found
from .ui.pictures import data_url
from .ui.site import Files, add_page
from .ui.site.files import check

TITLES = {True: "pix2pix: draw a handbag", False: "pix2pix: draw an outline"}
DIGITS = str(CHECKPOINTS / "digits")


def own_pictures() -> list[str]:
    """The project's own pix2pix checkpoints, with the bags first."""
    return [str(folder) for name, folder in sorted(found("pix2pix").items(), key=lambda item: item[0] != "handbags")]


def make(folder: Path, pictures: Sequence[str], digits: str | None = None) -> int:
    """Writes the site; returns its size in bytes.

    Args:
        pictures: sources of pix2pix checkpoints, see `Pix2PixPipeline.from_pretrained`; the page opens with the first.
        digits: source of a DCGAN; None: the page has no such tab.

    Raises:
        CheckpointError: a source can't be loaded.
        DataError: one can't be exported; two have the same name; or the folder holds something else than a site.
        DiskError: the folder can't be written.
    """
    check(folder)
    names = [name_of(source) for source in pictures]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DataError(f"two checkpoints are called {min(twice)}: visitors choose by names, so rename a folder")
    files = Files()
    models = [add_painter(files, source) for source in pictures]
    facts = {"models": models} | ({"digits": add_writer(files, digits)} if digits else {})
    bags = models[0]["props"]["foretaste_of"] and not models[0]["choice"]["subject"]
    add_page(files, facts, TITLES[bool(bags)])
    files.write(folder)
    return sum(map(len, files.values()))


def add_painter(files: Files, source: str) -> dict:
    """What the page has to know of a pix2pix checkpoint."""
    pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
    folder = pipe.folder or Path()
    whole = add_network(files, pipe, source)
    bags = folder.resolve() == (CHECKPOINTS / "handbags").resolve()
    props = model_props(pipe) | {
        "model_where": pipe.name,
        "foretaste": whole["proof"]["picture"],
        "foretaste_of": pipe.name if bags or pipe.subject else None,  # the page's own example is a bag
    }
    own = {"choice": choice(pipe.name, pipe.subject), "cover": add_image(files, "cover", cover(folder))}
    if pipe.upscaler:
        own["upscaler"] = files.keep("upscaler.onnx", exported(str(folder / "upscaler")))
    if (folder / "student").is_dir():
        own["student"] = add_student(files, pipe, folder / "student")
    return {"props": props, **whole, **own, **preparation(pipe)}


def add_network(files: Files, pipe: Pix2PixPipeline, source: str) -> dict:
    """A network's file, and what it paints."""
    content = exported(source)
    drawing = example_of(pipe.subject).resize((pipe.image_size, pipe.image_size))
    proof = {"drawing": add_image(files, "drawing", drawing), "picture": add_image(files, "picture", pipe(drawing))}
    return {"network": files.keep("network.onnx", content), "bytes": len(content), "proof": proof}


def add_student(files: Files, teacher: Pix2PixPipeline, folder: Path) -> dict:
    """The smaller network of a checkpoint, for devices without a graphics card.

    Raises:
        CheckpointError: it can't be loaded.
        DataError: it reads other drawings than the checkpoint.
    """
    pipe = Pix2PixPipeline.of_folder(folder, f"the student of {teacher.name}", device="cpu")
    if preparation(pipe) != preparation(teacher):
        raise DataError(f"{pipe.name} reads other drawings or styles than its teacher: leave {folder} out")
    return add_network(files, pipe, str(folder))


def add_image(files: Files, name: str, image: Image.Image) -> str:
    """Adds a picture as PNG; returns its address."""
    return files.keep(f"{name}.png", base64.b64decode(data_url(image, lossless=True).partition(",")[2]))


def add_writer(files: Files, source: str) -> dict:
    """What the page has to know of a DCGAN."""
    pipe = DigitPipeline.from_pretrained(source, device="cpu")
    content = exported(source)
    return {
        "network": files.keep("network.onnx", content),
        "bytes": len(content),
        "classes": pipe.class_names,
        "kind": word_for(pipe.class_names),
        "z_dim": pipe.generator.z_dim,
        "size": pipe.image_size,
    }


def exported(source: str) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "network.onnx"
        export(source, file, half=True)
        return file.read_bytes()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pix2pix.site", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=path, metavar="DIR", help="the folder to write: a new one, or a site")
    parser.add_argument(
        "--pix2pix",
        type=path,
        nargs="+",
        metavar="SOURCE",
        default=own_pictures(),
        help="checkpoints to choose from: folders, .pth files or Hub ids; the page opens with the first",
    )
    parser.add_argument("--dcgan", type=path, metavar="SOURCE", default=DIGITS, help="checkpoint: folder or Hub id")
    print_anything()
    args = parser.parse_args(arguments)
    with ends_clearly("site"):
        size = make(Path(args.folder), args.pix2pix, args.dcgan)
    print(f"{args.folder} ({size / 1e6:.1f} MB) is ready to be served")


if __name__ == "__main__":
    main()
