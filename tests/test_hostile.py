"""What strangers may send: random, broken and foreign. The answer is a picture or a sentence.

More of the same random inputs: python -m pytest tests/test_hostile.py --hypothesis-profile=long
"""

import base64
import re

import pytest
from conftest import ROOT
from hypothesis import example, given
from hypothesis import strategies as st
from sketches import bomb
from strangers import NO_PICTURES, PATHS, PICTURES, PLACES, ask, assert_clear, upload

# --- values ---------------------------------------------------------------------------------------------------------


@st.composite
def damaged(draw) -> bytes:
    """A picture that is cut, or some bytes of which are others."""
    content = bytearray(draw(st.sampled_from(sorted(PICTURES.values()))))
    for _ in range(draw(st.integers(0, 8))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content[: draw(st.integers(0, len(content)))])


contents = st.sampled_from([*PICTURES.values(), *NO_PICTURES.values()]) | damaged() | st.binary(max_size=200)
places = st.sampled_from(PLACES)
files = st.fixed_dictionaries(
    {"path": places | st.none(), "meta": st.just({"_type": "gradio.FileData"})},
    optional={"url": places | st.just("data:image/png;base64,iVBORw0KGgo="), "orig_name": st.text(max_size=9)},
)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_subnormal=False) | st.text(max_size=40) | files
plain |= st.sampled_from(
    [10**400, -(2**63), 2**64, "9" * 5000, "x" * 100_000, "handbags", "shoes", "3", "\ud800", "用"]
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)
likely = st.sampled_from([0, 1, 3, "3", "7", None, True, 1.5, "handbags", [], ["0", "2"]])


# --- endpoints ------------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_every_function_answers_anything_with_an_output_or_a_sentence(http, functions, data):
    """Also those that only the page calls: anybody can call them."""
    function = functions[data.draw(st.sampled_from(sorted(functions)), label="function")]
    count = len(function["inputs"])
    if data.draw(st.integers(0, 9), label="other count") == 0:
        count = data.draw(st.integers(0, count + 2))
    arguments = [data.draw(likely | values) for _ in range(count)]
    assert_clear(*ask(http, function, arguments))


@given(
    content=contents,
    name=st.sampled_from(["a.png", "a.svg", "a.gif", "a", "../../a.png", "a.html", "\0.png", "用.png"]),
)
@example(content=bomb(), name="a.png")
def test_every_file_is_painted_or_refused(http, functions, content, name):
    done, answer = ask(http, functions["translate"], [upload(http, content, name), None, None])
    assert_clear(done, answer)
    if not done:
        assert re.search("not an image|too large|empty", answer), answer
    assert done or content not in PICTURES.values()


@given(data=values, name=st.sampled_from(["paint", "trace", "sample", "like"]))
def test_the_live_canvas_answers_anything(canvas, data, name):
    turn = {"image": drawing_url(), "model": "handbags", "page": data, "turn": data}
    style = {"image": drawing_url(), "model": "totes", "hints": data, "style": data, "styles": data}
    for payload in (data, {"image": data, "model": "handbags"}, {"image": drawing_url(), "model": data}, turn, style):
        answer = canvas(name, payload)
        assert answer.status_code == 200
        error = answer.json().get("error")
        assert error in (None, "frame_bad") or "neither in the list nor a Hugging Face id" in error or "a name" in error


def test_the_page_has_no_template_that_is_filled():
    """What Gradio puts into `{{ }}`, such as the names of a checkpoint's classes, it then runs as JavaScript."""
    templates = list((ROOT / "pix2pix" / "ui").rglob("*.html"))
    assert len(templates) > 3
    assert not [file for file in templates if re.search(r"\{\{|\$\{", file.read_text(encoding="utf-8"))]


def test_what_a_visitor_sent_comes_back_as_text(http, functions):
    """Gradio's toasts show errors as HTML."""
    _, answer = ask(http, functions["generate_digits"], ["<img src=//other.host>", 1, 0])
    assert answer.startswith("digit is &lt;img src=//other.host&gt;: expected one of 0, 1, ")


def drawing_url() -> str:
    return "data:image/png;base64," + base64.b64encode(PICTURES["png"]).decode()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"data": 1}', b"\xff\xfe", b"[" * 100_000, b"9" * 10_000]
)
@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/x"]
)
def test_bodies_that_are_no_calls_get_a_status(http, content, kind):
    for route in ("component_server", "queue/join", "call/translate", "call/v2/translate", "upload", "cancel", "mcp/"):
        answer = http.post(f"/gradio_api/{route}", content=content, headers={"Content-Type": kind})
        assert answer.status_code < 500, (route, answer.status_code)
        assert not PATHS.search(answer.text)
