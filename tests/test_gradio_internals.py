"""Parts of Gradio without documentation: the app starts only where all are there and do what they should."""

import asyncio
import json
import operator
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import httpx
import pytest
from conftest import ROOT, free_port
from gradio import mcp, processing_utils, route_utils, routes, state_holder
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


@pytest.fixture
def protected(monkeypatch):
    """A thread in which the protections were put into Gradio; it is as it was when the test is over."""
    for owner, name in (
        (processing_utils, "async_ssrf_protected_download"),
        (route_utils, "GradioMultiPartParser"),
        (routes, "cancel_tasks"),
        (mcp, "Client"),
        (mcp.GradioMCPServer, "convert_strings_to_filedata"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    with ThreadPoolExecutor(1) as thread:  # the browser of other tests has an event loop in this one
        thread.submit(protect).result()
        yield thread


def test_a_protection_without_effect_stops_the_start(protected, monkeypatch):
    """As if Gradio fetched addresses by a function of another name."""

    async def fetch(self, address):
        return "/tmp/fetched"

    monkeypatch.setattr("gradio.blocks.Block.async_move_resource_to_block_cache", fetch)
    with pytest.raises(SystemExit, match=f"opens addresses that visitors name: {NEEDS}"):
        protected.submit(protect).result()


def test_calls_that_are_cancelled_make_no_room_before_they_end(protected):
    """Their threads go on. A visitor who cancels each of his calls would have as many threads as he likes."""
    begun, go = threading.Semaphore(0), threading.Event()

    def slow() -> None:
        begun.release()
        assert go.wait(60)

    with gr.Blocks() as demo:
        gr.Button().click(slow, api_name="slow")
    demo.queue(default_concurrency_limit=2)
    try:
        _, url, _ = protected.submit(
            demo.launch, server_port=free_port(), prevent_thread_lock=True, quiet=True, ssr_mode=False, **LAUNCH
        ).result()
        with httpx.Client(base_url=f"{url}gradio_api/", timeout=60) as http:

            def call(session: str) -> dict:
                body = {"data": [], "fn_index": 0, "session_hash": session}
                return body | http.post("queue/join", json=body).raise_for_status().json()

            calls = [call(f"visitor{number}") for number in range(2)]
            assert all(begun.acquire(timeout=60) for _ in calls)
            for each in calls:
                assert http.post("cancel", json=each).json() == {"success": True}
                with http.stream("GET", "queue/data", params={"session_hash": each["session_hash"]}) as stream:
                    assert any("process_completed" in line for line in stream.iter_lines())  # told at once
            last = call("last")
            assert not begun.acquire(timeout=0.5)
            go.set()
            with http.stream("GET", "queue/data", params={"session_hash": last["session_hash"]}) as stream:
                done = [json.loads(line[5:]) for line in stream.iter_lines() if "process_completed" in line]
            assert done[0]["success"]
    finally:
        go.set()
        demo.close()


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
