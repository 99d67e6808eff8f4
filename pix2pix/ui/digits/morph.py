"""Morphs between classes and styles: frames for a slider in the browser, and a GIF."""

import io
import tempfile

import gradio as gr
from PIL import Image

from ...pipelines import DigitPipeline
from ..inputs import class_choice, nearest_whole, whole_number
from ..pictures import data_url, own_file, url_of
from ..texts import t
from .parts import ENDPOINT, LIVE, Section, columns, panel, seed_row

STEPS, MOST_STEPS = 24, 64
ENLARGED = 6  # a GIF of 28 pixels would be too small
FRAME_MS, END_MS = 60, 500


def animate(frames: list[Image.Image]) -> bytes:
    """An endless GIF of the frames forwards and backwards, with a pause at both ends."""
    size = (frames[0].width * ENLARGED, frames[0].height * ENLARGED)
    large = [frame.resize(size, Image.Resampling.BICUBIC) for frame in frames]
    there, back = large, large[-2:0:-1]
    durations = [END_MS] + [FRAME_MS] * (len(there) - 2) + [END_MS] + [FRAME_MS] * len(back)
    buffer = io.BytesIO()
    there[0].save(buffer, "GIF", save_all=True, append_images=there[1:] + back, duration=durations, loop=0, disposal=1)
    return buffer.getvalue()


def frames_of(
    digits: DigitPipeline, start: str, end: str, steps: float, seed: float, seed_end: float | None
) -> list[Image.Image]:
    names = digits.class_names
    steps, seed = whole_number("steps", steps, 2, MOST_STEPS), whole_number("seed", seed)
    seed_end = None if seed_end is None else whole_number("seed_end", seed_end)
    return digits.morph(names.index(start), names.index(end), steps, seed, seed_end)


def morph_section(digits: DigitPipeline) -> Section:
    names = digits.class_names

    def show(start: str, end: str, seed: float, seed_end: float | None) -> dict:
        if seed is None:
            return gr.skip()  # the field is empty while a number is being typed
        seed_end = None if seed_end is None else nearest_whole("seed_end", seed_end)
        frames = frames_of(digits, start, end, STEPS, nearest_whole("seed", seed), seed_end)
        return {
            "frames": [data_url(frame, lossless=True) for frame in frames],
            "gif": url_of("gif", animate(frames)),
            "start": start,
            "end": end,
        }

    first, last = min(3, len(names) - 1), min(8, len(names) - 1)
    controls, pictures = columns()
    with controls:
        gr.Markdown(t("morph_text"))
        with gr.Row():
            start = class_choice(
                names, "start", value=names[first], label=t("morph_from"), elem_id="morph-from", min_width=100
            )
            end = class_choice(names, "end", value=names[last], label=t("morph_to"), elem_id="morph-to", min_width=100)
        seed = seed_row("morph_seed", "morph-seed", 0)
        seed_end = seed_row("morph_seed_end", "morph-seed-end", 1)
    with pictures:
        player = panel("morph", "morph", {})

    shown = [start, end, seed, seed_end]
    for change in (start.input, end.input, seed.change, seed_end.change):
        change(show, shown, player, **LIVE)
    _endpoint(digits, start, end, seed)
    return Section(show, shown, player)


def _endpoint(digits: DigitPipeline, start: gr.Dropdown, end: gr.Dropdown, seed: gr.Number) -> None:
    def morph_digits(
        start: str, end: str, steps: float = STEPS, seed: float = 0, seed_end: float | None = None
    ) -> tuple[list[Image.Image], str]:
        """Morphs one class, such as a handwritten digit, into another, or one style into another.

        Args:
            start: The class to start from, by name or number.
            end: The class to end at; the same as `start` to change the style alone.
            steps: How many pictures, 2 to 64.
            seed: The style at the start, a whole number.
            seed_end: The style at the end; empty keeps that of the start.

        Returns:
            The pictures in order, and an enlarged GIF that goes there and back.
        """
        frames = frames_of(digits, start, end, steps, seed, seed_end)
        with tempfile.NamedTemporaryFile(prefix="morph-", suffix=".gif", delete=False) as gif:  # storage.py deletes it
            gif.write(animate(frames))
        return [own_file(frame) for frame in frames], gif.name

    with gr.Column(visible=False):  # for programs
        steps, style_end = gr.Number(STEPS, label="steps"), gr.Number(None, label="seed_end")
        images = gr.Gallery(format="png", label="pictures")
        animation = gr.Image(format="gif", type="filepath", label="gif")
        gr.Button().click(
            morph_digits,
            [start, end, steps, seed, style_end],
            [images, animation],
            api_name="morph_digits",
            **ENDPOINT,
        )
