"""Building blocks of the tab's sections."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from ..inputs import seed_input
from ..scripts import on_load
from ..texts import t

HERE = Path(__file__).parent

# Events of the page. Programs use the named endpoints.
LIVE: dict[str, Any] = {
    "api_visibility": "private",
    "trigger_mode": "always_last",
    "show_progress": "hidden",
    "concurrency_id": "digits",
}
ENDPOINT: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "digits"}


class Section(NamedTuple):
    """What paints a section: `show(*inputs)` gives the value of `panel`."""

    show: Callable[..., Any]
    inputs: list
    panel: gr.HTML


def paint_when_opened(tab: gr.Tab, sections: Sequence[Section]) -> None:
    """Paints all sections by one call when `tab` is opened.

    With a call for each, the server may end its stream of answers after the first while the page sends the last.
    Gradio's client would then take the stream for open, and never hear that answer.
    """

    def show(*values) -> list:
        left = iter(values)
        return [section.show(*(next(left) for _ in section.inputs)) for section in sections]

    inputs = [component for section in sections for component in section.inputs]
    tab.select(show, inputs, [section.panel for section in sections], **LIVE)


def word_for(names: list[str]) -> str:
    """The kind of the classes, the last part of a text's key: "digits", "characters", or "pictures" (such as 'Bag')."""
    if any(len(name) != 1 for name in names):
        return "pictures"
    return "digits" if "".join(names).isdecimal() else "characters"


def panel(name: str, elem_id: str, value: list | dict, **props) -> gr.HTML:
    """A component made of `name`.html and `name`.js. Only the script reads `props` and the value.

    The template must not: Gradio fills `{{ }}` in first, and then runs the result as JavaScript, class names included.
    """
    return gr.HTML(
        value=value,
        html_template=(HERE / f"{name}.html").read_text(encoding="utf-8"),
        js_on_load=on_load(f"digits/{name}"),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="digits-panel",
        **props,
    )


def columns() -> tuple[gr.Column, gr.Column]:
    """Controls at the left, pictures at the right; on a phone, below."""
    with gr.Row(elem_classes="digits-section"):
        return gr.Column(scale=1, min_width=260), gr.Column(scale=3, min_width=300)


def seed_row(label: str, elem_id: str, value: int = 0) -> gr.Number:
    """A field for a seed, and a button for a new one."""
    with gr.Row(elem_classes="align-end"):
        seed = seed_input(value, label=t(label), elem_id=elem_id, min_width=120)
        rolls(gr.Button(t("roll"), min_width=120, elem_id=f"{elem_id}-roll"), seed)
    return seed


def rolls(button: gr.Button, seed: gr.Number) -> None:
    """Lets the button draw a new seed, in the browser."""
    button.click(None, None, seed, js="() => Math.floor(Math.random() * 1e6)", api_visibility="private")
