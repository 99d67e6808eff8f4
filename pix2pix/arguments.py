"""Numbers on a command line, within bounds."""

import argparse
import math
from collections.abc import Callable


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
