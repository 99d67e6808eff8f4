"""A Hub on loopback: speaks the routes that `huggingface_hub` needs to read and to write repositories.

Repositories are folders under `root`: models/user/name, spaces/user/name. Every one has the revisions main, v1
and SHA, all the same. Some names fail in their own way:

    reading   maker/private 401 without the token, maker/gated 403, maker/cut ends its weights in the middle,
              maker/slow... answers when `released` is set, and sets `asked` before
    writing   other/... 403 (another's), maker/lost no answer, maker/full 507 at the commit

Writing needs the token TOKEN. Nothing here is imported from the project or installed.
"""

import base64
import contextlib
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

SHA = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_loopback"


class Hub(http.server.BaseHTTPRequestHandler):
    root: Path
    large: dict[str, bytes]  # contents of LFS files, by their SHA-256
    variables: dict[str, str]  # of spaces
    at_commit: dict[str, str]  # what the variables were when files came
    events: list[str]  # visibilities that were asked for, and commits, in their order
    asked: threading.Event
    released: threading.Event
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def refuse(self, status: int, code: str):
        self.answer(b"", status=status, X_Error_Code=code, X_Error_Message=code)

    def answer(self, body: bytes | dict | list, short: int = 0, status: int = 200, **headers: str):
        if not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {"Content_Type": "application/json", **headers}
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) - short])
            if short:
                self.close_connection = True

    def parts(self) -> list[str]:
        return unquote(self.path).split("?")[0].strip("/").split("/")

    def authorized(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        parts, kind = self.parts(), "models"
        if parts[0] == "api":
            kind, repo, revision = parts[1], "/".join(parts[2:4]), parts[5] if len(parts) > 5 else "main"
        else:
            repo, revision = "/".join(parts[:2]), parts[3]
        if parts[4:] == ["variables"]:
            return self.answer_variables()
        folder = self.root / kind / repo
        if repo.startswith("maker/slow"):
            self.asked.set()
            self.released.wait(60)
        if repo == "maker/private" and not self.authorized():
            return self.refuse(401, "RepoNotFound")
        if repo == "maker/gated":
            return self.refuse(403, "GatedRepo")
        if not folder.is_dir():
            return self.refuse(404, "RepoNotFound")
        if revision not in ("main", "v1", SHA):
            return self.refuse(404, "RevisionNotFound")
        if parts[0] == "api":
            files = sorted(file for file in folder.rglob("*") if file.is_file())
            names = [str(file.relative_to(folder)) for file in files]
            if parts[4:5] == ["tree"]:
                sizes = [file.stat().st_size for file in files]
                return self.answer(
                    [
                        {"type": "file", "path": name, "size": size, "oid": "0" * 40}
                        for name, size in zip(names, sizes, strict=True)
                    ]
                )
            siblings = [{"rfilename": name} for name in names]
            return self.answer({"id": repo, "sha": SHA, "siblings": siblings, "private": False, "tags": []})
        file = folder / "/".join(parts[4:])
        if not file.is_file():
            return self.refuse(404, "EntryNotFound")
        if (size := file.stat().st_size) > 10**9:  # only to be asked for its size
            return self.answer(b"", ETag='"huge"', X_Repo_Commit=SHA, X_Linked_Size=str(size))
        content = file.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        short = len(content) // 2 if repo == "maker/cut" and file.name == "model.safetensors" else 0
        return self.answer(content, short, ETag=etag, X_Repo_Commit=SHA, Accept_Ranges="bytes")

    do_HEAD = do_GET

    def do_DELETE(self):
        self.variables.pop(json.loads(self.body())["key"])
        self.answer_variables()

    def answer_variables(self):
        self.answer({key: {"value": value} for key, value in self.variables.items()})

    def do_PUT(self):
        content = self.body()
        if self.parts()[-1] == "settings":
            self.events.append(json.loads(content)["visibility"])
            return self.answer({})
        self.large[hashlib.sha256(content).hexdigest()] = content
        return self.answer(b"")

    def do_POST(self):
        body, parts = self.body(), self.parts()
        if self.path == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        if not self.authorized():
            return self.refuse(401, "InvalidToken")
        if self.path == "/api/repos/create":
            return self.create(json.loads(body))
        if parts[-1] == "batch":
            url = f"http://{self.headers['Host']}/lfs"
            wanted = json.loads(body)["objects"]
            return self.answer(
                {"transfer": "basic", "objects": [{**o, "actions": {"upload": {"href": url}}} for o in wanted]}
            )
        folder = self.root / parts[1] / parts[2] / parts[3]
        if parts[4] == "preupload":
            files = json.loads(body)["files"]
            modes = [{"path": f["path"], "uploadMode": self.mode(f), "shouldIgnore": False} for f in files]
            return self.answer({"files": modes})
        if parts[4] == "variables":
            self.variables |= {json.loads(body)["key"]: json.loads(body)["value"]}
            return self.answer_variables()
        if parts[4] == "commit":
            return self.commit(folder, [json.loads(line) for line in body.splitlines()])
        return self.refuse(404, "NotFound")

    def create(self, asked: dict):
        if asked["organization"] == "other":
            return self.refuse(403, "Forbidden")
        if asked["name"] == "lost":
            self.close_connection = True
            return None
        folder = self.root / f"{asked.get('type', 'model')}s" / asked["organization"] / asked["name"]
        status = 409 if folder.exists() else 200
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{asked['organization']}/{asked['name']}"
        prefix = "spaces/" if asked.get("type") == "space" else ""
        return self.answer({"url": f"http://{self.headers['Host']}/{prefix}{name}", "name": name}, status=status)

    def mode(self, file: dict) -> str:
        # Large files of Spaces go to the Hub's own store, whose protocol is not spoken here.
        return "lfs" if file["path"].endswith(".safetensors") and "/api/models/" in self.path else "regular"

    def commit(self, folder: Path, lines: list[dict]):
        if folder.name == "full":
            return self.refuse(507, "StorageFull")
        self.at_commit |= self.variables
        self.events.append("commit")
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "deletedFile":
                (folder / value["path"]).unlink()
                continue
            content = self.large[value["oid"]] if line["key"] == "lfsFile" else base64.b64decode(value["content"])
            file = folder / value["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        kind, user, name = folder.parts[-3:]
        prefix = "spaces/" if kind == "spaces" else ""
        url = f"http://{self.headers['Host']}/{prefix}{user}/{name}/commit/{SHA}"
        return self.answer({"success": True, "hookOutput": "", "commitOid": SHA, "commitUrl": url})


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[tuple[str, type[Hub]]]:
    """Runs a Hub on `folder`; gives its address and its handler, whose `variables` and `at_commit` tests read."""

    class Handler(Hub):
        root, large, variables, at_commit, events = folder, {}, {}, {}, []
        asked, released = threading.Event(), threading.Event()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", Handler
    finally:
        server.shutdown()
        server.server_close()


def environment(endpoint: str, cache: Path) -> dict[str, str]:
    """What a process needs in its environment to take the Hub at `endpoint` for the real one."""
    return {"HF_ENDPOINT": endpoint, "HF_HOME": str(cache), "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_TELEMETRY": "1"}
