"""Checkpoints: fetch.py finds their files, kind.py says what they hold, store.py loads and saves them, push.py uploads them to the Hub."""

from .kind import kind_of
from .store import CONFIG, WEIGHTS, config_of, load, read_config, save, sees_hints, training_of, training_options

__all__ = [
    "CONFIG",
    "WEIGHTS",
    "config_of",
    "kind_of",
    "load",
    "read_config",
    "save",
    "sees_hints",
    "training_of",
    "training_options",
]
