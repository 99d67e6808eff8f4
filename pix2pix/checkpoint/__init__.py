"""Checkpoints: fetch.py finds files, kind.py tells what they are, store.py loads and saves, push.py uploads them."""

from .kind import kind_of
from .store import (
    CONFIG,
    WEIGHTS,
    as_json,
    config_of,
    is_settled,
    line_width_of,
    load,
    read_config,
    save,
    sees_hints,
    training_of,
    training_options,
)

__all__ = [
    "CONFIG",
    "WEIGHTS",
    "as_json",
    "config_of",
    "is_settled",
    "kind_of",
    "line_width_of",
    "load",
    "read_config",
    "save",
    "sees_hints",
    "training_of",
    "training_options",
]
