"""The 'Draw' tab: the live canvas, the choice of a model, and for programs `/translate` and `/trace_outline`."""

import gradio as gr
from PIL import Image

from ...errors import CheckpointError
from ...imaging.trace_outline import outline
from ..inputs import as_html, clear_errors, from_digits, hints_input, image_input, refusal, whole_number
from ..models import Models
from ..pictures import own_file
from ..server.zero_gpu import paint
from ..texts import say, t
from .canvas import live_canvas, model_props


def draw_tab(models: Models, on_device: bool = False) -> tuple[gr.HTML, gr.Dropdown]:
    """Lays out the tab; returns the canvas and the model dropdown, which other tabs read. See `live_canvas`."""
    canvas = live_canvas(models, on_device)
    with gr.Accordion(t("more"), open=False, elem_id="more"):
        model = gr.Dropdown(
            models.names,
            value=models.default,
            label=t("model"),
            info=t("model_info"),
            allow_custom_value=True,
            elem_id="model",
        )
    current = gr.State(models.default)

    def choose(name: str, previous: str, request: gr.Request):
        try:
            pipe = models.get(str(name or "").strip() or previous)
            return pipe.name, pipe.name, gr.HTML(**model_props(pipe))
        except CheckpointError as error:
            gr.Warning(as_html(say("model_error", request, problem=str(error).rstrip("."))))
            return previous, previous, gr.skip()

    def choose_subject(event: gr.EventData, previous: str, request: gr.Request):
        name = event._data.get("name") if isinstance(event._data, dict) else None
        return choose(str(name or ""), previous, request)

    for event, function, inputs in (
        (model.input, choose, [model, current]),
        (canvas.choose, choose_subject, [current]),
    ):
        event(
            function,
            inputs,
            [model, current, canvas],
            show_progress_on=model,  # not on the canvas, so that one can draw while a model is loaded
            api_visibility="private",
            trigger_mode="always_last",
        )
    translate_endpoint(models)
    outline_endpoint()
    return canvas, model


def style_choice(style: float | str | None) -> int | str | None:
    """Reads a style's number or name from a program.

    Raises:
        gr.Error: it is neither.
    """
    if style is None or style == "":
        return None
    chosen = from_digits(style)
    return chosen if isinstance(chosen, str) else whole_number("style", chosen, 0, 2**31)


def translate_endpoint(models: Models) -> None:
    """Adds the endpoint `/translate`, for programs. People use the canvas."""

    def translate(
        image: Image.Image,
        seed: float | None = None,
        model: str | None = None,
        style: float | str | None = None,
        hints: Image.Image | None = None,
    ) -> Image.Image:
        """Paints an outline drawing: pix2pix translates it into a picture, such as the photo of a handbag.

        Args:
            image: The drawing: black lines on white, any size; coloured strokes are hints. For MCP: a data URL. Grey
                numbers of more than 8 bits are kept up to 255, read as 12 bits up to 4095, and as 16 beyond.
            seed: Leave empty for the same picture every time; any whole number draws the paper's dropout noise.
            model: Name of a model of this app, or a Hugging Face id like user/name; empty for the default one.
            style: Name or number, from 0, of a style that comes with the model; empty for the first one.
            hints: Strokes of colour, transparent elsewhere, of the drawing's size. They may have any colour, while in
                the drawing itself only bright ones are hints. For MCP: a data URL.

        Returns:
            The picture, 256 pixels square for the model that comes with the app.
        """
        with clear_errors():
            pipe = models.get(model or models.default)
            seed = None if seed is None else whole_number("seed", seed)
            return own_file(paint(pipe, image, seed=seed, style=style_choice(style), hints=hints))

    with gr.Column(visible=False):
        image = image_input(label="image")
        seed = gr.Number(value=None, label="seed")
        model = gr.Textbox(value=None, label="model", max_length=200)
        style = gr.Textbox(value=None, label="style", max_length=40)
        style.preprocess = lambda payload: payload  # keeps numbers as numbers
        hints = hints_input(label="hints")
        picture = gr.Image(format="png", label="picture")
        gr.Button().click(
            translate,
            [image, seed, model, style, hints],
            picture,
            api_name="translate",
            concurrency_limit=2,
            concurrency_id="paint",
        )


def outline_endpoint() -> None:
    """Adds the endpoint `/trace_outline`, for programs."""

    def trace_outline(image: Image.Image, detail: float = 0.5) -> Image.Image:
        """Traces the outline of a photo, to be edited and painted anew by `translate`.

        Args:
            image: The photo, of any size; an object before a plain background does best. For MCP: a data URL.
            detail: From 0, only the strongest edges, to 1, fine texture too.

        Returns:
            Black lines on white, 256 pixels square.
        """
        if isinstance(detail, bool) or not isinstance(detail, int | float):
            raise refusal(f"detail is {str(detail)[:40]}: expected a number from 0 to 1.")
        with clear_errors():
            return own_file(outline(image, detail=detail))

    with gr.Column(visible=False):
        photo = image_input(label="photo")
        detail = gr.Number(value=0.5, label="detail")
        lines = gr.Image(format="png", label="outline")
        gr.Button().click(
            trace_outline, [photo, detail], lines, api_name="trace_outline", concurrency_limit=2, concurrency_id="paint"
        )
