"""One z in every class: what stays the same is style, what changes is content."""

from math import ceil

import gradio as gr
from PIL import Image

from ...pipelines import DigitPipeline
from ..inputs import count_input, nearest_whole, whole_number
from ..pictures import data_url, own_file
from ..texts import t
from .parts import ENDPOINT, LIVE, columns, panel, seed_row

MOST = 8
WIDEST = 13  # pictures side by side; more classes take two lines or more


def style_section(digits: DigitPipeline, tab: gr.Tab) -> None:
    names = digits.class_names

    def rows(seed: float, count: float) -> list[list[Image.Image]]:
        return digits.styles(whole_number("seed", seed), whole_number("count", count, 1, MOST))

    def digit_styles(seed: float = 0, count: float = 4) -> list[tuple[Image.Image, str]]:
        """Shows every class, such as the ten digits, in the same style: one noise vector z of a DCGAN, all labels.

        Args:
            seed: A whole number; the same seed and count give the same styles.
            count: How many styles, 1 to 8.

        Returns:
            The pictures with their captions, style after style, in each style one picture for every class.
        """
        return [
            (own_file(image), f"style {style}: {name}")
            for style, row in enumerate(rows(seed, count), 1)
            for name, image in zip(names, row, strict=True)
        ]

    def show(seed: float, count: float) -> list[list[dict]]:
        if None in (count, seed):
            return gr.skip()  # an emptied field, before another number stands there
        return [
            [
                {"src": data_url(image, lossless=True), "alt": f"{name} ({style})"}
                for name, image in zip(names, row, strict=True)
            ]
            for style, row in enumerate(rows(nearest_whole("seed", seed), nearest_whole("count", count, 1, MOST)), 1)
        ]

    controls, pictures = columns()
    with controls:
        gr.Markdown(t("styles_text"))
        count = count_input(MOST, value=4, label=t("styles_count"), elem_id="styles-count")
        seed = seed_row("seed", "styles-seed")
    with pictures:
        wide = ceil(len(names) / ceil(len(names) / WIDEST))
        sheet = panel("gallery", "styles", [], words="styles_label", columns=wide, narrow=wide, file="styles.png")

    inputs = [seed, count]
    for change in (tab.select, count.change, seed.change):
        change(show, inputs, sheet, **LIVE)

    with gr.Column(visible=False):  # for programs
        images = gr.Gallery(format="png", label="pictures")
        gr.Button().click(digit_styles, inputs, images, api_name="digit_styles", **ENDPOINT)
