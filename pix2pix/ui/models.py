"""The models of a running app: those in `checkpoints/`, the ones of the command line, Hub ids that visitors type."""

import contextlib
import re
import threading
from collections import OrderedDict
from pathlib import Path

from ..checkpoint import read_config
from ..checkpoint.fetch import REPO, fetch
from ..errors import CheckpointError
from ..pipelines import DigitPipeline, Pix2PixPipeline
from .examples import EXAMPLE

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/]+/)+")  # not those of an address
LONGEST_NAME = 200  # characters; those of the Hub have 96 and a revision
LARGEST_TYPED = 512  # pixels; beyond, one drawing would keep the app busy for many seconds
MOST_TYPED = 3  # models from typed ids that stay in memory; the least recently used one goes first


def found(key: str) -> dict[str, Path]:
    """Checkpoints of the project whose config.json has `key` ("num_downs": pix2pix, "z_dim": a DCGAN), by name."""
    names = {}
    for config in sorted(CHECKPOINTS.glob("*/config.json")):
        try:
            if key in read_config(config.parent):
                names[config.parent.name] = config.parent
        except CheckpointError:
            continue  # a broken one is not offered
    return names


class Loading(Exception):
    """A model is being loaded, and the caller does not want to wait."""


class Models:
    """Loads each model once.

    Args:
        handbags, digits: what to start on; None is the checkpoint that comes with the project.
        device: "auto", "cpu", "cuda" or "mps".

    Attributes:
        names: the pix2pix models to choose from; default: the first one shown.
        digits: the `DigitPipeline`.
        bags: whether the default model is the one that comes with the project, and paints handbags.
        foretaste: what the default model makes of the first example.
        problems: a sentence for each checkpoint that was asked for and could not be loaded.

    Raises:
        CheckpointError: neither the asked nor the embedded checkpoint can be loaded.
        ValueError: no such device.
    """

    def __init__(self, handbags: str | None = None, digits: str | None = None, device: str = "auto"):
        self.device, self.problems = device, []
        self.sources = found("num_downs")
        self.loaded: dict[str, Pix2PixPipeline] = {}
        self.typed: OrderedDict[str, Pix2PixPipeline] = OrderedDict()
        self.lock = threading.Lock()
        first = self._start(Pix2PixPipeline, handbags, "handbags")
        self.foretaste = first(EXAMPLE)  # before the networks' thread is busy
        self._faster(first)
        self.digits = self._start(DigitPipeline, digits, "digits")
        self.default, self.bags = first.name, first.folder.resolve() == (CHECKPOINTS / "handbags").resolve()
        self.sources[first.name] = first.folder
        self.loaded[first.name] = first
        self.names = [first.name] + [name for name in self.sources if name != first.name]

    def _start(self, pipeline: type, asked: str | None, embedded: str):
        own = CHECKPOINTS / embedded
        try:
            return pipeline.from_pretrained(asked or own, device=self.device)
        except CheckpointError as error:
            if asked is None or not own.exists():
                raise
            self.problems.append(str(error))
            return pipeline.from_pretrained(own, device=self.device)

    @staticmethod
    def _faster(pipe: Pix2PixPipeline) -> Pix2PixPipeline:
        pipe.speed_up()  # it serves already, and changes over when it has found the way
        return pipe

    def get(self, name: str, wait: bool = True) -> Pix2PixPipeline:
        """The pix2pix model `name`: one of `names`, or a Hub id `user/name[@revision]`.

        Args:
            wait: until a model that is being loaded is there, and with it the turn of this one.

        Raises:
            CheckpointError: no such model, or it can't be loaded.
            Loading: it would have to wait.
        """
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise CheckpointError(f"model is {str(name)[:40]}: expected a name")
        if pipe := self.loaded.get(name) or self.typed.get(name):
            with contextlib.suppress(KeyError):  # one of `loaded`, or given up at this moment
                self.typed.move_to_end(name)
            return pipe
        if not self.lock.acquire(blocking=wait):  # one download at a time
            raise Loading
        try:
            return self._load(name)
        except CheckpointError as error:  # visitors read this: file names, but not where they lie on this machine
            raise CheckpointError(FOLDERS.sub("", str(error))) from None
        finally:
            self.lock.release()

    def _load(self, name: str) -> Pix2PixPipeline:
        if name in self.sources:
            if name not in self.loaded:
                self.loaded[name] = self._faster(Pix2PixPipeline.from_pretrained(self.sources[name], self.device))
            return self.loaded[name]
        # Visitors name repositories, never files of this machine.
        if not REPO.fullmatch(name) or Path(name).exists():
            raise CheckpointError(f"{str(name)[:80]!r} is neither in the list nor a Hugging Face id like user/name")
        if name not in self.typed:
            # Without the token of whoever runs the app: it opens what is theirs alone.
            pipe = Pix2PixPipeline.from_pretrained(fetch(name, token=False), self.device)
            pipe.name = name
            if pipe.image_size > LARGEST_TYPED:
                raise CheckpointError(f"{name} paints {pipe.image_size} pixels: this app takes {LARGEST_TYPED} at most")
            self.typed[name] = self._faster(pipe)
            while len(self.typed) > MOST_TYPED:
                self.typed.popitem(last=False)
        return self.typed[name]
