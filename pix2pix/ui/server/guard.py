"""What a stranger's request meets before the app does: only the routes that the page and programs use, and limits.

    launch(app_kwargs={"middleware": [Middleware(Guard)]})

Gradio has routes for much that this app does not do: it fetches addresses for visitors, joins a queue's side door,
stores links, edits its own source. `ROUTES` are those that stay open. See SECURITY.md.
"""

import json
import logging
import re
import shutil

from gradio import processing_utils
from gradio.utils import get_upload_folder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..inputs import refusal

LARGEST_UPLOAD = "20mb"  # of a file
LARGEST_BODY = 21 * 2**20  # of any request, its wrapping included
LEAST_ROOM = 200 * 2**20  # bytes of the disk that visitors' files never take

ROUTES = re.compile(
    r"/gradio_api/(info|openapi\.json|app_id|startup-events|theme\.css|user|token|login_check|dev/reload"
    r"|queue/(join|data|status)|call/.*|cancel|reset|heartbeat/.*|component_server"
    r"|upload|upload_progress|file=(?!https?:).*|mcp(/.*)?)/?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
CLOSED_PAGES = re.compile(r"/(monitoring|login|logout|openapi\.json)(/|$)")
LEAVES_FILES = re.compile(r"/gradio_api/(upload|queue/join|call/.*|mcp.*)")

GONE = (404, "There is no such address here.")
TOO_LARGE = (413, f"The request is too large: at most {LARGEST_UPLOAD.upper()} in a file.")
NO_ROOM = (507, "The server's disk is full at the moment: try again in ten minutes.")
NONSENSE = (400, "The request can't be read: see ?view=api for what the endpoints take.")


async def refuse_address(url: str, cache_dir: str) -> str:
    raise refusal("This app opens no addresses: send the picture itself, as a file or as a data URL.")


# Gradio would download whatever a visitor names in place of an upload: our network, any size, any time.
processing_utils.async_ssrf_protected_download = refuse_address


class Guard:
    """ASGI middleware. A request that a route below chokes on gets a sentence too, and the log a line."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if refused := check(scope):
            return await answer(send, *refused)
        read, started, too_large = 0, False, False

        async def limited() -> Message:
            nonlocal read, too_large
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                too_large = True
                return {"type": "http.disconnect"}
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if too_large and not started:
                return  # what the route makes of its cut body
            started = True
            await send(message)

        try:
            await self.app(scope, limited, watched)
        except Exception as error:
            if started:
                raise
            if not too_large:
                what = f"{type(error).__name__}: {error}"[:200]
                logging.getLogger(__name__).warning("%s %r: %r", scope["method"], scope["path"][:100], what)
                return await answer(send, *NONSENSE)
        if too_large and not started:
            await answer(send, *TOO_LARGE)


def check(scope: Scope) -> tuple[int, str] | None:
    """Status and sentence for a request that goes no further."""
    path = scope["path"]
    path = path[max(path.find("/gradio_api"), 0) :]  # behind a proxy it may have a prefix
    if not ROUTES.fullmatch(path) if path.startswith("/gradio_api") else CLOSED_PAGES.search(path):
        return GONE
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return TOO_LARGE
    if scope["method"] == "POST" and LEAVES_FILES.match(path) and room() < LEAST_ROOM:
        return NO_ROOM
    return None


def room() -> int:
    """Free bytes where visitors' files lie, until they are swept away."""
    try:
        return shutil.disk_usage(get_upload_folder()).free
    except FileNotFoundError:  # made by the first upload
        return LEAST_ROOM


async def answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
