"""The 'Digits' tab: a class, a count and a seed give a gallery of handwriting."""

import gradio as gr
from PIL import Image

from ..pipelines import DigitPipeline
from .inputs import whole_number
from .texts import t

MOST = 64


class ClassChoice(gr.Dropdown):
    """A dropdown of class names that also takes a class number, so that programs may ask for 3 as for "3"."""

    is_template = True

    def preprocess(self, payload):
        names = [value for _, value in self.choices]
        if isinstance(payload, int | float) and not isinstance(payload, bool):
            by_number = payload == int(payload) and 0 <= payload < len(names) if payload == payload else False
            payload = names[int(payload)] if by_number else str(payload)
        if payload not in names:
            raise gr.Error(f"digit is {str(payload)[:40]}: expected one of {', '.join(names)}.")
        return payload


def digits_tab(digits: DigitPipeline) -> None:
    def generate_digits(digit: str, count: float = 16, seed: float = 0) -> list[Image.Image]:
        """Writes handwritten digits of one class with a conditional DCGAN.

        Args:
            digit: The class to write, by name or number.
            count: How many pictures, 1 to 64.
            seed: A whole number; the same digit, count and seed give the same pictures.

        Returns:
            The pictures, white ink on black as in MNIST.
        """
        label = digits.class_names.index(digit)
        return digits([label] * whole_number("count", count, 1, MOST), seed=whole_number("seed", seed))

    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            names = digits.class_names
            digit = ClassChoice(names, value=names[min(3, len(names) - 1)], label=t("digit"), elem_id="digit")
            count = gr.Slider(1, MOST, value=16, step=1, label=t("count"), elem_id="count")
            with gr.Row():
                seed = gr.Number(value=0, label=t("seed"), elem_id="seed", min_width=120)
                roll = gr.Button(t("roll"), min_width=120, elem_id="roll")
            write = gr.Button(t("write"), variant="primary", elem_id="write")
            gr.Markdown(t("digits_how"), elem_classes="quiet")
        with gr.Column(scale=3, min_width=300):
            gallery = gr.Gallery(
                label=t("gallery"),
                show_label=False,
                columns=8,
                height="auto",
                object_fit="contain",
                format="png",
                elem_classes="digits-gallery",
                elem_id="gallery",
            )
    inputs = [digit, count, seed]
    write.click(generate_digits, inputs, gallery, api_name="generate_digits", concurrency_id="digits")
    for change in (digit.input, count.release, seed.submit):
        change(
            generate_digits,
            inputs,
            gallery,
            api_visibility="private",
            trigger_mode="always_last",
            concurrency_id="digits",
        )
    roll.click(None, None, seed, js="() => Math.floor(Math.random() * 1e6)").then(
        generate_digits, inputs, gallery, api_visibility="private", concurrency_id="digits"
    )
