"""Shows one z in every class: z sets the style, the class the content. Many classes are shown in pages."""

from math import ceil

import gradio as gr
from PIL import Image

from ...pipelines import DigitPipeline
from ..inputs import count_input, nearest_whole, whole_number
from ..pictures import data_url, own_file
from ..texts import t
from .parts import ENDPOINT, LIVE, Section, columns, panel, seed_row

MOST = 8
WIDEST = 13  # pictures side by side; more classes take two lines or more
MOST_CLASSES = 52  # on a page: the alphabet in capital and small letters


def length_of_parts(total: int, most: int) -> int:
    """The size of equal parts (but for the last) of `total` things, each of at most `most`."""
    return ceil(total / ceil(total / most))


def pages_of(names: list[str]) -> list[tuple[str, range]]:
    """The name and the classes of each page."""
    size = length_of_parts(len(names), MOST_CLASSES)
    pages = [range(start, min(start + size, len(names))) for start in range(0, len(names), size)]
    return [(f"{names[page[0]][:20]} – {names[page[-1]][:20]}", page) for page in pages]


def style_section(digits: DigitPipeline) -> Section:
    names, pages = digits.class_names, pages_of(digits.class_names)

    def rows(seed: float, count: float, page: float) -> list[list[tuple[str, Image.Image]]]:
        """For each style, the classes of a page (counted from 1) with their names."""
        classes = pages[whole_number("page", page, 1, len(pages)) - 1][1]
        styles = digits.styles(whole_number("seed", seed), whole_number("count", count, 1, MOST), classes)
        return [[(names[label], image) for label, image in zip(classes, row, strict=True)] for row in styles]

    def digit_styles(seed: float = 0, count: float = 4, page: float = 1) -> list[tuple[Image.Image, str]]:
        """Shows every class, such as the ten digits, in the same style: one noise vector z of a DCGAN, all labels.

        Args:
            seed: A whole number; the same seed and count give the same styles.
            count: How many styles, 1 to 8.
            page: Which classes, if there are more than 52: they come in pages, from 1.

        Returns:
            The pictures with their captions, style after style, in each style one picture for every class.
        """
        return [
            (own_file(image), f"style {style}: {name}")
            for style, row in enumerate(rows(seed, count, page), 1)
            for name, image in row
        ]

    def show(seed: float, count: float, page: float) -> list[list[dict]] | dict:
        if None in (count, seed):
            return gr.skip()  # the field is empty while a number is being typed
        return [
            [{"src": data_url(image, lossless=True), "alt": f"{name} ({style})"} for name, image in row]
            for style, row in enumerate(
                rows(nearest_whole("seed", seed), nearest_whole("count", count, 1, MOST), page), 1
            )
        ]

    controls, pictures = columns()
    with controls:
        gr.Markdown(t("styles_text"))
        count = count_input(MOST, value=4, label=t("styles_count"), elem_id="styles-count")
        page = gr.State(1)
        if len(pages) > 1:
            choices = [(name, number) for number, (name, _) in enumerate(pages, 1)]
            page = gr.Dropdown(choices, value=1, label=t("styles_page"), elem_id="styles-page")
        seed = seed_row("seed", "styles-seed")
    with pictures:
        wide = length_of_parts(len(pages[0][1]), WIDEST)
        sheet = panel("gallery", "styles", [], words="styles_label", columns=wide, narrow=wide, file="styles.png")

    inputs = [seed, count, page]
    for change in (count.change, seed.change, *([page.input] if isinstance(page, gr.Dropdown) else [])):
        change(show, inputs, sheet, **LIVE)

    with gr.Column(visible=False):  # for programs
        number = gr.Number(1, label="page")
        images = gr.Gallery(format="png", label="pictures")
        gr.Button().click(digit_styles, [seed, count, number], images, api_name="digit_styles", **ENDPOINT)
    return Section(show, inputs, sheet)
