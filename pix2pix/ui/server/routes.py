"""The routes that the page and programs use, each with its method, content type and size of body. All others are
closed. Gradio has many more: they fetch addresses for visitors, bypass the queue, store links, or edit its own source.

The list was recorded with a browser on all tabs, `gradio_client`, curl and an MCP client.
"""

import re
from dataclasses import dataclass

from starlette.types import Scope

from .gradio_internals import get_route_path

JSON, FORM = "application/json", "multipart/form-data"

LARGEST_UPLOAD = "20mb"  # of a file
LARGEST_FORM = 21 * 2**20  # bytes; a file and its form
LARGEST_CALL = 3 * 2**20  # more than any frame of the canvas; larger pictures are uploaded
LARGEST_TOOL_CALL = 12 * 2**20  # MCP has no uploads: its pictures are data URLs


@dataclass(frozen=True)
class Route:
    """`body` is the content type that its requests must have, None for no body; `largest` its bytes at most.

    `foreign`: pages of other sites may load it. `leaves_files`: on the disk, for minutes. `tool`: an MCP call.
    """

    method: str
    path: re.Pattern
    body: str | None = None
    largest: int = 0
    foreign: bool = False
    leaves_files: bool = False
    tool: bool = False


def route(method: str, path: str, body: str | None = None, largest: int = 0, **traits: bool) -> Route:
    return Route(method, re.compile(path, re.ASCII | re.DOTALL), body, largest, **traits)


API = "/gradio_api"
ID = r"[\w-]{1,64}"  # of a session, an event or a function: Gradio's errors for other characters fill the log

ROUTES = [
    route("GET", r"/?|/preview\.webp|/robots\.txt|/favicon\.ico|/manifest\.json", foreign=True),
    route("GET", r"/theme\.css|/(static|assets)/.{1,300}", foreign=True),
    route("GET", r"/scripts/[0-9a-f]{16}/[a-z_/]{1,60}\.js"),
    route("GET", r"/device/[0-9a-f]{16}/[a-z.-]{1,60}"),
    route("GET", r"/config/?"),
    route("GET", rf"{API}/(info/?|openapi\.json|app_id/?|startup-events|theme\.css|queue/(data|status))"),
    route("GET", rf"{API}/(heartbeat/{ID}|call/(v2/)?{ID}/{ID}|mcp/?|mcp/http/?|mcp/schema)"),
    route("GET", rf"{API}/file=(?!https?:).{{1,1000}}"),
    route("POST", rf"{API}/upload", FORM, LARGEST_FORM, leaves_files=True),
    route("POST", rf"{API}/(queue/join|call/(v2/)?{ID}/?)", JSON, LARGEST_CALL, leaves_files=True),
    route("POST", rf"{API}/(component_server/?|cancel|reset/?)", JSON, LARGEST_CALL),
    route("POST", rf"{API}/(mcp/?|mcp/http/?)", JSON, LARGEST_TOOL_CALL, leaves_files=True, tool=True),
]


def find(scope: Scope) -> Route | None:
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    path = get_route_path(scope)  # without GRADIO_ROOT_PATH
    return next((route for route in ROUTES if route.method == method and route.path.fullmatch(path)), None)
