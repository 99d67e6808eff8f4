"""The server's half of the live canvas: frames in, pictures out, the newest first."""

import base64
import io
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from sketches import bomb, png

from pix2pix.ui import pictures
from pix2pix.ui.draw.turns import MOST_PATIENCE, Spare, Turns
from pix2pix.ui.models import Loading, Models


def without_colours() -> bytes:
    """A PNG that says how transparent more colours are than its palette can have."""
    file, kind = io.BytesIO(), b"tRNS" + bytes(300)
    Image.new("P", (8, 8), 1).save(file, "PNG")
    whole = file.getvalue()
    at = whole.index(b"IDAT") - 4
    return whole[:at] + (300).to_bytes(4, "big") + kind + zlib.crc32(kind).to_bytes(4, "big") + whole[at:]


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "data:image/png;base64,",
        "data:image/png;base64,@@@",
        "data:image/svg+xml;base64,AAAA",
        "data:image/png;base64," + base64.b64encode(png()[:90]).decode(),
        "data:image/png;base64," + base64.b64encode(bomb()).decode(),
        "data:image/png;base64," + base64.b64encode(without_colours()).decode(),
        "data:image/png;base64," + "A" * (pictures.LONGEST_FRAME + 1),
    ],
)
def test_a_bad_frame_is_refused(url):
    with pytest.raises(ValueError, match=r"PNG|data URL|pixels"):
        pictures.decode(url)


@pytest.mark.parametrize("payload", [None, [], {}, {"image": "x", "model": "handbags"}, {"image": None}, "x"])
def test_the_live_canvas_answers_bad_frames_with_an_error(canvas, payload):
    assert canvas("paint", payload).json() == {"error": "frame_bad"}


def test_of_the_frames_of_a_page_the_newest_is_painted_and_other_pages_are_not_disturbed(canvas):
    frame = {"image": "data:image/png;base64," + base64.b64encode(png()).decode(), "model": "handbags"}
    turns = [{**frame, "page": "a", "turn": turn} for turn in range(12)]
    others = [{**frame, "page": f"b{i}", "turn": i} for i in range(3)]
    with ThreadPoolExecutor(15) as threads:
        answers = threads.map(lambda payload: canvas("paint", payload).json(), turns + others)
    *older, newest, b0, b1, b2 = answers
    assert all("img" in answer for answer in (newest, b0, b1, b2))
    assert all("img" in answer or answer == {"error": "frame_overtaken"} for answer in older)
    assert "img" in canvas("paint", turns[0]).json(), "nothing is remembered of a page that waits for nothing"


def test_nobody_waits_at_the_canvas_for_a_model_that_another_one_loads():
    models = Models(None, None, "cpu")
    models.sources["later"] = models.sources[models.default]
    models.commits["maker/bag"] = folder = Path("snapshots")
    models.typed[folder] = models.loaded[models.default]
    with models.own_turn, models.hub_turn:  # as while a model comes from the Hub
        assert models.get(models.default, wait=False)
        assert models.get("maker/bag", wait=False)
        for name in ("later", "maker/other"):
            with pytest.raises(Loading):
                models.get(name, wait=False)
    assert models.get("later", wait=False).folder == models.loaded[models.default].folder


def test_a_frame_is_overtaken_by_later_ones_of_its_page_alone():
    turns = Turns()
    with turns.take("a", 3) as third, turns.take("b", 9) as other:
        with turns.take("a", 2) as late:
            assert late()
        assert not third()
        with turns.take("a", 4) as fourth:
            assert third()
            assert not fourth()
            assert not other()
        with turns.take(None, 0) as alone:
            assert not alone()
    assert not turns.newest


def test_swatches_give_way_to_frames_but_not_for_ever(monkeypatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    turns = Turns()
    spare = Spare(turns)
    assert not spare.gives_way()
    with turns.take("a", 1):  # a page that draws without end
        assert spare.gives_way()
        now += MOST_PATIENCE
        assert not spare.gives_way()
        spare.finish()
        assert spare.gives_way()
