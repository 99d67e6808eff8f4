"""ZeroGPU of Hugging Face Spaces: the real `spaces` package; of its cluster, the scheduler alone stands in."""

import http.server
import os
import re
import threading
import urllib.request

import pytest
import warm
from conftest import Server
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

pytest.importorskip("spaces")

# The processes that get the GPU are forks of an app at work.
FORK = """
import multiprocessing, sys
from PIL import Image
from pix2pix import Pix2PixPipeline

drawing = Image.new("RGB", (256, 256), "white")
before = Pix2PixPipeline.from_pretrained(sys.argv[1], "cpu")(drawing)

def child(end):
    end.send_bytes(Pix2PixPipeline.from_pretrained(sys.argv[1], "cpu")(drawing).tobytes())

fork = multiprocessing.get_context("fork")
here, there = fork.Pipe()
fork.Process(target=child, args=(there,), daemon=True).start()
assert here.poll(90), "the fork hangs"
assert here.recv_bytes() == before.tobytes()
"""


def test_a_fork_of_the_app_paints(checkpoints):
    two_threads = os.environ | {"OMP_NUM_THREADS": "2"}  # a fork lacks the second one
    run = warm.run("-c", FORK, checkpoints / "handbags", env=two_threads)
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def scheduler():
    """Notes what it is asked, and has no GPU to lend. Gives its address and the notes."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args):
            pass

        def do_POST(self):
            asked.append(self.path.split("?")[0])
            body = b"event: failed\n\n" if asked[-1] == "/schedule" else b""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_translate_asks_for_the_gpu_and_nothing_else_does(scheduler, checkpoints, tmp_path):
    url, asked = scheduler
    server = Server(checkpoints, SPACES_ZERO_GPU="true", SPACES_ZERO_DEVICE_API_URL=url).start()
    try:
        assert asked == ["/startup-report"]  # a Space on ZeroGPU without a decorated function is stopped there
        with urllib.request.urlopen(server.url + "/config") as response:
            live_canvas = re.search(r'"model_where":"([^"]*)', response.read().decode())[1]
        assert "CPU" in live_canvas  # it can't wait in a queue

        client = Client(server.url, verbose=False, download_files=str(tmp_path))
        assert len(client.predict("7", 2, 0, api_name="/generate_digits")) == 2
        Image.new("RGB", (64, 64), "white").save(tmp_path / "paper.png")
        with pytest.raises(AppError, match=r"seed is 1\.5"):
            client.predict(handle_file(tmp_path / "paper.png"), 1.5, api_name="/translate")
        assert asked == ["/startup-report"]
        with pytest.raises(AppError, match="No GPU was available"):
            client.predict(handle_file(tmp_path / "paper.png"), api_name="/translate")
        assert asked == ["/startup-report", "/schedule"]
    finally:
        said = server.stop()
    assert "Traceback" not in said
