"""Measures a checkpoint: prints figures, and saves them with picture sheets.

  python -m pix2pix.evaluate pix2pix --dataroot data/edges2handbags            held-out pairs
  python -m pix2pix.evaluate pix2pix --dataroot ... --sketches backpack.ndjson  also people's drawings
  python -m pix2pix.evaluate pix2pix --dataroot ... --colors --styles --panels  hints, styles, panels
  python -m pix2pix.evaluate pix2pix --dataroot ... --labels Water Park Land Street  areas of a drawn map
  python -m pix2pix.evaluate pix2pix --dataroot ... --vgg --fid                more judges
  python -m pix2pix.evaluate dcgan --dataroot data                              compare samples with MNIST
  python -m pix2pix.evaluate classifier --dataroot data                         train the judge of digits

It prints a table, and saves metrics.json and the sheets in --output. The functions in evaluation/ say what each figure
means.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

from . import checkpoint
from .arguments import DefaultsInHelp, ends_clearly, number, path, print_anything
from .atomic_files import replacing
from .data.check_pairs import check_pairs
from .data.classes import LabelledImages, labelled_dataset
from .data.image_files import list_folder, split_folder
from .data.pairs import list_pairs, open_pair
from .data.quickdraw import Drawing, read_drawings, render
from .errors import CheckpointError, DataError, note
from .evaluation.colors import measure_colors, measure_two_colors
from .evaluation.digits import measure_digits, sample_digits
from .evaluation.judges import PhotoJudge, as_bytes, in_batches, load_digit_judge
from .evaluation.labels import Classes, classes_of, measure_labels
from .evaluation.painter import Painter
from .evaluation.panels import crossed_bag, handled_bag, measure_loops, measure_panels
from .evaluation.photos import Pair, measure_pairs, measure_sketches
from .evaluation.styles import CHANGES, measure_own_style, measure_variety, parts_sheet, style_sheet
from .evaluation.tables import tables
from .imaging.rgb import fit
from .imaging.sheets import grid, save_image
from .networks.device import choose_device
from .networks.digit_judge import DigitJudge
from .pipelines import DigitPipeline, Pix2PixPipeline
from .training.digit_judge import train_judge

JUDGE = "checkpoints/digit-judge"
SHEET_ROWS = 25
TRAINING_PHOTOS = 200  # most photos of DATAROOT/train to compare with
PANELS = range(100, 200)  # seeds of the drawings with lines across the body, and of those with wide handles


def write_json(content: dict, file: Path) -> None:
    with replacing(file) as aside:
        aside.write_text(checkpoint.as_json(content), encoding="utf-8")


def write_metrics(folder: Path, metrics: dict) -> None:
    """Writes `metrics` to the checkpoint's config.json; other entries and other metrics are kept."""
    config = checkpoint.read_config(folder)
    before = config.get("metrics")
    config["metrics"] = {**(before if isinstance(before, dict) else {}), **metrics}
    write_json(config, folder / checkpoint.CONFIG)


def check_paths(args: argparse.Namespace) -> None:
    """Checks where results go, before the work."""
    if args.output and Path(args.output).is_file():
        raise DataError(f"--output {args.output} is a file: expected a folder")
    if "write" in args and args.write and not (Path(args.checkpoint) / checkpoint.CONFIG).is_file():
        raise CheckpointError(f"--write needs a checkpoint folder with {checkpoint.CONFIG}; {args.checkpoint} is none")


