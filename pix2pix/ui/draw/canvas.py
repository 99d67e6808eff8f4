"""The live canvas, a `gr.HTML` component."""

from pathlib import Path

import gradio as gr

from ...pipelines import Pix2PixPipeline
from ..models import Models
from ..pictures import data_url
from ..scripts import on_load
from .answers import Answers, largest
from .choices import choices

HERE = Path(__file__).parent


def where(pipe: Pix2PixPipeline) -> str:
    """The model, its device and its size, as the page shows them."""
    return f"{pipe.name} · {pipe.device.type.upper()} · {pipe.image_size} px"


def model_props(pipe: Pix2PixPipeline) -> dict:
    """The properties of the canvas that depend on the model."""
    return {
        "model_name": pipe.name,
        "model_size": pipe.image_size,
        "model_where": where(pipe),
        "model_hints": pipe.takes_hints,
        "model_styles": pipe.style_names,
        "model_largest": largest(pipe),
        "model_upscales": pipe.upscaler is not None,
        "model_subject": pipe.subject and pipe.subject.as_entry(),
    }


def live_canvas(models: Models, on_device: bool = False) -> gr.HTML:
    """The easel: canvas, picture, tools, examples. Its value is the drawing (see drawings.py), "" if it is empty.

    `on_device`: pages may fetch the app's own models, and paint by themselves.
    """
    pipe = models.get(models.default)
    return gr.HTML(
        value="",
        html_template=(HERE / "canvas.html").read_text(encoding="utf-8"),
        js_on_load=on_load("draw/start", event="choose"),
        server_functions=Answers(models, on_device).functions(),
        apply_default_css=False,
        elem_id="easel",
        on_device=on_device,
        foretaste=data_url(models.foretaste, lossless=False),
        foretaste_of=pipe.name if models.bags or pipe.subject else None,  # the app's own example is a bag
        choices=choices(models),
        **model_props(pipe),
    )
