"""Limits what the server keeps in memory for its visitors between their requests.

Gradio keeps every value that a session has sent or received, for deep links, which this app does not use. It also keeps
all answers that nobody fetched, for 2000 sessions, without a limit on their size.
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

MOST_UNREAD = 64 * 2**20  # bytes, roughly, of all answers that wait to be fetched; the oldest are dropped
MOST_MAILBOXES = 2000
MESSAGE = 1000  # bytes that a message takes beside its output


class Session(SessionState):
    """A session that does not keep values. It keeps the choices of a dropdown."""

    def __init__(self, blocks: gr.Blocks):
        # Without blocks: Gradio would describe them for deep links, which takes most of a call's time.
        bare = SimpleNamespace(default_config=blocks.default_config, blocks={})
        super().__init__(bare)  # pyright: ignore[reportArgumentType] -- it reads only these

    def __setitem__(self, key: int, value: object) -> None:
        if not isinstance(value, gr.HTML):  # its value is pictures that the page already has
            super().__setitem__(key, value)

    def _update_config(self, key: int) -> None: ...

    def _update_value_in_config(self, key: int, value: object) -> None: ...


class Mailbox(asyncio.Queue):
    """The messages for one session. asyncio.Queue lets subclasses override the two methods below."""

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
        """Drops all messages at once."""
        self.mailboxes.count(self, -sum(size for _, size in self._queue))
        self._queue.clear()


class Mailboxes(OrderedDict):
    """Session -> Mailbox, in place of the queue's own mapping. Above the limits, the oldest unread messages are
    dropped."""

    def __init__(self, queue: Queue):
        super().__init__()
        self.queue, self.lock = queue, threading.RLock()  # warnings come from other threads
        self.unread: OrderedDict[Mailbox, int] = OrderedDict()  # bytes; the oldest mailbox comes first
        self.total = 0

    def __setitem__(self, session: str, _: asyncio.Queue) -> None:
        super().__setitem__(session, Mailbox(self))
        if len(self) > MOST_MAILBOXES:
            busy = busy_sessions(self.queue)
            del self[next((session for session in self if session not in busy), next(iter(self)))]

    def __delitem__(self, session: str) -> None:
        """Forgets all of a session. Gradio deletes one whose visitor leaves, and would keep the ids of its calls.

        One that had two streams is deleted twice. An error then would keep a task of Gradio's running for ever.
        """
        if session in self:
            self[session].clear()
            super().__delitem__(session)
        drop_calls(self.queue, session)

    def count(self, mailbox: Mailbox, size: int) -> None:
        with self.lock:
            self.total += size
            self.unread[mailbox] = self.unread.get(mailbox, 0) + size
            if not self.unread[mailbox]:
                del self.unread[mailbox]

    def note(self, mailbox: Mailbox, size: int) -> None:
        """Counts a message that was added to a mailbox, or removed if `size` is negative. Drops the oldest ones where
        there are too many. An error here would stop Gradio's queue for good."""
        with self.lock:
            self.count(mailbox, size)
            while self.total > MOST_UNREAD:
                oldest = next(iter(self.unread))
                oldest.clear()
                for session in [session for session, kept in self.items() if kept is oldest]:
                    del self[session]


def weight(message: EventMessage) -> int:
    """The size of a message in bytes, roughly."""
    total, left = MESSAGE, [getattr(message, "output", None)]
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
    """Applies these limits to an app. Call it while the app is built."""
    replace_storage(demo, Session, Mailboxes(queue_of(demo)))
