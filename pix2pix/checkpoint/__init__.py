"""Checkpoints: fetch.py finds their files, store.py loads and saves them, push.py uploads them to the Hub."""

from .store import CONFIG, WEIGHTS, config_of, load, read_config, save, sees_hints, training_of, training_options

__all__ = [
    "CONFIG",
    "WEIGHTS",
    "config_of",
    "load",
    "read_config",
    "save",
    "sees_hints",
    "training_of",
    "training_options",
]
