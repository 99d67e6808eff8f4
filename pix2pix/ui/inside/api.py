"""The tab's computations as named endpoints, for `gradio_client`, curl and MCP."""

from collections.abc import Callable

import gradio as gr
from PIL import Image

from ...anatomy import discriminator, generator, snapshots
from ...errors import CheckpointError
from ...networks import receptive_field
from ...pipelines import Pix2PixPipeline
from ..inputs import clear_errors, from_digits, image_input, whole_number
from ..pictures import own_file

MOST_DRAWS = 16


class Endpoints:
    """The functions of the endpoints. `default` is the model of a call that names none."""

    def __init__(self, get_pipeline: Callable[[str], Pix2PixPipeline], default: str):
        self.get_pipeline, self.default = get_pipeline, default

    def pipeline(self, model: str | None) -> Pix2PixPipeline:
        return self.get_pipeline(model or self.default)

    def patch_verdict(
        self, image: Image.Image, column: float = 15, row: float = 15, model: str | None = None
    ) -> tuple[Image.Image, dict]:
        """Paints a drawing and returns the PatchGAN discriminator's verdict on every patch of the picture.

        Args:
            image: The drawing, dark lines on white; any size. For MCP: a data URL.
            column: Column of the cell to describe, 0 at the left.
            row: Row of the cell to describe, 0 at the top.
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.

        Returns:
            The picture under its heat map (orange: looks painted, blue: looks real), and a dict with the
            chosen cell's probability of being real, its patch [left, top, right, bottom] in pixels, the
            receptive field in pixels, and the grid of all probabilities.
        """
        with clear_errors():
            verdict = discriminator.patch_verdict(self.pipeline(model), image)
            rows, columns = verdict.logits.shape
            column, row = whole_number("column", column, 0, columns - 1), whole_number("row", row, 0, rows - 1)
        probabilities = verdict.probabilities.round(6)
        return own_file(verdict.heat_map()), {
            "column": column,
            "row": row,
            "real": float(probabilities[row, column]),
            "patch": list(verdict.box(column, row)),
            "receptive_field": verdict.layer.receptive_field,
            "probabilities": probabilities.tolist(),
        }

    def patch_arithmetic(self, model: str | None = None) -> list[dict]:
        """Returns how the discriminator's receptive field grows, one entry a convolution.

        Args:
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.

        Returns:
            A list of dicts: name, kernel, stride, receptive_field (pixels), jump (pixels between
            neighbouring cells), start (pixels; left edge of what the first cell sees), map_size (cells a side).
        """
        with clear_errors():
            pipe = self.pipeline(model)
            if pipe.discriminator is None:
                raise CheckpointError(f"{pipe.name} has no discriminator")
            return [vars(layer) for layer in receptive_field.patch_arithmetic(pipe.discriminator, pipe.image_size)]

    def without_skips(
        self, image: Image.Image, levels: list[str] | None = None, model: str | None = None
    ) -> Image.Image:
        """Paints a drawing with some of the generator's skip connections cut.

        Args:
            image: The drawing, dark lines on white; any size. For MCP: a data URL.
            levels: The levels to cut: 0 is the outermost (128 x 128 cells for 256 pixels), 6 the 2 x 2 one.
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.

        Returns:
            The picture.
        """
        with clear_errors():
            pipe = self.pipeline(model)
            last = len(generator.skip_sizes(pipe)) - 1
            cut = [whole_number("level", from_digits(level), 0, last) for level in levels or []]
            return own_file(generator.without_skips(pipe, image, cut))

    def activations(self, image: Image.Image, model: str | None = None) -> list[tuple[Image.Image, str]]:
        """Paints a drawing and returns thumbnails of the generator's activations, down and up the U.

        Args:
            image: The drawing, dark lines on white; any size. For MCP: a data URL.
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.

        Returns:
            A gallery in the order of computation; captions give branch, level, channels x height x width.
        """
        with clear_errors():
            found = generator.activations(self.pipeline(model), image)
        return [(own_file(a.thumbnail), f"{a.branch} {a.level}: {a.channels} x {a.height} x {a.width}") for a in found]

    def dropout_noise(
        self, image: Image.Image, count: float = 4, seed: float = 0, model: str | None = None
    ) -> tuple[list[tuple[Image.Image, str]], Image.Image, float]:
        """Paints a drawing several times with dropout left on, the paper's only source of noise.

        Args:
            image: The drawing, dark lines on white; any size. For MCP: a data URL.
            count: How many pictures, 1 to 16.
            seed: Seed of the first picture; the next ones take the numbers after it.
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.

        Returns:
            The pictures with their seeds, a map of their pixel-wise standard deviation, and its mean in
            grey levels (0 to 255).
        """
        with clear_errors():
            count = whole_number("count", count, 1, MOST_DRAWS)
            seed = whole_number("seed", seed, high=2**63 - MOST_DRAWS)
            seeds = range(seed, seed + count)
            drawn = generator.noise(self.pipeline(model), image, seeds)
        pictures = [
            (own_file(picture), f"seed {number}") for picture, number in zip(drawn.pictures, seeds, strict=True)
        ]
        return pictures, own_file(drawn.heat_map()), float(drawn.deviation.mean())

    def training_timeline(self, model: str | None = None) -> list[tuple[Image.Image, str]]:
        """Returns the same outlines as painted at several points of the training; empty without snapshots.

        Args:
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.

        Returns:
            A gallery of sheets; captions give the number of training images seen.
        """
        with clear_errors():
            found = snapshots.timeline(self.pipeline(model))
        return [(own_file(row), f"{seen} images") for seen, row in found.snapshots]


def inside_api(get_pipeline: Callable[[str], Pix2PixPipeline], default: str) -> None:
    """Adds the endpoints to the app under construction; `default` is the model of a call that names none."""
    call = Endpoints(get_pipeline, default)
    with gr.Column(visible=False):
        image = image_input(label="image")
        model = gr.Textbox(value=None, label="model", max_length=200)
        column, row = gr.Number(15, label="column"), gr.Number(15, label="row")
        count, seed = gr.Number(4, label="count"), gr.Number(0, label="seed")
        levels = gr.CheckboxGroup([str(level) for level in range(8)], label="levels")
        # without_skips checks them, with plainer errors than the component's
        levels.preprocess = lambda payload: (
            [] if payload is None else payload if isinstance(payload, list) else [payload]
        )
        picture, pictures = gr.Image(format="png", label="picture"), gr.Gallery(format="png", label="pictures")
        facts, deviation = gr.JSON(label="facts"), gr.Number(label="deviation")
        for function, inputs, outputs in (
            (call.patch_verdict, [image, column, row, model], [picture, facts]),
            (call.patch_arithmetic, [model], facts),
            (call.without_skips, [image, levels, model], picture),
            (call.activations, [image, model], pictures),
            (call.dropout_noise, [image, count, seed, model], [pictures, picture, deviation]),
            (call.training_timeline, [model], pictures),
        ):
            gr.Button().click(function, inputs, outputs, api_name=function.__name__, concurrency_id="inside")
