"""Writes a text as one picture, each character a separate sample."""

import unicodedata

import gradio as gr
from PIL import Image

from ...errors import some_of
from ...pipelines import DigitPipeline
from ...pipelines.digits import LONGEST_TEXT
from ..inputs import clear_errors, nearest_whole, whole_number
from ..pictures import data_url, own_file
from ..texts import t
from .parts import ENDPOINT, LIVE, Section, columns, panel, seed_row, word_for


def number_section(digits: DigitPipeline) -> Section | None:
    """Hides its controls, and has nothing to paint, if class names such as 'Bag' can't be written."""
    names, kind = digits.class_names, word_for(digits.class_names)

    def plain(text: str | None) -> str:
        """Strips spaces, and turns full-width characters, as Japanese keyboards write them, into plain ones."""
        return unicodedata.normalize("NFKC", text or "").strip()

    def write_number(text: str, seed: float = 0) -> Image.Image:
        """Writes a number such as 2026 as one picture, each character sampled from a conditional DCGAN.

        Args:
            text: What to write, 1 to 32 characters, each the name of a class: digits for a network of digits.
            seed: A whole number; the same text and seed give the same picture.

        Returns:
            The picture, white ink on black, one square of 28 pixels (the network's size) for every character.
        """
        seed = whole_number("seed", seed)
        with clear_errors(ValueError):
            return own_file(digits.write(plain(text), seed))

    def show(text: str, seed: float) -> dict:
        if seed is None:
            return gr.skip()  # the field is empty while a number is being typed
        text, seed = plain(text), nearest_whole("seed", seed)
        try:
            image = digits.write(text, seed)
        except ValueError:
            return {"bad": {"most": LONGEST_TEXT, "names": some_of(names, " ")}}
        return {"src": data_url(image, lossless=True), "text": text, "width": image.width, "height": image.height}

    writable = kind != "pictures"
    example = "2026" if set("2026") <= set(names) else "".join(n for n in names if len(n) == 1)[:5]
    controls, pictures = columns() if writable else (gr.Column(visible=False), gr.Column(visible=False))
    with controls:
        gr.Markdown(t("write_digits" if kind == "digits" else "write_characters"))
        text = gr.Textbox(example, label=t("number_field"), elem_id="number", max_lines=1)
        seed = seed_row("seed", "number-seed")
    with pictures:
        paper = panel("number", "number-picture", {})

    inputs = [text, seed]
    if writable:
        for change in (text.change, seed.change):
            change(show, inputs, paper, **LIVE)

    with gr.Column(visible=False):  # for programs
        image = gr.Image(format="png", label="picture")
        gr.Button().click(write_number, inputs, image, api_name="write_number", **ENDPOINT)
    return Section(show, inputs, paper) if writable else None
