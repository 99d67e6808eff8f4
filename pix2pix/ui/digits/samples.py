"""A gallery of samples of one class."""

import gradio as gr
from PIL import Image

from ...pipelines import DigitPipeline
from ..inputs import class_choice, count_input, nearest_whole, seed_input, whole_number
from ..pictures import data_url, own_file
from ..texts import t
from .parts import ENDPOINT, LIVE, Section, columns, panel, rolls, word_for

MOST = 64


def sample_section(digits: DigitPipeline) -> Section:
    names = digits.class_names
    kind = word_for(names)

    def generate_digits(digit: str, count: float = 16, seed: float = 0) -> list[Image.Image]:
        """Makes pictures of one class, such as handwritten digits, with a conditional DCGAN.

        Args:
            digit: The class, by name or number.
            count: How many pictures, 1 to 64.
            seed: A whole number; the same digit, count and seed give the same pictures.

        Returns:
            The pictures; handwriting is white ink on black as in MNIST.
        """
        labels = [names.index(digit)] * whole_number("count", count, 1, MOST)
        return [own_file(image) for image in digits(labels, seed=whole_number("seed", seed))]

    def show(digit: str, count: float, seed: float) -> list[list[dict]] | dict:
        if None in (count, seed):
            return gr.skip()  # the field is empty while a number is being typed
        images = generate_digits(digit, nearest_whole("count", count, 1, MOST), nearest_whole("seed", seed))
        return [[{"src": data_url(image, lossless=True), "alt": f"{digit} ({i})"} for i, image in enumerate(images, 1)]]

    controls, pictures = columns()
    with controls:
        gr.Markdown(t(f"samples_{kind}"))
        digit = class_choice(names, value=names[min(3, len(names) - 1)], label=t(f"class_{kind}"), elem_id="digit")
        count = count_input(MOST, value=16, label=t("count"), elem_id="count")
        seed = seed_input(label=t("seed"), elem_id="seed")
        rolls(gr.Button(t("make" if kind == "pictures" else "write"), variant="primary", elem_id="write"), seed)
        gr.Markdown(t("samples_how"), elem_classes="quiet")
    with pictures:
        words = "gallery_pictures" if kind == "pictures" else "gallery"
        sheet = panel("gallery", "gallery", [], words=words, columns=8, narrow=4, file=f"{kind}.png")

    inputs = [digit, count, seed]
    for change in (digit.input, count.change, seed.change):
        change(show, inputs, sheet, **LIVE)

    with gr.Column(visible=False):  # for programs
        images = gr.Gallery(format="png", label="pictures")
        gr.Button().click(generate_digits, inputs, images, api_name="generate_digits", **ENDPOINT)
    return Section(show, inputs, sheet)
