"""Layout and events of the tab. A section is computed when it comes on screen (see lazy.js)."""

import random
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from ...anatomy import discriminator, generator, snapshots
from ...errors import DataError, UserError
from ...imaging.rgb import to_rgb
from ...networks import receptive_field
from ...pipelines import Pix2PixPipeline
from ...pipelines.condition import Condition
from ..drawings import Drawing, read_drawing
from ..examples import example_of
from ..scripts import on_load
from ..texts import say, t
from . import views
from .api import inside_api

DRAWS = 5
WAITING = '<p class="note" data-t="inside_waiting"></p>'

# Events of the page. Programs use the endpoints of api.py.
LIVE: dict[str, Any] = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}


def asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def html_panel(*scripts: str, template: str = "${value}", value: str | None = None) -> gr.HTML:
    """An HTML component in the tab's style, with the named scripts."""
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=on_load(*(f"inside/{script}" for script in scripts), event="refresh") if scripts else None,
        apply_default_css=False,
        elem_classes="inside-panel",
    )


@contextmanager
def section(name: str):
    """A section: explanation on the left, the components of the `with` block on the right, or below on a phone."""
    with gr.Row(elem_id=f"inside-{name}", elem_classes="inside-section"):
        with gr.Column(scale=2, min_width=280):
            gr.Markdown(t(f"inside_{name}_text"))
        with gr.Column(scale=5, min_width=300):
            yield


def refreshes(name: str, panel: gr.HTML, function: Callable, inputs: list, outputs: list) -> None:
    """Calls `function` when lazy.js asks for the section `name`, and tells lazy.js if it failed."""
    failed = f"() => document.getElementById('inside-{name}').dispatchEvent(new Event('inside:failed'))"
    panel.refresh(function, inputs, outputs, **LIVE).failure(None, js=failed, api_visibility="private")


def drawing_of(value: dict | str | None, pipe: Pix2PixPipeline) -> Drawing:
    """The drawing on the canvas; an example of the model's subject if the canvas is untouched or white."""
    if not value:
        return Drawing(example_of(pipe.subject))
    try:
        drawing = read_drawing({"image": value} if isinstance(value, str) else value)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"the drawing can't be read: {error}") from error
    blank = pipe.labels is None and drawing.hints is None and np.asarray(to_rgb(drawing.lines)).min() >= 250
    return Drawing(example_of(pipe.subject), style=drawing.style) if blank else drawing


def inside_tab(get_pipeline: Callable[[str], Pix2PixPipeline], sketch: gr.HTML, model: gr.Dropdown) -> None:
    """Builds the tab; to be called inside a `gr.Tab`.

    Args:
        get_pipeline: from a value of `model` to its pipeline; may raise CheckpointError.
        sketch: component whose value is the drawing (see drawings.py).
        model: dropdown with the chosen checkpoint.
    """

    def look(show: Callable, value: dict | str | None, name: str):
        """Returns (show(pipe, condition), None), or (None, a sentence that says why there is nothing to see)."""
        try:
            pipe = get_pipeline(name)
            return show(pipe, drawing_of(value, pipe).condition(pipe)), None
        except UserError as error:
            return None, str(error)

    html_panel("nav", template=asset("nav.html"))
    eye_section(look, sketch, model)
    skip_section(look, sketch, model)
    layer_section(look, sketch, model)
    time_section(get_pipeline, model)
    noise_section(look, sketch, model)
    for source in (sketch, model):
        source.change(fn=None, js="() => { window.dispatchEvent(new Event('inside:stale')) }", api_visibility="private")
    inside_api(get_pipeline, model.value)


def eye_section(look: Callable, sketch: gr.Component, model: gr.Dropdown) -> None:
    with section("eye"):
        eye = html_panel("lazy", "eye", template=asset("eye.html"))

    def judge(drawing: dict | str, name: str, request: gr.Request) -> dict:
        def show(pipe: Pix2PixPipeline, condition: Condition) -> dict:
            if pipe.discriminator is None:
                return {"message": say("inside_eye_none", request)}
            layers = receptive_field.patch_arithmetic(pipe.discriminator, pipe.image_size)
            return views.eye(discriminator.patch_verdict(pipe, condition), layers, request)

        seen, message = look(show, drawing, name)
        return seen or {"message": message}

    refreshes("eye", eye, judge, [sketch, model], [eye])


