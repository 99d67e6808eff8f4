"""Statuses and sentences of refused requests."""

import json

from starlette.types import Send

from .routes import LARGEST_CALL, LARGEST_TOOL_CALL, LARGEST_UPLOAD

Refusal = tuple[int, str]

GONE = (404, "There is no such address here.")
ELSEWHERE = (403, "The app does not know this host. If it is yours, start the app with --allowed_host NAME.")
OTHER_SITE = (
    403,
    "Pages of other sites may not use this app. If the page is yours, start it with --allowed_host NAME.",
)
OTHER_KIND = (415, "This address takes another content type: see ?view=api.")
NONSENSE = (400, "The request can't be read: see ?view=api for what the endpoints take.")
TOO_LONG = (413, "The request is too large: an id has at most 64 characters, a call at most 10000 values.")
TOO_LARGE = (
    413,
    f"The request is too large: at most {LARGEST_UPLOAD.upper()} in an uploaded file, "
    f"{LARGEST_CALL >> 20} MB in a call, {LARGEST_TOOL_CALL >> 20} MB in an MCP call.",
)
TOO_SLOW = (408, "The request came in too slowly: try again.")
BUSY = (503, "Too many people are using the app at the moment: try again.")
NO_ROOM = (507, "The server's disk is full at the moment: try again in ten minutes.")


async def refuse(send: Send, refusal: Refusal) -> None:
    status, sentence = refusal
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
