"""Parts of Gradio without documentation: the app starts only where all are there and do what they should."""

import asyncio
import operator
import re
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest
from conftest import ROOT
from gradio import mcp, processing_utils, route_utils, state_holder
from warm import run

from pix2pix.ui.server import gradio_internals
from pix2pix.ui.server.gradio_internals import ATTRIBUTES, LAUNCH, PARTS, TOOL_PARTS, VERSIONS, check_parts, protect

NEEDS = rf"this app needs gradio {re.escape(VERSIONS)}$"


def test_requirements_bound_gradio_to_the_versions_that_were_tested():
    assert f"\ngradio[mcp]{VERSIONS} " in (ROOT / "requirements.txt").read_text()


@pytest.mark.parametrize("part", [*PARTS, *TOOL_PARTS])
def test_without_a_part_the_app_does_not_start(part, monkeypatch):
    monkeypatch.setattr(state_holder, "SessionState", gradio_internals.SessionState)  # an app may have been built here
    name = part.replace(":", ".")
    monkeypatch.delattr(name)
    with pytest.raises(SystemExit, match=rf"^error: gradio \S+ has no {re.escape(name)}: {NEEDS}"):
        check_parts()


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_without_an_attribute_of_an_app_it_does_not_start(name, monkeypatch):
    class Lacking(gr.Blocks):
        def __init__(self):
            super().__init__()
            *owner, last = name.split(".")
            delattr(operator.attrgetter(".".join(owner))(self) if owner else self, last)

    monkeypatch.setattr(gr, "Blocks", Lacking)
    with pytest.raises(SystemExit, match=rf"^error: gradio \S+ has no Blocks.{re.escape(name)}: {NEEDS}"):
        check_parts()


@pytest.mark.parametrize("option", LAUNCH)
def test_without_an_option_of_launch_the_app_does_not_start(option, monkeypatch):
    monkeypatch.setattr(gr.Blocks, "launch", lambda self, share=False: None)
    with pytest.raises(SystemExit, match=f"has no option {option} of launch: {NEEDS}"):
        check_parts()


def test_a_protection_without_effect_stops_the_start(monkeypatch):
    """As if Gradio fetched addresses by a function of another name."""

    async def fetch(self, address):
        return "/tmp/fetched"

    for owner, name in (
        (processing_utils, "async_ssrf_protected_download"),
        (route_utils, "GradioMultiPartParser"),
        (mcp, "Client"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # as it was, when the test is over
    with ThreadPoolExecutor(1) as thread:  # the browser of other tests has an event loop in this one
        thread.submit(protect).result()
        monkeypatch.setattr("gradio.blocks.Block.async_move_resource_to_block_cache", fetch)
        with pytest.raises(SystemExit, match=f"opens addresses that visitors name: {NEEDS}"):
            thread.submit(protect).result()


def test_the_app_says_in_one_line_why_it_does_not_start():
    program = "import gradio.route_utils\ndel gradio.route_utils.GradioMultiPartParser\nimport app\napp.main()"
    outcome = run("-c", program)
    assert outcome.returncode == 1
    assert re.fullmatch(
        rf"error: gradio \S+ has no gradio\.route_utils\.GradioMultiPartParser: {NEEDS}\n", outcome.stderr
    )


def test_the_queue_of_an_idle_app_lets_the_networks_work(monkeypatch):
    """It asks for its length whenever it looks for new events: here at most 15 times, by itself 300 times."""
    with gr.Blocks() as demo:
        pass
    gradio_internals.look_less_often(demo)
    queue, looks = gradio_internals.queue_of(demo), []
    monkeypatch.setattr(type(queue), "__len__", lambda _: looks.append(None) or 0)

    async def idle() -> None:
        await asyncio.wait({asyncio.ensure_future(queue.start_processing())}, timeout=0.3)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, idle()).result()
    assert 0 < len(looks) <= 16
