"""The one thread on which the networks run, and how a picture that nobody waits for is given up."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

# OpenMP gives each thread that computes a pool of its own, and pools that just worked spin for a while:
# with requests on many threads they take the cores from each other. So the networks run on one thread.
executor = ThreadPoolExecutor(1, thread_name_prefix="networks")


class Overtaken(Exception):
    """Nobody waits for this picture any more: a newer one is asked for."""


def never() -> bool:
    return False


overtaken = never  # what the caller of the running job says; only ever touched by the thread of the networks


def run(function: Callable, *args, unless: Callable[[], bool] = never):
    """`function(*args)` on the thread of the networks, in inference mode; waits for the result.

    Raises:
        Overtaken: `unless()` became true before the job began, or between two levels of a `FoldedUNet`.
    """

    def job():
        global overtaken
        overtaken = unless
        try:
            give_way()
            with torch.inference_mode():
                return function(*args)
        finally:
            overtaken = never

    return executor.submit(job).result()


def give_way() -> None:
    if overtaken():
        raise Overtaken


def after_fork() -> None:
    """In a forked process: it has none of the threads, OpenMP's included, and would wait for them for ever."""
    global executor
    executor = ThreadPoolExecutor(1, thread_name_prefix="networks")
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=after_fork)
