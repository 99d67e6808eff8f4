"""The preview of a link to the app in chats and feeds: name, sentence and picture. Gradio's own preview shows Gradio.

launch(app_kwargs={"middleware": [Middleware(Preview, title="...")]})
"""

import gzip
import re
from html import escape
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import scripts
from . import unscripted

PICTURE = Path(__file__).parents[3] / "docs" / "app.webp"
ADDRESS = "preview.webp"
DESCRIPTION = "Draw an outline. A network paints it while you draw."

BODY = re.compile(rb"<body[^>]*>")
FOREIGN = re.compile(rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")


def tags(title: str, base: str) -> bytes:
    """The tags for previews, for a page with the address `base`."""
    facts = {
        "og:type": "website",
        "og:title": title,
        "og:description": DESCRIPTION,
        "og:url": base,
        "og:image": base + ADDRESS,
        "twitter:card": "summary_large_image",
    }
    return "".join(f'<meta property="{key}" content="{escape(fact)}">\n' for key, fact in facts.items()).encode()


class Preview:
    """ASGI middleware: serves the picture, and replaces Gradio's tags in the page. It also inserts the HTML of
    scripts.py and unscripted.py."""

    def __init__(self, app: ASGIApp, title: str):
        self.app, self.title = app, title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = scope["path"].rpartition("/")[2] if scope["type"] == "http" else None
        if place == ADDRESS:
            return await FileResponse(PICTURE)(scope, receive, send)
        if place != "" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        start: Message | None = None  # of a page; sent when the new length is known
        page = b""

        async def rewritten(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start":
                if not MutableHeaders(scope=message).get("content-type", "").startswith("text/html"):
                    return await send(message)
                start = message
            elif start is None:
                await send(message)
            else:
                page += message.get("body", b"")
                if not message.get("more_body"):
                    request, headers = Request(scope), MutableHeaders(scope=start)
                    ours = tags(self.title, str(request.base_url))
                    page = FOREIGN.sub(b"", page).replace(b"<head>", b"<head>" + ours, 1)
                    page = BODY.sub(lambda body: body[0] + (scripts.PRELOADS + unscripted.HTML).encode(), page, count=1)
                    if "gzip" in request.headers.get("accept-encoding", ""):  # Gradio compresses files only
                        page = gzip.compress(page, 6)
                        headers["content-encoding"] = "gzip"
                    headers.add_vary_header("Accept-Encoding")
                    headers["content-length"] = str(len(page))
                    await send(start)
                    await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, rewritten)
