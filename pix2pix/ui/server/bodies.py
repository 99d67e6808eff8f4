"""Bodies of requests: how large, how slow and how many at once, and what the JSON of a call may hold."""

import asyncio
import json
import time

from starlette.types import Message, Receive

from .refusals import BUSY, NONSENSE, TOO_LARGE, TOO_LONG, TOO_SLOW, Refusal

LONGEST = 120  # seconds for a whole body
MOST_HELD = 128 * 2**20  # bytes of all bodies that are being read or worked on

# What Gradio keeps of a call, it keeps as Python objects: 3 MB of "[],[],[]" would be 100 MB of lists, and one emoji
# makes a text four times as large. The ids are kept for long, even of calls that fail.
MOST_VALUES = 10_000
LONGEST_ID = 64
LONGEST_TEXT = 100  # characters, of a text in other letters than ASCII; a data URL is ASCII


class Pool:
    """The bytes that the bodies of all requests take."""

    def __init__(self):
        self.held = 0


class Body:
    """The body of one request, as it comes in. `refused` says why no more of it is read."""

    def __init__(self, receive: Receive, largest: int, pool: Pool):
        self._receive, self.largest, self.pool = receive, largest, pool
        self.until = time.monotonic() + LONGEST
        self.read, self.complete = 0, False
        self.refused: Refusal | None = None

    async def receive(self) -> Message:
        """ASGI; a body that is refused looks as if the visitor had hung up."""
        if self.refused:
            return {"type": "http.disconnect"}
        if self.complete:
            return await self._receive()  # comes when the visitor leaves
        try:
            message = await asyncio.wait_for(self._receive(), self.until - time.monotonic())
        except TimeoutError:
            self.refused = TOO_SLOW
            return {"type": "http.disconnect"}
        self.complete = not message.get("more_body", False)
        size = len(message.get("body", b""))
        self.read += size
        self.pool.held += size
        if self.read > self.largest:
            self.refused = TOO_LARGE
        elif self.pool.held > MOST_HELD:
            self.refused = BUSY
        return {"type": "http.disconnect"} if self.refused else message

    async def whole(self) -> bytes | None:
        """All of it; None if it was refused or the visitor hung up."""
        pieces = []
        while not self.complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return None
            pieces.append(message.get("body", b""))
        return b"".join(pieces)

    def again(self, content: bytes) -> Receive:
        """A `receive` that gives a body that was read already."""
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return await self.receive()
            given = True
            return {"type": "http.request", "body": content, "more_body": False}

        return receive

    def close(self) -> None:
        self.pool.held -= self.read


def check_call(content: bytes) -> Refusal | None:
    """What is wrong with the JSON of a call. By the parser of the routes, which may not read it differently."""
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MOST_VALUES:
        return TOO_LONG
    try:
        call = json.loads(content)
    except (ValueError, RecursionError):
        return NONSENSE
    if not isinstance(call, dict):
        return NONSENSE
    if any(len(call[key]) > LONGEST_ID for key in ("session_hash", "event_id", "fn_name") if is_text(call.get(key))):
        return TOO_LONG
    heavy = any(len(text) > LONGEST_TEXT and not text.isascii() for text in texts(call))
    return TOO_LONG if heavy else None


def is_text(value: object) -> bool:
    return isinstance(value, str)


def texts(value: object) -> list[str]:
    """All texts in a value read from JSON, its keys too."""
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
