"""The single thread that runs the networks. It gives up pictures that nobody waits for."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

# OpenMP gives each thread that computes its own pool, and idle pools spin for a while. With requests on many threads,
# the pools would take the cores from each other. So the networks run on one thread.
executor = ThreadPoolExecutor(1, thread_name_prefix="networks")


class Overtaken(Exception):
    """Nobody waits for this picture any more: a newer one is asked for."""


def never() -> bool:
    return False


overtaken = never  # `unless` of the running job; only the network thread uses it


def run(function: Callable, *args, unless: Callable[[], bool] = never):
    """Runs `function(*args)` on the network thread, in inference mode, and waits for the result.

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
    """Prepares a forked process. It has no threads, OpenMP's included, and would wait for them for ever."""
    global executor
    executor = ThreadPoolExecutor(1, thread_name_prefix="networks")
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=after_fork)