def report(args: argparse.Namespace, name: str, facts: dict, rows: dict, sheets: dict[str, Image.Image]) -> None:
    """Prints the table; writes metrics.json and the sheets; with --write, config.json of the checkpoint."""
    rows = {row: figures for row, figures in rows.items() if figures}
    folder = Path(args.output or Path("evaluation") / name.replace("/", "-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{args.checkpoint}: " + ", ".join(f"{key} {value}" for key, value in facts.items()))
    print(f"\n{tables(rows)}\n")
    write_json({"checkpoint": str(args.checkpoint), **facts, **rows}, folder / "metrics.json")
    for title, sheet in sheets.items():
        save_image(sheet, folder / f"{title}.png")
    print(f"saved in {folder}: metrics.json, " + ", ".join(f"{title}.png" for title in sheets))
    if args.write:
        write_metrics(Path(args.checkpoint), {**facts, **rows})
        print(f"written into {Path(args.checkpoint) / checkpoint.CONFIG}")


def sheet_of(images: Sequence[Image.Image], columns: int, side: int = 128) -> Image.Image:
    """At most SHEET_ROWS rows of pictures."""
    return grid(as_bytes(images[: columns * SHEET_ROWS]).float() / 127.5 - 1, columns, side)


def in_triples(pairs: Sequence[Pair], outputs: Sequence[Image.Image]) -> list[Image.Image]:
    """Input, output and photo of each pair, in turn."""
    return [image for (sketch, photo), output in zip(pairs, outputs, strict=True) for image in (sketch, output, photo)]


def sketches_for_styles(drawings: dict[str, list[Drawing]], pairs: Sequence[Pair]) -> list[Image.Image]:
    """At most SHEET_ROWS of people's drawings, equally many of each word; if there are none, inputs of pairs."""
    every = [drawing for of_word in drawings.values() for drawing in of_word]
    if not every:
        return [sketch for sketch, _ in pairs[:SHEET_ROWS]]
    return [render(drawing, pen=6) for drawing in every[:: max(len(every) // SHEET_ROWS, 1)]][:SHEET_ROWS]


def open_pairs(files: Sequence[Path], direction: str, size: int) -> list[Pair]:
    """Inputs and photos, each on a square of `size` pixels."""
    halves = [open_pair(file, direction) for file in files]
    return [(fit(sketch, size), fit(photo, size)) for sketch, photo in halves]


def training_photos(args: argparse.Namespace, direction: str, size: int) -> list[Image.Image]:
    """Photos spread over DATAROOT/train, unless it is missing or is the evaluated folder."""
    folder = split_folder(Path(args.dataroot), "train")
    files = list_folder(folder).images if folder.is_dir() else []
    if args.phase == "train" or len(files) < 2:
        return []
    return [photo for _, photo in open_pairs(files[:: -(-len(files) // TRAINING_PHOTOS)], direction, size)]


def measure_pix2pix(
    args: argparse.Namespace,
    paint: Painter,
    judge: PhotoJudge,
    pairs: Sequence[Pair],
    drawings: dict[str, list[Drawing]],
    classes: Classes | None,
) -> tuple[dict[str, dict[str, float]], dict[str, Image.Image]]:
    """Makes all rows and sheets that the options ask for."""
    rows, outputs = measure_pairs(paint, pairs, judge)
    sheets = {"sheet": sheet_of(in_triples(pairs, outputs), columns=12)}
    if classes:
        rows |= measure_labels(pairs, outputs, *classes)
    if drawings:
        more, pictures = measure_sketches(paint, drawings, judge)
        rows |= more
        sheets["sketches"] = sheet_of(pictures, columns=12)
    if args.styles and paint.styles > 1:
        more, outputs = measure_own_style(paint, pairs, judge)
        rows |= more | measure_variety(paint, pairs, judge)
        sheets["own-styles"] = sheet_of(in_triples(pairs, outputs), columns=12)
        sketches = sketches_for_styles(drawings, pairs)
        sheets["styles"] = sheet_of(style_sheet(paint, sketches), columns=9)
        parts = parts_sheet(paint, sketches[0], paint.style_of(pairs[0][1]))
        sheets["style-parts"] = sheet_of(parts, columns=1 + len(CHANGES))
    if args.colors:
        more, pictures = measure_colors(paint, pairs)
        rows |= more
        sheets["colors"] = sheet_of(pictures, columns=len(pictures) // len(pairs))
        more, pictures = measure_two_colors(paint, pairs)
        rows |= more
        sheets["two-colors"] = sheet_of(pictures, columns=12)
    if args.panels:
        more, pictures = measure_panels(paint, [crossed_bag(seed, hard=True) for seed in PANELS])
        rows |= more
        sheets["panels"] = sheet_of(pictures, columns=12)
        more, pictures = measure_loops(paint, [handled_bag(seed) for seed in PANELS])
        rows |= more
        sheets["handles"] = sheet_of(pictures, columns=12)
    return rows, sheets


def evaluate_pix2pix(args: argparse.Namespace) -> None:
    drawings = {Path(file).stem: read_drawings(file) for file in args.sketches}
    if any(len(of_word) < 2 for of_word in drawings.values()):
        raise DataError("a kernel distance needs two drawings at least in every file of --sketches")
    folder = split_folder(Path(args.dataroot), args.phase)
    listing = list_pairs(folder)
    files = listing.images[: args.max_images]
    note(*filter(None, [listing.left_out]), *check_pairs(files))
    if len(files) < 2:
        raise DataError(f"one pair of {folder} is too few: a kernel distance needs two at least")
    pipe = Pix2PixPipeline.from_pretrained(args.checkpoint, device=args.device)
    if args.styles and not pipe.styles:
        raise DataError(f"--styles needs a checkpoint with styles; {pipe.name} has none")
    classes = classes_of(pipe, args.labels) if args.labels else None
    # By default that of the training: figures of the wrong direction would look plausible.
    direction = args.direction or checkpoint.training_options(pipe.config).get("direction", "AtoB")
    pairs = open_pairs(files, direction, pipe.image_size)
    vgg = args.vgg or args.styles
    training = training_photos(args, direction, pipe.image_size) if vgg else []
    judge = PhotoJudge([photo for _, photo in pairs], vgg=vgg, fid=args.fid, training_photos=training)
    paint = Painter(pipe) if args.seed is None else Painter(pipe, seed=args.seed)
    rows, sheets = measure_pix2pix(args, paint, judge, pairs, drawings, classes)
    facts = {
        "data": f"{folder.resolve().parent.name}/{folder.name}",
        "direction": direction,
        "pairs": len(pairs),
        "styles": paint.styles,
        "mode": "deterministic" if args.seed is None else f"noise of seed {args.seed}",
    }
    report(args, pipe.name, facts, rows, sheets)


def mnist(args: argparse.Namespace, train: bool) -> LabelledImages:
    return labelled_dataset("mnist", args.dataroot, train=train, download=args.download)


def evaluate_dcgan(args: argparse.Namespace) -> None:
    pipe = DigitPipeline.from_pretrained(args.checkpoint, device=args.device)
    train, test = mnist(args, train=True), mnist(args, train=False)
    if pipe.class_names != test.class_names or pipe([0])[0].mode != "L":
        raise DataError(f"{args.checkpoint} does not write grey digits 0 to 9, which is what the judge knows")
    judge = load_digit_judge(args.judge)
    per_class = args.samples // len(pipe.class_names)
    if per_class < 2:
        raise DataError(f"--samples is {args.samples}; expected 20 or more, so that every class has two")
    samples = sample_digits(pipe, per_class, args.seed)
    rows = measure_digits(judge, samples, train, test)
    shown = torch.arange(len(samples)).view(-1, per_class)[:, :10]
    sheet = grid(samples.images[shown.flatten()].float() / 127.5 - 1, shown.shape[1], side=2 * pipe.image_size)
    report(args, pipe.name, {"data": "mnist", "samples": len(samples), "seed": args.seed}, rows, {"sheet": sheet})


def accuracy(judge: DigitJudge, data: LabelledImages) -> float:
    return (in_batches(judge, data.images, 500).argmax(1) == data.labels).float().mean().item()


def train_classifier(args: argparse.Namespace) -> None:
    train, test = mnist(args, train=True), mnist(args, train=False)
    judge = train_judge(train.images, train.labels, args.epochs)
    facts = {"data": "MNIST training images, shifted, turned, slanted and scaled", "epochs": args.epochs}
    checkpoint.save(judge, args.output, half=True, training=facts)
    test_accuracy = accuracy(load_digit_judge(args.output), test)  # of the saved weights
    write_metrics(Path(args.output), {"test_accuracy": round(test_accuracy, 4)})
    print(f"{100 * test_accuracy:.2f}% of the test digits are named right; the classifier is in {args.output}")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pix2pix.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="pix2pix|dcgan|classifier")

    def command(names: Sequence[str], run, text: str, output: str | None = None) -> argparse.ArgumentParser:
        shown = {"help": text, "formatter_class": DefaultsInHelp}
        added = commands.add_parser(names[0], aliases=names[1:], **shown)
        added.set_defaults(run=run)
        added.add_argument("--dataroot", type=path, required=True, metavar="DIR", help="folder of the data")
        added.add_argument(
            "--output", type=path, default=output, metavar="DIR", help="where results go; default: evaluation/NAME"
        )
        return added

    def of_checkpoint(added: argparse.ArgumentParser, default: str) -> None:
        added.add_argument(
            "--checkpoint", type=path, default=default, metavar="PATH", help="folder, Hub id or .pth file"
        )
        added.add_argument("--device", default="auto", help="device of the generator: auto, cpu, cuda or mps")
        added.add_argument("--write", action="store_true", help="write the figures to the checkpoint's config.json")

    added = command(["pix2pix", "handbags"], evaluate_pix2pix, "a pix2pix generator on pairs of images")
    of_checkpoint(added, "checkpoints/handbags")
    added.add_argument("--phase", default="val", help="sub-folder of DATAROOT with the pairs")
    added.add_argument("--direction", choices=("AtoB", "BtoA"), help="which half is the input; default: as in training")
    added.add_argument("--max_images", type=number(int, 1), metavar="N", help="only the first N pairs")
    added.add_argument("--seed", type=int, help="paint with the paper's noise, drawn from this seed")
    added.add_argument(
        "--sketches", type=path, nargs="+", default=[], metavar="FILE", help="people's drawings, Quick, Draw! .ndjson"
    )
    added.add_argument("--colors", action="store_true", help="test whether colour hints are obeyed")
    added.add_argument("--styles", action="store_true", help="test the styles of a network that has some; with --vgg")
    added.add_argument("--panels", action="store_true", help="test bags with lines across the body, and wide handles")
    added.add_argument("--labels", nargs="+", metavar="NAME", help="test whether areas of these labels look real")
    added.add_argument("--vgg", action="store_true", help="also judge with VGG16: LPIPS and a second KID")
    added.add_argument("--fid", action="store_true", help="FID and KID in Inception's features (needs torch-fidelity)")

    added = command(["dcgan", "digits"], evaluate_dcgan, "a conditional DCGAN on MNIST")
    of_checkpoint(added, "checkpoints/digits")
    added.add_argument("--samples", type=number(int, 1), default=10_000, metavar="N", help="number of samples in all")
    added.add_argument("--seed", type=int, default=0, help="seed of the samples")
    added.add_argument("--judge", type=path, default=JUDGE, metavar="DIR", help="the digit classifier")
    added.add_argument("--download", action="store_true", help="download MNIST if its files are missing")

    added = command(["classifier"], train_classifier, "train the classifier that judges digits", JUDGE)
    added.add_argument("--epochs", type=number(int, 1), default=14, help="passes over the training images")
    added.add_argument("--download", action="store_true", help="download MNIST if its files are missing")
    return parser


def main(arguments: list[str] | None = None) -> None:
    print_anything()
    parser = build_parser()
    args = parser.parse_args(arguments)
    torch.set_flush_denormal(True)  # denormal numbers make a CPU ten times slower
    try:
        if "device" in args:
            choose_device(args.device)
    except ValueError as error:
        parser.error(str(error))
    with ends_clearly("evaluate"):
        check_paths(args)
        args.run(args)


if __name__ == "__main__":
    main()
