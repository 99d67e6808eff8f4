"""The 'Digits' tab: a class, a count and a seed give a gallery of handwriting."""

from pathlib import Path

import gradio as gr
from PIL import Image

from ..pipelines import DigitPipeline
from .inputs import class_choice, count_input, whole_number
from .pictures import data_url, own_file
from .texts import PRELUDE, t

HERE = Path(__file__).parent
MOST = 64


def gallery() -> gr.HTML:
    """A grid of pictures; its value is a list of {"src": data URL, "alt": words}."""
    return gr.HTML(
        value=[],
        html_template=(HERE / "gallery.html").read_text(encoding="utf-8"),
        css_template=(HERE / "gallery.css").read_text(encoding="utf-8"),
        js_on_load=PRELUDE + (HERE / "gallery.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="gallery",
    )


def digits_tab(digits: DigitPipeline, tab: gr.Tab) -> None:
    """Lays out `tab`, the current one; its gallery fills when the tab is opened."""
    names = digits.class_names

    def generate_digits(digit: str, count: float = 16, seed: float = 0) -> list[Image.Image]:
        """Writes handwritten digits of one class with a conditional DCGAN.

        Args:
            digit: The class to write, by name or number.
            count: How many pictures, 1 to 64.
            seed: A whole number; the same digit, count and seed give the same pictures.

        Returns:
            The pictures, white ink on black as in MNIST.
        """
        labels = [names.index(digit)] * whole_number("count", count, 1, MOST)
        return [own_file(image) for image in digits(labels, seed=whole_number("seed", seed))]

    def show(digit: str, count: float, seed: float) -> list[dict]:
        images = generate_digits(digit, count, seed)
        return [{"src": data_url(image, lossless=True), "alt": f"{digit} ({i})"} for i, image in enumerate(images, 1)]

    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            digit = class_choice(names, value=names[min(3, len(names) - 1)], label=t("digit"), elem_id="digit")
            count = count_input(MOST, value=16, label=t("count"), elem_id="count")
            with gr.Row(elem_classes="align-end"):
                seed = gr.Number(value=0, label=t("seed"), elem_id="seed", min_width=120)
                roll = gr.Button(t("roll"), min_width=120, elem_id="roll")
            write = gr.Button(t("write"), variant="primary", elem_id="write")
            gr.Markdown(t("digits_how"), elem_classes="quiet")
        with gr.Column(scale=3, min_width=300):
            sheet = gallery()

    inputs = [digit, count, seed]
    live = {"api_visibility": "private", "trigger_mode": "always_last", "show_progress": "hidden"}
    for change in (tab.select, write.click, digit.input, count.release, seed.submit):
        change(show, inputs, sheet, concurrency_id="digits", **live)
    roll.click(None, None, seed, js="() => Math.floor(Math.random() * 1e6)", api_visibility="private").then(
        show, inputs, sheet, concurrency_id="digits", **live
    )

    with gr.Column(visible=False):  # for programs
        pictures = gr.Gallery(format="png", label="pictures")
        gr.Button().click(
            generate_digits, inputs, pictures, api_name="generate_digits", concurrency_limit=2, concurrency_id="digits"
        )
