"""Pages of other sites, in the browsers of people who have the app on their machine or visit it; and proxies."""

import json
import re
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from conftest import START, Server, free_port
from starlette.datastructures import Headers
from strangers import JSON
from test_replicas import ask

import app
from pix2pix.ui.server.hosts import Hosts, named

FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


@pytest.fixture(scope="module")
def call(functions) -> dict:
    return {"data": ["7", 1, 0], "fn_index": functions["generate_digits"]["id"], "session_hash": "page"}


# --- hosts and origins ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "x.localhost", "localhost.evil.example", "192.168.1.5", "", "a b"])
def test_an_app_for_this_machine_answers_to_no_other_name(http, call, host):
    """A name server of somebody else may say that its names lie here (DNS rebinding)."""
    for method, route in (("GET", "/"), ("GET", "/config"), ("POST", "/gradio_api/queue/join")):
        answer = http.request(method, route, json=call if method == "POST" else None, headers={"Host": host})
        assert answer.status_code in (400, 403), (host, route)
        assert "handbags" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:7860", "127.9.9.9", "[::1]:80", "LOCALHOST:1", "0.0.0.0:7"])
def test_it_answers_to_all_names_of_this_machine(http, host):
    assert http.get("/config", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        FOREIGN,
        {"Origin": "https://evil.example"},  # of a browser that tells less
        {"Origin": "null"},  # a page in a sandbox
        {"Origin": "http://x.localhost:3000", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:1"},  # another app of this machine
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_pages_of_other_sites_compute_and_read_nothing(http, call, headers):
    frame = {"data": {}, "component_id": 1, "fn_name": "paint", "session_hash": "page"}
    posts = [("queue/join", call), ("call/generate_digits", call), ("component_server", frame), ("cancel", {})]
    for route, body in [*posts, ("mcp/", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})]:
        answer = http.post(f"/gradio_api/{route}", json=body, headers=headers)
        assert (answer.status_code, "other sites" in answer.text) == (403, True), route
    assert http.post("/gradio_api/upload", files={"files": b"x"}, headers=headers).status_code == 403
    for route in ("config", "gradio_api/info", "gradio_api/queue/data?session_hash=page", "gradio_api/mcp/schema"):
        assert http.get(f"/{route}", headers=headers).status_code == 403, route


def test_the_own_page_links_and_frames_of_other_sites_are_answered(http, call):
    own = {"Origin": str(http.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert http.post("/gradio_api/queue/join", json=call, headers=own).status_code == 200
    for target in ("document", "iframe"):
        opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": target}
        assert http.get("/", headers=opened).status_code == 200
    picture = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert http.get("/preview.webp", headers=picture).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost.", "[::1]", "127.0.0.2"])
def test_pages_of_other_sites_read_not_even_the_page(http, host):
    """By any name of this machine."""
    read = "access-control-allow-origin"
    for origin in ("https://evil.example", "http://x.localhost", "http://localhost:1", "null"):
        headers = {"Host": host, "Origin": origin}
        assert read not in http.get("/", headers=headers).headers
        asked = {**headers, "Access-Control-Request-Method": "POST"}
        assert read not in http.options("/gradio_api/queue/join", headers=asked).headers
    own = {"Host": host, "Origin": f"http://{host}"}
    assert http.get("/", headers=own).headers[read] == f"http://{host}"


def test_a_request_that_names_no_host_is_answered(app_url):
    """As old programs write them."""
    address = httpx.URL(app_url)
    with socket.create_connection((address.host, address.port), timeout=60) as connection:
        connection.sendall(b"GET /gradio_api/app_id HTTP/1.0\r\nOrigin: https://evil.example\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_calls_are_json_and_nothing_else(http, call, kind):
    """The other types a browser would send to another site without asking that site first."""
    for route in ("queue/join", "call/generate_digits", "component_server", "cancel", "reset", "mcp/"):
        answer = http.post(f"/gradio_api/{route}", content=json.dumps(call), headers={"Content-Type": kind})
        assert answer.status_code == 415, route
    assert http.post("/gradio_api/upload", content=json.dumps(call), headers=JSON).status_code == 415


def test_hosts():
    bound_here, everywhere = Hosts(None), Hosts("0.0.0.0")
    assert everywhere.is_ours("anything.example:80")
    assert not everywhere.is_ours("any thing")
    assert not bound_here.is_ours("anything.example")
    assert bound_here.is_ours(None)  # no browser
    given = Hosts("0.0.0.0", named("Pix.example.org, other.example.org:8443"))
    assert given.is_ours("pix.example.org")
    assert given.is_ours("pix.example.org:444")
    assert given.is_ours("other.example.org:8443")
    assert given.is_ours("192.168.1.5:7860")  # nobody's name server says what lies there
    assert not given.is_ours("other.example.org")
    assert not given.is_ours("evil.example")
    assert all(Hosts(bound).local for bound in ("", "localhost", "127.1", "[::1]"))
    assert not any(Hosts(bound).local for bound in ("0.0.0.0", "[::]", "192.168.1.5"))
    for wrong in ("https://a.example", "a.example/", "*", "a b@c"):
        with pytest.raises(ValueError, match="is not a host: expected a name like"):
            named(wrong)


def test_a_space_is_framed_by_its_hub(monkeypatch):
    """There the page has its address from SPACE_HOST, also if a proxy asks for it by another one."""
    monkeypatch.setenv("SPACE_HOST", "user-space.hf.space")
    space = Hosts("0.0.0.0")
    assert space.is_ours("10.1.2.3:7860")
    assert space.is_ours("pix.example.org")  # a domain of its own
    for host in ("user-space.hf.space", "10.1.2.3:7860"):
        assert space.is_own_page(Headers({"origin": "https://user-space.hf.space", "host": host}), navigates=False)
        assert not space.is_own_page(Headers({"origin": "https://huggingface.co", "host": host}), navigates=False)
        assert not space.is_own_page(Headers({"origin": "https://evil.hf.space", "host": host}), navigates=False)


# --- proxies ----------------------------------------------------------------------------------------------------------

SHARED = "import gradio.networking\ngradio.networking.setup_tunnel = lambda **_: 'http://abc123.gradio.live'\n"
PROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 1m
    timeout server 1m
frontend proxy
    bind 127.0.0.1:{port}
    http-request redirect location /sub/ if {{ path /sub }}
    http-request deny unless {{ path_beg /sub/ }}
    http-request replace-path /sub/(.*) /\\1
    default_backend app
backend app
    server app 127.0.0.1:{app}
"""


@pytest.fixture(scope="module")
def published(checkpoints):
    """An app for this machine behind a proxy of that name, under a path, and on Gradio's relay."""
    names = "pix.example.org, friend.example.org"
    server = Server(checkpoints, "--allowed_host", names, "--share", program=SHARED + START, GRADIO_ROOT_PATH="/sub")
    yield server.start()
    assert "Traceback" not in server.stop()


def test_named_hosts_pages_and_the_relay_are_answered(published):
    with httpx.Client(base_url=published.url, timeout=60) as http:
        for host in ("pix.example.org", "abc123.gradio.live"):
            assert http.get("/config", headers={"Host": host}).status_code == 200
            for origin in (f"https://{host}", "https://friend.example.org"):
                headers = {"Host": host, "Origin": origin, "Sec-Fetch-Site": "cross-site"}
                call = {"data": ["7", 1, 0]}
                assert http.post("/gradio_api/call/generate_digits", json=call, headers=headers).status_code == 200
        for host in ("other.gradio.live", "x.pix.example.org"):
            assert http.get("/config", headers={"Host": host}).status_code == 403


def test_nobody_is_shown_the_address_that_another_one_claimed(published, http):
    """Whoever came first could have everybody's examples upload to a host of theirs."""
    forged = [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Gradio-Server": "https://evil.example"},
        {"X-Forwarded-Host": "pix.example.org"},  # true, and of the others no business either
    ]
    with httpx.Client(base_url=published.url, timeout=60) as behind:
        for route in ("config", "gradio_api/info", "gradio_api/openapi.json", ""):
            for headers in forged:
                answer = behind.get(f"/{route}", headers=headers)
                assert answer.status_code == 200
                assert "evil.example" not in answer.text
                assert "pix.example.org" not in http.get(f"/{route}", headers=headers).text
            assert "evil.example" not in behind.get(f"/{route}").text
            assert "pix.example.org" not in behind.get(f"/{route}").text
        told = behind.get("/config", headers={"X-Forwarded-Host": "pix.example.org", "X-Forwarded-Proto": "https"})
        assert told.json()["root"] == "https://pix.example.org/sub"


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="needs haproxy")
def test_the_page_works_behind_a_proxy_under_a_path(published, tmp_path, visit):
    port = free_port()
    (tmp_path / "proxy.cfg").write_text(PROXY.format(port=port, app=published.port))
    proxy = subprocess.Popen(["haproxy", "-f", str(tmp_path / "proxy.cfg")])
    try:
        address = f"http://127.0.0.1:{port}/sub"
        with httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=20), timeout=60) as http:
            assert "event: complete" in ask(http)
        page = visit(address + "/")
        page.locator(".examples button").first.click()
        page.wait_for_selector(".easel.painted[data-state=idle]")
        page.goto("about:blank")  # ends what it still listens to, which the proxy's end would cut
    finally:
        proxy.terminate()
        proxy.wait(30)


@pytest.mark.parametrize(
    ("variables", "options", "why"),
    [
        ({"GRADIO_ROOT_PATH": '/sub"><script>alert(1)</script>'}, [], "GRADIO_ROOT_PATH is '/sub\"><script>"),
        ({"GRADIO_ROOT_PATH": "javascript:alert(1)"}, [], "expected a path like /sub"),
        ({"GRADIO_ROOT_PATH": "https://[[["}, [], "expected a path like /sub"),
        ({"ALLOWED_HOST": "https://pix.example.org"}, [], "is not a host: expected a name like"),
        ({}, ["--allowed_host", "*"], "is not a host: expected a name like"),
    ],
)
def test_addresses_that_are_none_are_one_sentence(monkeypatch, variables, options, why):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["app.py", *options])
    with pytest.raises(SystemExit, match=f"^error: .*{re.escape(why)}") as caught:
        app.main()
    assert "\n" not in str(caught.value)


