"""Two replicas of the app behind HAProxy, as deploy/haproxy.cfg joins them."""

import os
import shutil
import subprocess

import httpx
import pytest
from conftest import ROOT, Server, free_port

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="needs haproxy")


@pytest.fixture(scope="module")
def replicas(checkpoints):
    servers = [Server(checkpoints).start() for _ in range(2)]
    yield servers
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def address(replicas):
    address = f"127.0.0.1:{free_port()}"
    one, two = (f"127.0.0.1:{server.port}" for server in replicas)
    settings = {"APP_ADDRESS": address, "REPLICA_ONE": one, "REPLICA_TWO": two}
    balancer = subprocess.Popen(["haproxy", "-f", "deploy/haproxy.cfg"], cwd=ROOT, env=os.environ | settings)
    yield f"http://{address}"
    balancer.terminate()
    balancer.wait(30)


def visitor(address: str, number: int) -> httpx.Client:
    """A program at an address of its own."""
    transport = httpx.HTTPTransport(local_address=f"127.0.0.{number}", retries=20)  # until the balancer listens
    return httpx.Client(base_url=address, transport=transport, timeout=60)


def ask(client: httpx.Client) -> str:
    """Asks for a digit as the README does with curl: two requests, which must reach the same replica."""
    event = client.post("/gradio_api/call/generate_digits", json={"data": ["7", 1, 0]}).json()["event_id"]
    return client.get(f"/gradio_api/call/generate_digits/{event}").text


def test_every_visitor_is_answered_and_both_replicas_work(address):
    replicas = set()
    for number in range(1, 9):
        with visitor(address, number) as client:
            assert "event: complete" in ask(client)
            replicas.add(client.cookies["REPLICA"])
            client.cookies.clear()  # as a program without cookies
            assert "event: complete" in ask(client)
    assert replicas == {"one", "two"}


def test_browsers_behind_one_address_come_to_both_replicas_and_stay(address):
    replicas = set()
    for _ in range(4):
        with visitor(address, 1) as client:
            assert client.get("/", headers={"Accept": "text/html,*/*"}).status_code == 200
            replica = client.cookies["REPLICA"]
            assert "event: complete" in ask(client)
            assert client.cookies["REPLICA"] == replica
            replicas.add(replica)
    assert replicas == {"one", "two"}


def test_when_a_replica_dies_the_other_takes_its_visitors(address, replicas):
    clients = [visitor(address, number) for number in range(1, 9)]
    for client in clients:
        ask(client)
    replicas[0].process.kill()
    replicas[0].process.wait()
    for client in clients:
        assert "event: complete" in ask(client)
        assert client.cookies["REPLICA"] == "two"
        client.close()
