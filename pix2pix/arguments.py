"""Shared by the command lines: types for numbers and paths, their help, what stdout can print, and how they end."""

import argparse
import contextlib
import math
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import UserError


def path(text: str) -> str:
    """A type for argparse that expands ~, which the shell does not do in `--output_dir=~/out`."""
    return os.path.expanduser(text)


@dataclass(frozen=True)
class Bounds:
    """Numbers from `low` to `high`, inclusive, or below `high` with `below`."""

    low: float = -math.inf
    high: float = math.inf
    below: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.below and value == self.high)  # NaN is nowhere

    def __str__(self) -> str:
        if self.high == math.inf:
            return f"{self.low} or more"
        return f"{self.low} {'up to, but below,' if self.below else 'to'} {self.high}"


def number(kind: type, low: float, high: float = math.inf, below: bool = False) -> Callable[[str], float]:
    """A type for argparse: an int or a float within `Bounds`."""
    bounds = Bounds(low, high, below)

    def read(text: str) -> float:
        value = kind(text)
        if value not in bounds:
            raise argparse.ArgumentTypeError(f"{text} is out of range: expected {bounds}")
        return value

    read.__name__ = {int: "whole number", float: "number"}[kind]  # for argparse's message
    return read


class DefaultsInHelp(argparse.ArgumentDefaultsHelpFormatter):
    """Adds its default to the help of an option, except where None, False or an empty list would say nothing."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        nothing = action.default is None or action.default is False or action.default == []
        return action.help if nothing else super()._get_help_string(action)


def print_anything() -> None:
    """Makes stdout print letters that it can't show as escapes, instead of raising an error.

    A file or pipe on Windows takes Western letters only, but a folder may have a Japanese name.
    """
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # a notebook's stream and None have none
            reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def ends_clearly(command: str) -> Iterator[None]:
    """Ends the command with one sentence, and no traceback, for a mistake, a full disk or Ctrl-C."""
    try:
        yield
    except (UserError, OSError) as error:  # a DiskError is an OSError
        sys.exit(f"{command}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"\n{command}: stopped")
