"""From a name to files to weights, and up to the Hub: fetch.py, store.py, push.py."""

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