# --- a browser --------------------------------------------------------------------------------------------------------

ATTACKS = """
<iframe src="APP" style="width: 1200px; height: 700px"></iframe>
<form id=form method=post enctype=text/plain action="APP/gradio_api/component_server" target=hidden>
<input name='{"data": {}, "component_id": 1, "fn_name": "paint", "session_hash": "x", "a": "' value='"}'></form>
<iframe name=hidden></iframe>
<script>
window.attack = async () => {
  const tried = (path, options) => fetch("APP" + path, options).then((answer) => answer.text(), () => "");
  const text = { method: "POST", mode: "no-cors", credentials: "include", body: "{}" };
  const file = new FormData();
  file.append("files", new Blob(["x"]), "x.png");
  document.getElementById("form").submit();
  return [
    ...await Promise.all(["component_server", "queue/join", "call/generate_digits", "mcp/"].map(
      (route) => tried("/gradio_api/" + route, text))),
    await tried("/gradio_api/upload", { ...text, body: file }),
    await tried("/gradio_api/queue/join", { ...text, mode: "cors", headers: { "Content-Type": "application/json" } }),
    await tried("/config", {}),
    await tried("/gradio_api/info", { mode: "no-cors" }),
  ];
};
</script>
"""


@contextmanager
def site(folder):
    """Another web site; its name is not that of the app."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def test_a_page_of_another_site_may_show_the_app_and_no_more(app_url, browser, tmp_path):
    (tmp_path / "index.html").write_text(ATTACKS.replace("APP", app_url))
    statuses = []
    with site(tmp_path) as address:
        page = browser.new_page()
        page.goto(address)
        frame = page.frame_locator("iframe").first
        frame.locator(".examples button").first.click()  # as a Space is used, inside the pages of its hub
        frame.locator(".easel.painted[data-state=idle]").wait_for()
        page.on(
            "response",
            lambda answer: (
                statuses.append((answer.request.method, answer.status))
                if answer.frame == page.main_frame or answer.frame.name == "hidden"
                else None
            ),
        )
        with page.expect_response(lambda answer: answer.frame.name == "hidden"):
            answers = page.evaluate("attack()")
        page.close()
    assert all(answer == "" or "other sites" in answer for answer in answers), answers
    assert statuses.count(("POST", 403)) >= 6, statuses
    assert {status for method, status in statuses if method != "OPTIONS"} == {403}
