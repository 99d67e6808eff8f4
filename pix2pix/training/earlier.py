"""What a training goes on with."""

from .. import checkpoint
from ..checkpoint.fetch import fetch
from ..checkpoint.locate import locate
from .options import TrainingOptions


def earlier_config(options: TrainingOptions) -> dict:
    """The config.json of the generator that goes on (--generator); empty where there is none, as of authors' files."""
    path = locate(fetch(options.generator)) if options.generator else None
    return checkpoint.read_config(path) if path and path.is_dir() else {}
