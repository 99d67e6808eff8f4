"""Checkpoints from the Hub: the real client against a real server on loopback that speaks the Hub's file routes."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pix2pix import UNetGenerator

ROOT = Path(__file__).parents[1]
SHA = "0123456789abcdef0123456789abcdef01234567"

# The client reads HF_ENDPOINT when it is imported, so it runs in a process of its own.
LOAD = """
import sys
from pix2pix import CheckpointError, Pix2PixPipeline
for source in sys.argv[1:]:
    try:
        pipe = Pix2PixPipeline.from_pretrained(source, device="cpu")
        print("loaded", pipe.name, pipe.image_size)
    except CheckpointError as error:
        print(error)
"""


class Hub(http.server.BaseHTTPRequestHandler):
    """One repository, maker/bags, with a branch and a tag; files of maker/cut end in the middle."""

    files: Path
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def refuse(self, status: int, code: str):
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, body: bytes, short: int = 0, **headers: str):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[: len(body) - short])
            if short:
                self.close_connection = True

    def do_GET(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            repo, revision = "/".join(parts[2:4]), parts[5] if len(parts) > 5 else "main"
        else:
            repo, revision = "/".join(parts[:2]), parts[3]
        if repo == "maker/private":
            return self.refuse(401, "RepoNotFound")
        if repo == "maker/gated":
            return self.refuse(403, "GatedRepo")
        if repo not in ("maker/bags", "maker/cut"):
            return self.refuse(404, "RepoNotFound")
        if revision not in ("main", "v1", SHA):
            return self.refuse(404, "RevisionNotFound")
        if parts[0] == "api" and parts[4] == "tree":
            tree = [
                {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": "0" * 40}
                for file in self.files.iterdir()
            ]
            return self.answer(json.dumps(tree).encode(), Content_Type="application/json")
        if parts[0] == "api":
            siblings = [{"rfilename": file.name} for file in self.files.iterdir()]
            body = {"id": repo, "modelId": repo, "sha": SHA, "siblings": siblings, "private": False, "tags": []}
            return self.answer(json.dumps(body).encode(), Content_Type="application/json")
        body = (self.files / parts[-1]).read_bytes()
        etag = hashlib.sha256(body).hexdigest()
        short = len(body) // 2 if repo == "maker/cut" and parts[-1] == "model.safetensors" else 0
        return self.answer(body, short, ETag=f'"{etag}"', X_Repo_Commit=SHA, Accept_Ranges="bytes")

    do_HEAD = do_GET


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    class Handler(Hub):
        files = tmp_path_factory.mktemp("repository")

    UNetGenerator(ngf=4).save_pretrained(Handler.files)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def load(cache: Path, endpoint: str, *sources: str, **environment: str) -> list[str]:
    """What loading each source says: one line each."""
    settings = {
        "HF_HOME": str(cache),
        "HF_ENDPOINT": endpoint,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", LOAD, *sources],
        cwd=ROOT,
        env=os.environ | settings | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run.stdout.splitlines()


def test_repositories_load_and_every_failure_is_one_sentence(hub, tmp_path):
    sources = ["maker/bags", "maker/bags@v1", "maker/bags@v9", "maker/nothing", "maker/private", "maker/gated"]
    said = load(tmp_path, hub, *sources)
    assert said[:2] == ["loaded maker/bags 256", "loaded maker/bags@v1 256"]
    assert said[2] == "can't load maker/bags@v9 from the Hub: it has no revision 'v9'"
    for line, source in zip(said[3:5], sources[3:5], strict=True):
        assert line.startswith(f"can't load {source} from the Hub: no such repository, or it is private")
    assert said[5].startswith("can't load maker/gated from the Hub: access is restricted")


def test_offline_the_cache_serves_and_a_missing_copy_says_so(hub, tmp_path):
    assert load(tmp_path, hub, "maker/bags") == ["loaded maker/bags 256"]
    nowhere = "http://127.0.0.1:9"  # nobody listens there
    loaded, missing = load(tmp_path, nowhere, "maker/bags", "maker/other")
    assert loaded == "loaded maker/bags 256"
    assert missing.startswith("can't load maker/other from the Hub: the Hub can't be reached")
    assert load(tmp_path, nowhere, "maker/bags", HF_HUB_OFFLINE="1") == ["loaded maker/bags 256"]


def test_a_cut_connection_leaves_nothing_that_looks_whole(hub, tmp_path):
    (said,) = load(tmp_path, hub, "maker/cut", HF_HUB_DOWNLOAD_TIMEOUT="2")
    assert said.startswith("can't load maker/cut from the Hub: ")
    assert not list(tmp_path.rglob("snapshots/*/model.safetensors"))
