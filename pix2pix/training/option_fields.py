"""What a field of options says of itself, as metadata; and what follows: its check and its place on a command line."""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from ..arguments import Bounds, number, path
from ..errors import DataError

WORDS = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    Sequence: "a list",
    type(None): "None",
}


def option(
    help: str,
    default: Any = MISSING,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    below: bool = False,
    choices: Sequence = (),
    metavar: str | None = None,
    flags: Sequence[str] = (),
    fixed: bool = False,
    switch: bool = False,
    place: bool = False,
) -> Any:
    """A field of a dataclass of options.

    Args:
        help: for `--help`.
        default: without one, the option has to be given.
        low, high, below: bounds of a number, see `Bounds`.
        choices: the values that there are.
        metavar: what `--help` calls the value.
        flags: spellings on the command line, where they are not just the name.
        fixed: a run that goes on (`resume`) can't have another value.
        switch: nor may such a run switch it on or off.
        place: it names a place on one machine, so it is no fact about a checkpoint.
    """
    about = {"help": help, "bounds": Bounds(low, high, below), "choices": tuple(choices), "metavar": metavar}
    about |= {"flags": tuple(flags), "fixed": fixed, "switch": switch, "place": place}
    return field(default=default, metadata=about)


def described(options: type) -> dict[str, Mapping[str, Any]]:
    """The metadata of all fields by name. A field that is only given another default has those of its base."""
    bases = [base.__dict__.get("__dataclass_fields__", {}) for base in options.__mro__]
    return {
        one.name: next(known[one.name].metadata for known in bases if one.name in known and known[one.name].metadata)
        for one in fields(options)
    }


def names_of(options: type, mark: str) -> set[str]:
    """The fields that are marked as "fixed", "switch" or "place"."""
    return {name for name, about in described(options).items() if about[mark]}


def classes_of(hint: Any) -> tuple[type, ...]:
    """The classes that an annotation allows, such as int and None for `int | None`."""
    return tuple(get_origin(kind) or kind for kind in get_args(hint) or (hint,))


def check_values(options: Any) -> None:
    """Raises DataError where a value is not of its field's type, bounds or choices."""
    hints = get_type_hints(type(options))
    for name, about in described(type(options)).items():
        value, kinds = getattr(options, name), classes_of(hints[name])
        allowed = (*kinds, int) if float in kinds else kinds
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in kinds):
            expected = " or ".join(WORDS[kind] for kind in kinds)
        elif about["choices"] and value not in about["choices"]:
            expected = " or ".join(map(repr, about["choices"]))
        elif isinstance(value, int | float) and value not in about["bounds"]:
            expected = str(about["bounds"])
        else:
            continue
        raise DataError(f"{name} is {value!r}: expected {expected}")


def add_options(parser: argparse.ArgumentParser, options: type) -> None:
    """An option of the command line for each field of a dataclass."""
    hints = get_type_hints(options)
    metadata = described(options)
    for one in fields(options):
        about, kinds = metadata[one.name], classes_of(hints[one.name])
        words: dict[str, Any] = {"dest": one.name, "help": about["help"]}
        words |= {"required": True} if one.default is MISSING else {"default": one.default}
        if bool in kinds:
            words["action"] = "store_true"
        else:
            words["metavar"] = about["metavar"]
        if about["choices"]:
            words |= {"choices": about["choices"], "type": kinds[0]}
        elif int in kinds or float in kinds:
            bounds = about["bounds"]
            words["type"] = number(int if int in kinds else float, bounds.low, bounds.high, bounds.below)
        elif Path in kinds:
            words["type"] = path
        if Sequence in kinds:
            words |= {"nargs": "+", "action": "extend"}
        parser.add_argument(*(about["flags"] or [f"--{one.name}"]), **words)
