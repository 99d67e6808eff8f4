"""Which frames of the canvas go first: of one page the newest, and frames before all else."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...pipelines.network_thread import never
from ..pictures import BadPicture

MOST_PATIENCE = 5  # seconds, in which swatches give way to frames


class Turns:
    """Remembers the newest frame of each page that is being served, so that older ones can be given up."""

    def __init__(self):
        self.newest: dict[str, int] = {}
        self.lock = threading.Lock()

    @contextmanager
    def take(self, page: str | None, turn: int) -> Iterator[Callable[[], bool]]:
        """Yields a function that tells whether a later turn of the same page was taken; false if there is no page."""
        if page is None:
            yield never
            return
        with self.lock:
            self.newest[page] = max(turn, self.newest.get(page, turn))
        try:
            yield lambda: self.newest.get(page, turn) > turn
        finally:
            with self.lock:
                if self.newest.get(page) == turn:
                    del self.newest[page]


class Spare:
    """Work that gives way to frames, but not for ever. Otherwise a page that draws without end would stop it."""

    def __init__(self, turns: Turns):
        self.turns, self.done = turns, time.monotonic()

    def gives_way(self) -> bool:
        return bool(self.turns.newest) and time.monotonic() < self.done + MOST_PATIENCE

    def finish(self) -> None:
        self.done = time.monotonic()


def turn_of(payload: dict) -> tuple[str | None, int]:
    """The page that sent a frame, and the number of the frame. A single frame has no page."""
    page, turn = payload.get("page"), payload.get("turn", 0)
    if not isinstance(page, str | None) or len(page or "") > 40 or type(turn) is not int:
        raise BadPicture("not the turn of a page")
    return page, turn
