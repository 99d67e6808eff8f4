"""What the command lines share: numbers, paths, and a stdout that takes every letter."""

import argparse
import math
import os
import sys
from collections.abc import Callable


def path(text: str) -> str:
    """A type for argparse: the shell leaves the ~ of `--output_dir=~/out` as it is."""
    return os.path.expanduser(text)


def number(kind: type, low: float, high: float = math.inf, below: bool = False) -> Callable[[str], float]:
    """A type for argparse: an int or a float from `low` to `high`, inclusive, or below `high` with `below`."""

    def read(text: str) -> float:
        value = kind(text)
        if not low <= value <= high or (below and value == high):  # NaN is nowhere
            bounds = f"{low} or more" if high == math.inf else f"{low} {'up to, but below,' if below else 'to'} {high}"
            raise argparse.ArgumentTypeError(f"{text} is out of range: expected {bounds}")
        return value

    read.__name__ = {int: "whole number", float: "number"}[kind]  # as argparse's message calls it
    return read


def print_anything() -> None:
    """Letters that stdout can't show become escapes, in place of an error in the middle of the work.

    A file or pipe on Windows takes Western letters only, and not those of a folder with a Japanese name.
    """
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # neither a notebook's stream nor None has it
            reconfigure(errors="backslashreplace")
