"""Shared by the command lines: types for numbers and paths, and a stdout that can print every letter."""

import argparse
import math
import os
import sys
from collections.abc import Callable


def path(text: str) -> str:
    """A type for argparse that expands ~, which the shell does not do in `--output_dir=~/out`."""
    return os.path.expanduser(text)


def number(kind: type, low: float, high: float = math.inf, below: bool = False) -> Callable[[str], float]:
    """A type for argparse: an int or a float from `low` to `high`; with `below`, `high` itself is too much."""

    def read(text: str) -> float:
        value = kind(text)
        if not low <= value <= high or (below and value == high):  # also true for NaN
            bounds = f"{low} or more" if high == math.inf else f"{low} {'up to, but below,' if below else 'to'} {high}"
            raise argparse.ArgumentTypeError(f"{text} is out of range: expected {bounds}")
        return value

    read.__name__ = {int: "whole number", float: "number"}[kind]  # for argparse's message
    return read


def print_anything() -> None:
    """Makes stdout print letters that it can't show as escapes, instead of raising an error.

    A file or pipe on Windows takes Western letters only, but a folder may have a Japanese name.
    """
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # a notebook's stream and None have none
            reconfigure(errors="backslashreplace")