def skip_section(look: Callable, sketch: gr.Component, model: gr.Dropdown) -> None:
    with section("skips"):
        levels = gr.CheckboxGroup([], label=t("inside_skips_on"), visible=False)
        with gr.Row():
            everything = gr.Button(t("inside_skips_all"), size="sm", scale=0, min_width=120)
            nothing = gr.Button(t("inside_skips_none"), size="sm", scale=0, min_width=120)
        pair = html_panel("lazy", value=WAITING)
        singles = html_panel(value="")
        count = gr.State(0)

    def all_levels(pipe: Pix2PixPipeline, condition: Condition, request: gr.Request):
        sizes = generator.skip_sizes(pipe)
        cut = [generator.without_skips(pipe, condition, {level}) for level in range(len(sizes))]
        return views.singles(cut, sizes, request), sizes

    def cut(drawing: dict | str, name: str, on: list[int], request: gr.Request) -> str:
        def show(pipe: Pix2PixPipeline, condition: Condition) -> str:
            off = set(range(len(generator.skip_sizes(pipe)))) - set(on)
            # Both by the plain network, because the fast one differs in the last bits.
            whole, chosen = (generator.without_skips(pipe, condition, levels) for levels in ((), off))
            return views.skips(whole, chosen, len(off), request)

        seen, message = look(show, drawing, name)
        return seen or views.remark(message)

    def refresh(drawing: dict | str, name: str, on: list[int], known: int, request: gr.Request):
        seen, message = look(lambda pipe, condition: all_levels(pipe, condition, request), drawing, name)
        if message:
            return gr.skip(), gr.skip(), views.remark(message), ""
        strip, sizes = seen
        if len(sizes) == known:
            return gr.skip(), known, cut(drawing, name, on, request), strip
        on = list(range(len(sizes)))  # a network of another depth needs other switches
        switches = gr.CheckboxGroup(
            [(f"{size} × {size}", level) for level, size in enumerate(sizes)], value=on, visible=True
        )
        return switches, len(sizes), cut(drawing, name, on, request), strip

    refreshes("skips", pair, refresh, [sketch, model, levels, count], [levels, count, pair, singles])
    levels.input(cut, [sketch, model, levels], pair, **LIVE)
    everything.click(lambda known: list(range(known)), count, levels, **LIVE).then(
        cut, [sketch, model, levels], pair, **LIVE
    )
    nothing.click(lambda: [], None, levels, **LIVE).then(cut, [sketch, model, levels], pair, **LIVE)


def layer_section(look: Callable, sketch: gr.Component, model: gr.Dropdown) -> None:
    with section("layers"):
        layers = html_panel("lazy", value=WAITING)

    def unfold(drawing: dict | str, name: str, request: gr.Request) -> str:
        def show(pipe: Pix2PixPipeline, condition: Condition) -> str:
            return views.u_shape(condition.image, generator.activations(pipe, condition), request)

        seen, message = look(show, drawing, name)
        return seen or views.remark(message)

    refreshes("layers", layers, unfold, [sketch, model], [layers])


def time_section(get_pipeline: Callable[[str], Pix2PixPipeline], model: gr.Dropdown) -> None:
    with section("time"):
        time = html_panel("lazy", "time", template=asset("time.html"))

    def replay(name: str, request: gr.Request) -> dict:
        try:
            found = snapshots.timeline(get_pipeline(name))
        except UserError as error:
            return {"message": str(error)}
        return views.film(found) if found.snapshots else {"message": say("inside_time_none", request)}

    refreshes("time", time, replay, [model], [time])


def noise_section(look: Callable, sketch: gr.Component, model: gr.Dropdown) -> None:
    with section("noise"):
        with gr.Row():
            again = gr.Button(t("inside_noise_again"), size="sm", scale=0, min_width=120)
        draws = html_panel("lazy", value=WAITING)

    def draw(drawing: dict | str, name: str, request: gr.Request) -> str:
        def show(pipe: Pix2PixPipeline, condition: Condition) -> str:
            seeds = random.sample(range(2**31), DRAWS)
            return views.draws(generator.noise(pipe, condition, seeds), request)

        seen, message = look(show, drawing, name)
        return seen or views.remark(message)

    refreshes("noise", draws, draw, [sketch, model], [draws])
    again.click(draw, [sketch, model], draws, **LIVE)
