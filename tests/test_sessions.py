"""What the server keeps of answers that nobody fetches."""

import asyncio

import gradio as gr
import pytest
from gradio import state_holder
from gradio.server_messages import ProcessCompletedMessage

from pix2pix.ui.server import sessions
from pix2pix.ui.server.sessions import Mailboxes, Session, keep_little


class Event:
    def __init__(self, session: str):
        self.session_hash, self.alive = session, True


@pytest.fixture
def mailboxes(monkeypatch):
    monkeypatch.setattr(sessions, "MOST_UNREAD", 20_000)
    monkeypatch.setattr(sessions, "MOST_MAILBOXES", 10)
    monkeypatch.setattr(state_holder, "SessionState", state_holder.SessionState)  # as it was, when the test is over
    with gr.Blocks() as demo:
        pass
    keep_little(demo)
    return demo._queue.pending_messages_per_session


def answer(size: int) -> ProcessCompletedMessage:
    return ProcessCompletedMessage(output={"data": ["x" * size]}, success=True)


def open_box(mailboxes: Mailboxes, session: str) -> asyncio.Queue:
    mailboxes[session] = asyncio.Queue()  # as Gradio's queue does
    mailboxes.queue.pending_event_ids_session[session] = {"id"}
    mailboxes.queue.event_ids_to_events[session] = Event(session)
    return mailboxes[session]


def test_messages_come_in_their_order_and_leave_nothing(mailboxes):
    box = open_box(mailboxes, "page")
    for size in (1, 2, 3):
        box.put_nowait(answer(size))
    assert [len(box.get_nowait().output["data"][0]) for _ in range(3)] == [1, 2, 3]
    assert (mailboxes.total, dict(mailboxes.unread)) == (0, {})


def test_nothing_is_kept_of_who_leaves(mailboxes):
    open_box(mailboxes, "page").put_nowait(answer(100))
    for _ in range(2):
        del mailboxes["page"]  # as Gradio does when a stream breaks off, which may be the second one of the page
    assert mailboxes.queue.pending_event_ids_session == {}
    assert (mailboxes.total, dict(mailboxes.unread)) == (0, {})


def test_of_answers_that_nobody_fetches_the_oldest_go(mailboxes):
    reading = open_box(mailboxes, "reading")
    for number in range(30):
        open_box(mailboxes, f"never {number % 5}").put_nowait(answer(3000))
        reading.put_nowait(answer(100))
        assert reading.get_nowait()  # who fetches loses nothing
        assert mailboxes.total <= 20_000
    assert set(mailboxes) < {"reading", *(f"never {number}" for number in range(5))}
    assert "reading" in mailboxes
    assert set(mailboxes.queue.pending_event_ids_session) == set(mailboxes)


def test_a_session_of_many_messages_goes_at_once(mailboxes, monkeypatch):
    """As of calls that wait for long, each of which is told its place again and again."""
    monkeypatch.setattr(sessions, "MOST_UNREAD", 10**7)
    never = open_box(mailboxes, "never")
    for _ in range(2000):
        never.put_nowait(answer(0))
    for number in range(9):
        open_box(mailboxes, f"late {number}").put_nowait(answer(2 * 10**6))
    assert "never" not in mailboxes
    assert "late 8" in mailboxes
    assert 0 < mailboxes.total <= 10**7


def test_of_too_many_sessions_the_oldest_without_a_call_go(mailboxes):
    open_box(mailboxes, "waits for its turn")
    for number in range(40):
        open_box(mailboxes, f"done {number}")
        del mailboxes.queue.event_ids_to_events[f"done {number}"]
    assert len(mailboxes) == 10
    assert "waits for its turn" in mailboxes
    assert "done 39" in mailboxes
    assert len(mailboxes.queue.pending_event_ids_session) == 10


def test_a_session_remembers_no_values(mailboxes):
    with gr.Blocks() as demo:
        text = gr.Textbox("first")
        picture = gr.HTML("none")
        choice = gr.Dropdown(["a"])
        state = gr.State([])
    session = Session(demo)
    session._update_value_in_config(text._id, "x" * 1000)
    assert session.config_values == {}
    session[state._id] = [1]
    assert session[state._id] == [1]  # but for what the app keeps itself
    assert session[text._id] is text
    session[choice._id] = gr.Dropdown(["b"])
    assert session[choice._id].choices == [("b", "b")]
    session[picture._id] = gr.HTML("x" * 1000)
    assert session[picture._id] is picture
