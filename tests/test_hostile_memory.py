"""Strangers who want the server's memory, disk or threads: none of it grows with the number of their requests."""

import json
import platform
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import ROOT, START, Server
from strangers import JSON, ask

from benchmarks.load import connectionless, data_url, drawing
from benchmarks.machine import resident

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

# The app in 6 GB of addresses, of which PyTorch takes most for nothing: what it can't have ends a request, or the app.
# Of answers that nobody fetches it keeps fewer than usual, so that there are soon as many as it keeps.
LIMITED = f"""
import resource, pix2pix.ui.server.sessions as sessions
resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
sessions.MOST_UNREAD = 8 * 2**20
{START}
"""
MEGABYTE = 10**6
NOISE = 100  # megabytes by which a busy process grows and shrinks


@pytest.fixture(scope="module")
def limited(checkpoints, tmp_path_factory):
    """A server whose temporary files all lie in `folder`."""
    folder = tmp_path_factory.mktemp("temporary")
    server = Server(checkpoints, program=LIMITED, TMPDIR=str(folder), GRADIO_TEMP_DIR=str(folder / "files")).start()
    server.folder = folder
    yield server
    assert "Traceback" not in server.stop()


def heaviest(http: httpx.Client, functions: list[dict], frame: str) -> dict:
    """The function of the page that answers a drawing with the most data."""
    sizes = {}
    for number, function in enumerate(functions):
        if function["backend_fn"] and len(function["inputs"]) == 2:
            done, answer = ask(http, function, [frame, "handbags"])
            sizes[number] = len(json.dumps(answer)) if done else 0
    return functions[max(sizes, key=sizes.get)]


