"""Makes the HTML of the tab from pictures.

Pictures are embedded as data URLs, so that no files are left on the server.
"""

from html import escape

import gradio as gr
from PIL import Image

from ...anatomy.discriminator import PatchVerdict, sigmoid
from ...anatomy.generator import Activation, Noise
from ...anatomy.snapshots import Timeline
from ...networks.receptive_field import PatchLayer
from ..pictures import data_url
from ..texts import say


def remark(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def figure(image: Image.Image, caption: str, alt: str | None = None) -> str:
    src = data_url(image, lossless=False)
    picture = f'<img src="{src}" width="{image.width}" height="{image.height}" alt="{escape(alt or caption)}">'
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


def eye(verdict: PatchVerdict, layers: list[PatchLayer], request: gr.Request) -> dict:
    """All that eye.js needs to answer clicks without the server."""
    probabilities = verdict.probabilities
    rows, columns = probabilities.shape
    lowest = int(probabilities.argmin())
    return {
        "condition": data_url(verdict.condition, lossless=True),
        "picture": data_url(verdict.picture, lossless=False),
        "heat": data_url(verdict.heat_map(), lossless=True),
        "image_size": verdict.picture.width,
        "field": verdict.layer.receptive_field,
        "jump": verdict.layer.jump,
        "start": verdict.layer.start,
        "rows": rows,
        "columns": columns,
        "probabilities": [round(float(p), 6) for p in probabilities.flat],
        "limits": [float(sigmoid(limit)) for limit in verdict.limits],
        "table": arithmetic(layers, request),
        "pick": {"column": lowest % columns, "row": lowest // columns},
    }


def arithmetic(layers: list[PatchLayer], request: gr.Request) -> str:
    """A table of the growing receptive field: 1 + 3 × 1 = 4, 4 + 3 × 2 = 10, ..."""
    heads = "".join(
        f'<th scope="col">{escape(say(f"inside_sum_{key}", request))}</th>'
        for key in ("layer", "kernel", "stride", "window", "map")
    )
    lines, field, step = [], 1, 1
    for layer in layers:
        total = f"{field} + {layer.kernel - 1} × {step} = <b>{layer.receptive_field}</b>"
        cells = (layer.name, f"{layer.kernel}×{layer.kernel}", layer.stride, total, f"{layer.map_size}²")
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        field, step = layer.receptive_field, layer.jump
    caption = escape(say("inside_sum_caption", request))
    return f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def skips(whole: Image.Image, chosen: Image.Image, off: int, request: gr.Request) -> str:
    left = figure(whole, say("inside_skips_whole", request))
    right = figure(chosen, say("inside_skips_chosen", request, n=off))
    return f'<div class="row two">{left}{right}</div>'


def singles(pictures: list[Image.Image], sizes: list[int], request: gr.Request) -> str:
    lead = escape(say("inside_skips_singles", request))
    figures = [
        figure(picture, f"{size} × {size}", f"{lead} {size} × {size}")
        for picture, size in zip(pictures, sizes, strict=True)
    ]
    return f'<p class="lead">{lead}</p><div class="row many">{"".join(figures)}</div>'


def u_shape(drawing: Image.Image, found: list[Activation], request: gr.Request) -> str:
    """The levels as a U: the encoder on the left, the decoder on the right, maps of one size side by side."""

    def level(activation: Activation) -> str:
        size = f"{activation.channels} × {activation.height} × {activation.width}"
        return figure(activation.thumbnail, size, say("inside_layers_alt", request, size=size))

    down = [activation for activation in found if activation.branch == "down"]
    up = [activation for activation in found if activation.branch == "up"][::-1]
    skip = '<span class="skip" aria-hidden="true"></span>'
    top = figure(drawing, f"3 × {drawing.height} × {drawing.width}", say("inside_outline", request))
    heads = [f'<p class="head">{escape(say(f"inside_layers_{way}", request))}</p>' for way in ("down", "up")]
    pairs = [(top, level(up[0])), *((level(left), level(right)) for left, right in zip(down, up[1:], strict=False))]
    rows = [f'<div class="level">{"<span></span>".join(heads)}</div>']
    for depth, (left, right) in enumerate(pairs):
        middle = skip if depth else "<span></span>"  # the drawing itself has no skip
        rows.append(f'<div class="level" style="--depth:{depth}">{left}{middle}{right}</div>')
    bottom = figure(
        down[-1].thumbnail,
        f"{down[-1].channels} × {down[-1].height} × {down[-1].width}, {say('inside_layers_bottom', request)}",
    )
    return f'<div class="u">{"".join(rows)}<div class="bottom">{bottom}</div></div>'


def film(found: Timeline) -> dict:
    """All that time.js needs to replay the training without the server."""
    painted = found.snapshots[0][1]
    return {
        "columns": max(1, painted.width // painted.height),
        "inputs": data_url(found.inputs, lossless=False) if found.inputs else None,
        "targets": data_url(found.targets, lossless=False) if found.targets else None,
        "snapshots": [{"seen": seen, "src": data_url(row, lossless=False)} for seen, row in found.snapshots],
    }


def draws(drawn: Noise, request: gr.Request) -> str:
    figures = [
        figure(picture, say("inside_noise_draw", request, n=number))
        for number, picture in enumerate(drawn.pictures, start=1)
    ]
    mean, top = drawn.deviation.mean(), drawn.deviation.max()
    caption = say("inside_noise_map", request, mean=f"{mean:.1f}", top=f"{top:.1f}")
    return f'<div class="row draws">{"".join(figures)}{figure(drawn.heat_map(), caption)}</div>'
