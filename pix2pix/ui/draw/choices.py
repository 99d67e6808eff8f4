"""What the page offers to choose from: the subjects of the app's own models, each with a small picture.

No network is loaded for them.
"""

import contextlib
from pathlib import Path

from PIL import Image

from ...anatomy.snapshots import last_row
from ...checkpoint import read_config
from ...checkpoint.subject import Subject, read_subject
from ...errors import CheckpointError, DataError
from ..examples import example_of
from ..models import Models
from ..texts import TEXTS

SIDE = 96  # pixels


def subject_in(folder: Path) -> Subject | None:
    """The subject of a checkpoint; None where it has none that can be read."""
    with contextlib.suppress(CheckpointError):
        return read_subject(read_config(folder)) if folder.is_dir() else None


def choice(name: str, subject: Subject | None) -> dict:
    """A model's name, its title, and whether it has a subject of its own."""
    title = subject.title if subject else TEXTS.get(f"subject_{name}", {"en": name})
    return {"name": name, "title": title, "subject": subject is not None}


def choices(models: Models) -> list[dict]:
    """One for each model; none if there is but one model."""
    if len(models.names) < 2:
        return []
    return [choice(name, subject_in(models.sources[name])) for name in models.names]


def cover(folder: Path) -> Image.Image:
    """What a model painted at the end of its training; the drawing of an example where its checkpoint has no such."""
    with contextlib.suppress(DataError):
        if row := last_row(folder):
            return row.crop((0, 0, row.height, row.height)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return example_of(subject_in(folder)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