class Stranger:
    """Every request is another one, of a session of its own."""

    def __init__(self, url: str):
        self.url, self.http = url, connectionless(url)
        config = self.http.get("/config").json()
        self.easel = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "easel")
        self.frame = data_url(drawing(0))
        self.heavy = heaviest(self.http, config["dependencies"], self.frame)["id"]
        self.digits = next(f["id"] for f in config["dependencies"] if f["api_name"] == "generate_digits")

    def post(self, route: str, **body) -> int:
        return self.http.post(f"/gradio_api/{route}", content=json.dumps(body), headers=JSON).status_code

    def join(self, value: object, number: int, function: int | None = None) -> int:
        call = {"data": value, "fn_index": self.digits if function is None else function}
        return self.post("queue/join", session_hash=f"stranger{number}", **call)

    def paint(self, session: str = "visitor") -> dict:
        call = {"data": {"image": self.frame, "model": "handbags"}, "component_id": self.easel, "fn_name": "paint"}
        body = json.dumps(call | {"session_hash": session})
        return self.http.post("/gradio_api/component_server", content=body, headers=JSON).json()

    def long_session(self, number: int) -> int:
        session = f"{number}" + "s" * MEGABYTE
        return self.post("component_server", data={}, component_id=self.easel, fn_name="paint", session_hash=session)

    def long_value(self, number: int) -> int:
        return self.join(["v" * 2 * MEGABYTE, 1, 0], number)

    def wide_value(self, number: int) -> int:
        return self.join(["\N{HANDBAG}" + "v" * MEGABYTE, 1, 0], number)

    def many_values(self, number: int) -> int:
        return self.join([[]] * (MEGABYTE // 4), number)

    def long_event(self, number: int) -> int:
        return self.post("cancel", session_hash="s", fn_index=1, event_id=f"{number}" + "e" * MEGABYTE)

    def unread_answer(self, number: int) -> int:
        return self.join([self.frame, "handbags"], number, self.heavy)

    def long_upload_id(self, number: int) -> int:
        return self.http.get(f"/gradio_api/upload_progress?upload_id={number}{'u' * 60000}").status_code

    def unknown_session(self, number: int) -> int:
        return self.http.get(f"/gradio_api/queue/data?session_hash=nobody{number}").status_code

    def many_files(self, number: int) -> int:
        files = [("files", (f"{number}.png", b"x"))] * 300
        return self.http.post("/gradio_api/upload", files=files).status_code

    def broken_off(self, number: int) -> int:
        """A file for a route that takes none, which ends in the middle."""
        head = b"--x\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\n"
        address = httpx.URL(self.url)
        with socket.create_connection((address.host, address.port), timeout=30) as connection:
            connection.sendall(
                b"POST /gradio_api/component_server HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
                b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + head + bytes(100_000)
            )
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # the server has noticed
        return 0

    def wait_for_queue(self) -> None:
        while self.http.get("/gradio_api/queue/status").json()["queue_size"]:
            time.sleep(0.1)

    def ask(self, number: int) -> tuple[str, int]:
        kinds = [
            *(self.long_session, self.long_value, self.wide_value, self.many_values, self.long_event),
            *(self.unread_answer, self.long_upload_id, self.unknown_session, self.many_files, self.broken_off),
        ]
        kind = kinds[number % len(kinds)]
        return kind.__name__, kind(number)


def test_a_thousand_hostile_requests_leave_no_memory_and_no_files(limited):
    stranger = Stranger(limited.url)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(stranger.ask, range(200)))
        list(threads.map(lambda _: stranger.paint(), range(16)))  # as the first pictures take memory of their own
        stranger.wait_for_queue()
        before, painted, done = resident(limited.process.pid), [], threading.Event()

        def draw() -> None:
            while not done.wait(0.2):
                painted.append(stranger.paint())

        with ThreadPoolExecutor(1) as aside:
            visitor = aside.submit(draw)
            answers = Counter(threads.map(stranger.ask, range(200, 1200)))
            done.set()
            visitor.result()
    stranger.wait_for_queue()
    grown = resident(limited.process.pid) - before
    assert grown < NOISE, answers
    assert painted
    assert all("img" in answer for answer in painted), answers
    assert all(status < 500 or kind == "unread_answer" for kind, status in answers), answers  # "busy"
    outside = [file for file in limited.folder.rglob("*") if file.is_file() and "files" not in file.parts]
    assert outside == []
    assert "Traceback" not in "".join(limited.output)


ARENAS = """
import re, threading
from pix2pix.ui.server import environment
environment.prepare()
threading.stack_size(2**20)
both = threading.Barrier(13)

def size():
    return int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1]) >> 10

def stay():
    both.wait()
    both.wait()

before = size()
threads = [threading.Thread(target=stay) for _ in range(12)]
[thread.start() for thread in threads]
both.wait()
print(size() - before)
both.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others have no arenas")
def test_threads_reserve_no_memory_of_their_own():
    """Each would take 64 MB of addresses, and keep what it has freed."""
    assert int(subprocess.check_output([sys.executable, "-c", ARENAS], cwd=ROOT)) < 200


def test_every_one_of_a_burst_of_mcp_calls_is_answered(limited):
    """Each holds a thread of the server, and its picture needs another one."""
    pytest.importorskip("mcp")
    headers = {"Accept": "application/json, text/event-stream"}

    def call(number: int) -> str:
        tool = {"name": "translate", "arguments": {"image": data_url(drawing(number))}}
        body = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": tool}
        answer = httpx.post(f"{limited.url}/gradio_api/mcp/", json=body, headers=headers, timeout=300)
        return "painted" if '"type":"image"' in answer.text else answer.text[-300:]

    with ThreadPoolExecutor(60) as threads:
        answers = Counter(threads.map(call, range(60)))
    assert answers == {"painted": 60}


def test_a_tool_gets_no_more_values_than_a_call(limited):
    """Lists in lists, for which the checks of tools would hold everybody up for half a minute."""
    nested = '{"":' * 700 + "0" + "}" * 700
    arguments = '{"name": "translate", "arguments": {"image": [%s]}}'
    body = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {arguments}}}'
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    content = body % ",".join([nested] * 500)
    answer = httpx.post(f"{limited.url}/gradio_api/mcp/", content=content, headers=headers, timeout=60)
    assert answer.status_code == 413
    assert "10000 values" in answer.text


LONG = "x" * 100_000
MCP = {"Accept": "application/json, text/event-stream", **JSON}


@pytest.mark.parametrize(
    "call",
    [
        {"method": "tools/call", "params": {"name": "write_number", "arguments": {"seed": LONG}}},
        {"method": "tools/call", "params": {"name": "write_number", "arguments": {LONG: 0}}},
        {"method": "tools/call", "params": {"name": LONG, "arguments": {}}},
        {"method": "tools/call", "params": {"name": "write_number", "_meta": {"progressToken": LONG}}},
        {"method": "resources/read", "params": {"uri": "a://" + LONG}},
        {"method": "ping", "id": LONG},
    ],
    ids=["value", "argument", "tool", "token", "resource", "id"],
)
def test_an_mcp_answer_repeats_nothing_long(limited, call):
    """Nobody might read it."""
    pytest.importorskip("mcp")
    body = json.dumps({"jsonrpc": "2.0", "id": 1} | call)
    assert len(httpx.post(f"{limited.url}/gradio_api/mcp/", content=body, headers=MCP, timeout=60).content) < 2000


@pytest.mark.parametrize(
    ("route", "body"), [("call/translate", {"data": {"a": LONG}}), ("cancel", {"event_id": LONG[:9], "": [LONG] * 9})]
)
def test_an_error_repeats_nothing_long(limited, route, body):
    answer = httpx.post(f"{limited.url}/gradio_api/{route}", content=json.dumps(body), headers=JSON, timeout=60)
    assert answer.status_code == 422
    assert answer.json() == {"detail": "The request can't be read: see ?view=api for what the endpoints take."}


def test_an_unknown_call_is_told_so_and_the_log_nothing(limited):
    lines = len(limited.output)
    with httpx.Client(base_url=limited.url, timeout=60) as http:
        assert '"session_not_found":true' in http.get("/gradio_api/queue/data?session_hash=unknown").text
        assert "event: error" in http.get("/gradio_api/call/generate_digits/unknown").text
    assert limited.output[lines:] == []


def test_what_only_the_page_does_is_no_call(limited):
    with httpx.Client(base_url=limited.url, timeout=60) as http:
        functions = [each for each in http.get("/config").json()["dependencies"] if not each["backend_fn"]]
        for function in functions:
            assert ask(http, function, []) == (
                False,
                "The page does this by itself: there is nothing to ask the server for.",
            )
    assert functions
    assert "Traceback" not in "".join(limited.output)


def test_odd_ids_and_messages_leave_little_in_the_log(limited):
    """Gradio and the package mcp would write up to a hundred lines for each."""
    before = sum(map(len, limited.output))
    with httpx.Client(base_url=limited.url, timeout=60) as http:
        with http.stream("GET", "/gradio_api/heartbeat/%00") as answer:  # it would never end
            assert answer.status_code == 404
        call = {"data": [], "fn_index": 0, "session_hash": "a<gradio-sep>b"}
        assert http.post("/gradio_api/queue/join", content=json.dumps(call), headers=JSON).status_code == 400
        for message in 5 * [{"id": {}, "method": "ping"}, {"method": "notifications/cancelled", "params": {"a": 1}}]:
            body = json.dumps({"jsonrpc": "2.0"} | message)
            assert http.post("/gradio_api/mcp/", content=body, headers=MCP).status_code == 202
        assert http.post("/gradio_api/mcp/", content='{"method": "tools/list"}', headers=MCP).status_code == 400
    assert sum(map(len, limited.output)) - before < 5000


@pytest.mark.parametrize("arguments", [{"number": "\ud800"}, {"\udfff": 1}], ids=["value", "argument"])
def test_half_a_character_is_refused(limited, arguments):
    """No answer that repeats it could be written, and the log would have the traceback."""
    pytest.importorskip("mcp")
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "write_number", "arguments": arguments},
    }
    answer = httpx.post(f"{limited.url}/gradio_api/mcp/", content=json.dumps(call), headers=MCP, timeout=60)
    assert answer.status_code == 400
    assert "Traceback" not in "".join(limited.output)
