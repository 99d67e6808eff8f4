"""Limits the bodies of requests: their size, their time, their number, and the JSON of a call."""

import asyncio
import json
import re
import time

from starlette.types import Message, Receive

from .refusals import BUSY, NONSENSE, TOO_LARGE, TOO_LONG, TOO_SLOW, Refusal

LONGEST = 120  # seconds for a whole body
MOST_HELD = 128 * 2**20  # bytes of all bodies in memory

# Gradio keeps calls as Python objects: 3 MB of "[],[],[]" become 100 MB of lists, and one emoji makes a text four times
# as large. It keeps ids for a long time, even of calls that fail.
MOST_VALUES = 10_000
LONGEST_ID = 64
ID = re.compile(r"[\w-]*", re.ASCII)
# Of an MCP call: what clients use, and the characters of a text that is no argument of a tool.
METHODS = {"initialize", "notifications/initialized", "notifications/cancelled", "ping", "tools/list", "tools/call"}
METHODS |= {"prompts/list", "resources/list", "resources/templates/list"}  # which are empty
LONGEST_WORD = 1000
HALF = re.compile("[\ud800-\udfff]")  # half of a character (a lone surrogate)
MOST_WIDE = 10**6  # characters of all texts that are not ASCII, such as the paths of uploads; data URLs are ASCII


class Pool:
    """Counts the bytes of many requests' bodies. Where there are too many, those that arrive slowly give way: a few
    that are never sent to their end would shut everybody out."""

    def __init__(self):
        self.held = 0
        self.arriving: dict[Body, None] = {}  # the oldest first

    def make_room(self) -> bool:
        """Whether there is room for what has just come."""
        for body in list(self.arriving):
            if self.held > MOST_HELD:
                body.give_way()
        return self.held <= MOST_HELD


class Body:
    """The body of one request while it is read. `refused` says why reading stopped."""

    def __init__(self, receive: Receive, largest: int, pool: Pool):
        self._receive, self.largest, self.pool = receive, largest, pool
        self.until = time.monotonic() + LONGEST
        self.read, self.complete = 0, False
        self.refused: Refusal | None = None
        self.clock: asyncio.Timeout | None = None  # while it waits for the client

    async def receive(self) -> Message:
        """ASGI's `receive`. After a refusal it reports that the client has disconnected."""
        if self.refused:
            return {"type": "http.disconnect"}
        if self.complete:
            return await self._receive()  # returns when the client disconnects
        self.pool.arriving[self] = None
        try:
            async with asyncio.timeout(self.until - time.monotonic()) as self.clock:
                message = await self._receive()
        except TimeoutError:
            self.refused = self.refused or TOO_SLOW
            return {"type": "http.disconnect"}
        finally:
            self.clock = None
        self.complete = not message.get("more_body", False)
        if self.complete:
            self.pool.arriving.pop(self, None)
        size = len(message.get("body", b""))
        self.read += size
        self.pool.held += size
        if self.read > self.largest:
            self.refused = TOO_LARGE
        elif not self.pool.make_room():
            self.refused = BUSY
        return {"type": "http.disconnect"} if self.refused else message

    def give_way(self) -> None:
        """Ends the waiting for the rest."""
        self.refused = BUSY
        self.close()
        if self.clock:
            self.clock.reschedule(0)

    async def whole(self) -> bytes | None:
        """Reads the whole body; None if it was refused or the client disconnected."""
        pieces = []
        while not self.complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return None
            pieces.append(message.get("body", b""))
        return b"".join(pieces)

    def again(self, content: bytes, stays: bool = False) -> Receive:
        """A `receive` that returns a body that was already read. `stays`: the client seems never to leave."""
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                if stays:
                    await asyncio.Event().wait()  # for ever
                return await self.receive()
            given = True
            return {"type": "http.request", "body": content, "more_body": False}

        return receive

    def close(self) -> None:
        self.pool.arriving.pop(self, None)
        self.pool.held -= self.read
        self.read = 0


def check_call(content: bytes) -> Refusal | None:
    """Checks the JSON of a call with the same parser as Gradio's routes; returns what is wrong, or None."""
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MOST_VALUES:
        return TOO_LONG
    try:
        call = json.loads(content)
    except (ValueError, RecursionError):
        return NONSENSE
    if not isinstance(call, dict):
        return NONSENSE
    ids = [call[key] for key in ("session_hash", "event_id", "fn_name") if is_text(call.get(key))]
    if any(len(text) > LONGEST_ID for text in ids):
        return TOO_LONG
    if not all(ID.fullmatch(text) for text in ids):
        return NONSENSE
    wide = sum(len(text) for text in texts(call) if not text.isascii())
    return TOO_LONG if wide > MOST_WIDE else None


def check_tool_call(content: bytes) -> Refusal | None:
    """The same for an MCP call. Its answers repeat all texts beside the tool's arguments, some of them many times, and
    can't be written with half of a character."""
    if wrong := check_call(content):
        return wrong
    call = json.loads(content)
    if call.get("method") not in METHODS or any(HALF.search(text) for text in texts(call) if not text.isascii()):
        return NONSENSE
    params = call.get("params")
    if isinstance(params, dict):
        call["params"] = {key: value for key, value in params.items() if key != "arguments"}
    return TOO_LONG if any(len(text) > LONGEST_WORD for text in texts(call)) else None


def is_text(value: object) -> bool:
    return isinstance(value, str)


def texts(value: object) -> list[str]:
    """All texts in a JSON value, keys included."""
    found, left = [], [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            left += value
    return found
