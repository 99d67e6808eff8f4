"""The middleware that checks every request before Gradio sees it. See SECURITY.md.

launch(app_kwargs={"middleware": [Middleware(Guard, hosts=Hosts(...))]})
"""

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import routes
from .bodies import Body, Pool, check_call, check_tool_call
from .hosts import Hosts
from .refusals import BUSY, ELSEWHERE, GONE, NO_ROOM, NONSENSE, OTHER_KIND, OTHER_SITE, TOO_LARGE, Refusal, refuse
from .routes import JSON, LARGEST_CALL, Route

LEAST_ROOM = 200 * 2**20  # bytes of the disk that visitors' files must leave free
LONGEST_ERROR = 1000  # bytes of an answer to a wrong request
LONGEST_QUERY = 4096  # characters; a private Space's signature has about 1000

# An MCP call keeps one of the server's forty threads and needs another to get its answer. Forty calls would block each
# other.
TOOLS_AT_ONCE = 16
TOOLS_WAITING = 64


class Guard:
    """ASGI middleware. If a route fails, the client gets a sentence and the log a line."""

    def __init__(self, app: ASGIApp, hosts: Hosts):
        self.app, self.hosts = app, hosts
        self.large, self.small = Pool(), Pool()  # so that calls and frames need not wait for uploads and MCP calls
        self.tools = Turnstile(TOOLS_AT_ONCE, TOOLS_WAITING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope["headers"] = self.hosts.without_forged(scope["headers"])
        route = routes.find(scope)
        if refused := self.check(scope, route):
            return await refuse(send, refused)
        assert route  # requests without a route were refused above
        scope["query_string"] = query(scope)
        body = Body(receive, route.largest, self.large if route.largest > LARGEST_CALL else self.small)
        try:
            await self.serve(scope, route, body, send)
        finally:
            body.close()

    def check(self, scope: Scope, route: Route | None) -> Refusal | None:
        """What is wrong with the method, path and headers of a request; None if nothing is."""
        headers = Headers(scope=scope)
        if not self.hosts.is_ours(headers.get("host")):
            return ELSEWHERE
        if route is None:
            return GONE
        if not route.foreign and not self.hosts.is_own_page(headers, navigates=route.method == "GET"):
            return OTHER_SITE
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > route.largest:
            return TOO_LARGE
        if len(scope["query_string"]) > LONGEST_QUERY:
            return TOO_LARGE
        if route.leaves_files and room() < LEAST_ROOM:
            return NO_ROOM
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return OTHER_KIND if route.body and kind != route.body else None

    async def serve(self, scope: Scope, route: Route, body: Body, send: Send) -> None:
        receive, started, replaced = body.receive, False, False

        async def watched(message: Message) -> None:
            nonlocal started, replaced
            if replaced or (body.refused and not started):
                return  # drop the route's reply to the truncated body; a refusal is sent below
            started = True
            if replaced := is_long_error(message):
                return await refuse(send, (message["status"], NONSENSE[1]))
            await send(message)

        try:
            if route.body == JSON:
                content = await body.whole()
                if content is not None:
                    if wrong := check_tool_call(content) if route.tool else check_call(content):
                        return await refuse(send, wrong)
                    # A tool goes on when its client leaves. If its turn ended then, there would be more and more.
                    receive = body.again(content, stays=route.tool)
            async with self.tools.turn() if route.tool else contextlib.nullcontext():
                await self.app(scope, receive, watched)
        except Crowded:
            return await refuse(send, BUSY)
        except Exception as error:
            if started and isinstance(error.__cause__, HTTPException):
                # Events of an unknown call: the stream has already said so. End it here.
                return await send({"type": "http.response.body", "body": b""})
            if started:
                raise
            if not body.refused:
                what = f"{type(error).__name__}: {error}"[:200]
                logging.getLogger(__name__).warning("%s %r: %r", scope["method"], scope["path"][:100], what)
                return await refuse(send, NONSENSE)
        if body.refused and not started:
            await refuse(send, body.refused)


def is_long_error(message: Message) -> bool:
    """Whether this starts a long answer to a wrong request. It repeats the request, and stays in memory if unread."""
    if message["type"] != "http.response.start" or message["status"] < 400:
        return False
    length = Headers(raw=message["headers"]).get("content-length", "")
    return not length.isdigit() or int(length) > LONGEST_ERROR


def query(scope: Scope) -> bytes:
    """The query string that the route gets."""
    path = scope["path"].rstrip("/")
    if path.endswith("/gradio_api/info"):
        return b"page="  # Gradio caches the answer for the whole app, with the first caller's address
    if path.endswith("/gradio_api/upload"):
        return b""  # Gradio keeps every upload_id for ever
    return scope["query_string"]


def room() -> int:
    """Free bytes on the disk of visitors' files."""
    try:
        return shutil.disk_usage(os.environ["GRADIO_TEMP_DIR"]).free
    except FileNotFoundError:  # the first upload creates the folder
        return LEAST_ROOM


class Crowded(Exception):
    """Too many calls wait already."""


class Turnstile:
    """Lets `most` calls run at once, and up to `waiting` wait."""

    def __init__(self, most: int, waiting: int):
        self.free, self.inside, self.most = asyncio.Semaphore(most), 0, most + waiting

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        if self.inside >= self.most:
            raise Crowded
        self.inside += 1
        try:
            async with self.free:
                yield
        finally:
            self.inside -= 1
