"""What the server keeps for its visitors between their requests: little, and no more the more of them there were.

Gradio keeps every value that a session has sent or got, for links that this app does not make; and every answer that
nobody fetched, for 2000 sessions, however large and many.
"""

import asyncio
import threading
from collections import OrderedDict, deque
from types import SimpleNamespace

import gradio as gr

from .gradio_internals import (
    EventMessage,
    Queue,
    SessionState,
    busy_sessions,
    drop_calls,
    queue_of,
    replace_storage,
)

MOST_UNREAD = 64 * 2**20  # bytes, about, of all answers that wait to be fetched; the oldest go first
MOST_MAILBOXES = 2000


class Session(SessionState):
    """A session without its values; choices of a dropdown stay."""

    def __init__(self, blocks: gr.Blocks):
        # Without blocks to describe, which Gradio does for its links, and which takes most of the time of a call.
        bare = SimpleNamespace(default_config=blocks.default_config, blocks={})
        super().__init__(bare)  # pyright: ignore[reportArgumentType] -- all that it reads of them

    def __setitem__(self, key: int, value: object) -> None:
        if not isinstance(value, gr.HTML):  # which holds the pictures that its page has got, and which nobody asks for
            super().__setitem__(key, value)

    def _update_config(self, key: int) -> None: ...

    def _update_value_in_config(self, key: int, value: object) -> None: ...


class Mailbox(asyncio.Queue):
    """The messages for one session. (asyncio.Queue has the two methods below for its subclasses.)"""

    _queue: deque

    def __init__(self, mailboxes: "Mailboxes"):
        super().__init__()
        self.mailboxes = mailboxes

    def _put(self, message: EventMessage) -> None:
        super()._put((message, weight(message)))
        self.mailboxes.note(self, self._queue[-1][1])

    def _get(self) -> EventMessage:
        message, size = super()._get()
        self.mailboxes.note(self, -size)
        return message

    def clear(self) -> None:
        while not self.empty():
            self.get_nowait()


class Mailboxes(OrderedDict):
    """In place of the queue's own: session -> Mailbox. Where it has too much, the oldest unread go."""

    def __init__(self, queue: Queue):
        super().__init__()
        self.queue, self.lock = queue, threading.RLock()  # a warning comes from the thread of its function
        self.unread: OrderedDict[Mailbox, int] = OrderedDict()  # bytes; the one that has waited longest comes first
        self.total = 0

    def __setitem__(self, session: str, _: asyncio.Queue) -> None:
        super().__setitem__(session, Mailbox(self))
        if len(self) > MOST_MAILBOXES:
            busy = busy_sessions(self.queue)
            self.forget(next((session for session in self if session not in busy), next(iter(self))))

    def note(self, mailbox: Mailbox, size: int) -> None:
        """Counts a message that came into a mailbox or, with a negative size, went."""
        with self.lock:
            self.total += size
            self.unread[mailbox] = self.unread.get(mailbox, 0) + size
            if not self.unread[mailbox]:
                del self.unread[mailbox]
            while self.total > MOST_UNREAD:
                oldest = next(iter(self.unread))
                oldest.clear()
                for session in [session for session, kept in self.items() if kept is oldest]:
                    self.forget(session)

    def forget(self, session: str) -> None:
        self.pop(session).clear()
        drop_calls(self.queue, session)


def weight(message: EventMessage) -> int:
    """Bytes of a message, about."""
    total, left = 0, [getattr(message, "output", None)]
    while left:
        value = left.pop()
        total += 100
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list | tuple):
            left += value
    return total


def keep_little(demo: gr.Blocks) -> None:
    """Makes an app under construction keep no more than this."""
    replace_storage(demo, Session, Mailboxes(queue_of(demo)))
