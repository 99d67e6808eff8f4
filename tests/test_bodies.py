"""Requests whose bodies come slowly, and turns of calls: in the tests' own process, as the app waits for minutes."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest
from strangers import JSON

from pix2pix.ui.server import bodies, guard, hosts


def in_a_thread(coroutine: Coroutine):
    """Its result; the thread of the tests may have the event loop of the browser running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_a_request_that_stops_in_the_middle_ends(monkeypatch):
    monkeypatch.setattr(bodies, "LONGEST", 0.05)
    pool = bodies.Pool()

    async def silent():
        await asyncio.Event().wait()

    body = bodies.Body(silent, 100, pool)
    assert in_a_thread(body.whole()) is None
    assert body.refused[0] == 408


def test_all_bodies_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(bodies, "MOST_HELD", 100)
    pool = bodies.Pool()

    async def chunk():
        return {"type": "http.request", "body": b"x" * 60, "more_body": False}

    first, second, third = (bodies.Body(chunk, 1000, pool) for _ in range(3))
    assert in_a_thread(first.whole()) == b"x" * 60
    assert in_a_thread(second.whole()) is None
    assert second.refused[0] == 503
    first.close()
    second.close()
    assert in_a_thread(third.whole()) == b"x" * 60
    assert pool.held == 60


def test_bodies_that_come_slowly_give_way(monkeypatch):
    """A few that never end would shut everybody out for two minutes."""
    monkeypatch.setattr(bodies, "MOST_HELD", 100)
    pool = bodies.Pool()

    async def chunk():
        return {"type": "http.request", "body": b"x" * 60, "more_body": False}

    async def arrive():
        waiting, messages = asyncio.Event(), [await chunk() | {"more_body": True}]

        async def never_whole():
            if messages:
                return messages.pop()
            waiting.set()
            return await asyncio.Event().wait()

        slow, quick = bodies.Body(never_whole, 1000, pool), bodies.Body(chunk, 1000, pool)
        reading = asyncio.ensure_future(slow.whole())
        await waiting.wait()
        assert await quick.whole() == b"x" * 60
        assert await reading is None
        assert slow.refused[0] == 503
        slow.close()
        assert pool.held == 60
        quick.close()
        assert (pool.held, pool.arriving) == (0, {})

    in_a_thread(arrive())


def test_texts_that_take_four_times_their_length_have_a_limit_together():
    for texts, status in ((["a" * 999_999 + "絵"], None), (["絵" * 500_001] * 2, 413), (["a" * 2_000_000], None)):
        refused = bodies.check_call(json.dumps({"data": texts}, ensure_ascii=False).encode())
        assert (refused and refused[0]) == status


def test_an_mcp_call_keeps_its_turn_when_its_client_leaves(monkeypatch):
    """Its thread goes on: whoever calls and leaves again and again would have as many as he likes."""
    server_sent_events = pytest.importorskip("sse_starlette")  # by which MCP answers
    monkeypatch.setattr(guard, "TOOLS_AT_ONCE", 1)
    monkeypatch.setattr(guard, "TOOLS_WAITING", 0)
    monkeypatch.setenv("GRADIO_TEMP_DIR", "/")
    headers = [(b"host", b"localhost"), (b"content-type", JSON["Content-Type"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/mcp/", "query_string": b"", "headers": headers}

    async def come_and_leave():
        begun, finish = asyncio.Event(), asyncio.Event()

        async def answer():
            begun.set()
            await finish.wait()
            yield "done"

        async def app(scope, receive, send):
            await server_sent_events.EventSourceResponse(answer())(scope, receive, send)

        async def call() -> int:
            messages, statuses = [{"type": "http.request", "body": b'{"method": "ping"}'}], []

            async def receive():
                if messages:
                    return messages.pop()
                await begun.wait()
                return {"type": "http.disconnect"}

            async def send(message):
                statuses.append(message.get("status"))

            await guarded(scope | {"headers": [*headers]}, receive, send)
            return statuses[0]

        guarded = guard.Guard(app, hosts.Hosts(None))
        first = asyncio.ensure_future(call())
        await begun.wait()
        await asyncio.wait([first], timeout=0.3)
        assert await asyncio.wait_for(call(), 10) == 503
        finish.set()
        assert await first == 200
        assert await call() == 200

    in_a_thread(come_and_leave())
