"""The models of a running app: those in `checkpoints/`, the ones of the command line, Hub ids that visitors type."""

import contextlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from ..checkpoint import read_config
from ..checkpoint.fetch import HubId, from_hub, hub_id, resolve
from ..errors import CheckpointError
from ..pipelines import DigitPipeline, Pix2PixPipeline
from ..pipelines.bounds import parameters
from .examples import EXAMPLE

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/]+/)+")  # not those of an address
LONGEST_NAME = 200  # characters; those of the Hub have 96 and a revision
# Models from typed ids that stay in memory, and their numbers; the least recently used one goes first.
MOST_TYPED, MOST_KEPT = 3, 200_000_000
MOST_NAMES = 100  # typed for them; a commit has as many as somebody likes


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


def kept(pipes: Iterable[Pix2PixPipeline]) -> int:
    """Numbers that models hold; the faster form of a generator has its own."""
    return sum(parameters(pipe.generator) * (1 if pipe.served is pipe.generator else 2) for pipe in pipes)


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
        self.typed: OrderedDict[Path, Pix2PixPipeline] = OrderedDict()  # by the folder of their commit
        self.commits: OrderedDict[str, Path] = OrderedDict()  # of what was typed
        self.own_turn, self.hub_turn = threading.Lock(), threading.Lock()
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
            # A wrong path is for who typed it to mend; the Hub's trouble, or a Space's, is not the visitors'.
            if asked is None or not own.exists() or not isinstance(resolve(asked), HubId):
                raise
            self.problems.append(str(error))
            return pipeline.from_pretrained(own, device=self.device)

    @staticmethod
    def _faster(pipe: Pix2PixPipeline) -> Pix2PixPipeline:
        pipe.speed_up()  # it serves already, and changes over when it has found the way
        return pipe

    def get(self, name: str, wait: bool = True) -> Pix2PixPipeline:
        """The pix2pix model `name`: one of `names`, or a Hub id `user/name[@revision]`, or the address of its page.

        One model comes from the Hub at a time. Nobody waits for that of another one, or a few slow ones would hold all
        the places of the queue.

        Args:
            wait: until a model of `names` that is being loaded is there.

        Raises:
            CheckpointError: no such model, it can't be loaded, or another one is coming from the Hub.
            Loading: it would have to wait.
        """
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise CheckpointError(f"model is {str(name)[:40]}: expected a name")
        name = name.strip()
        own = name in self.sources
        name = name if own else str(hub_id(name) or name)
        if pipe := self.loaded.get(name) or self._known(name):
            return pipe
        turn = self.own_turn if own else self.hub_turn
        if not turn.acquire(blocking=wait and own):
            if wait:
                raise CheckpointError("another model is being loaded from the Hub at the moment; try again in a minute")
            raise Loading
        try:
            return self._own(name) if own else self._typed(name)
        except CheckpointError as error:  # visitors read this: file names, but not where they lie on this machine
            raise CheckpointError(FOLDERS.sub("", str(error))) from None
        finally:
            turn.release()

    def _own(self, name: str) -> Pix2PixPipeline:
        if name not in self.loaded:
            self.loaded[name] = self._faster(Pix2PixPipeline.from_pretrained(self.sources[name], self.device))
        return self.loaded[name]

    def _known(self, name: str) -> Pix2PixPipeline | None:
        """The model that was loaded for this name, if it is still there."""
        with contextlib.suppress(KeyError):  # given up, maybe at this moment
            folder = self.commits[name]
            self.typed.move_to_end(folder)
            return self.typed[folder]

    def _typed(self, name: str) -> Pix2PixPipeline:
        if pipe := self._known(name):  # meanwhile
            return pipe
        repo = hub_id(name)
        if repo is None or Path(name).exists():  # visitors name repositories, never files of this machine
            raise CheckpointError(f"{name[:80]!r} is neither in the list nor a Hugging Face id like user/name")
        self.commits[name] = folder = from_hub(repo, stranger=True)
        while len(self.commits) > MOST_NAMES:
            self.commits.popitem(last=False)
        return self.typed.get(folder) or self._of_stranger(repo, folder)

    def _of_stranger(self, repo: HubId, folder: Path) -> Pix2PixPipeline:
        while len(self.typed) >= MOST_TYPED:
            self.typed.popitem(last=False)
        try:
            pipe = Pix2PixPipeline.of_stranger(repo, folder, self.device)
        except CheckpointError:
            raise
        except Exception as error:  # what nobody has thought of: strangers write these files
            logging.getLogger(__name__).error("%s can't be loaded", repo, exc_info=error)
            raise CheckpointError(f"{repo} can't be loaded: its files are not those of a pix2pix checkpoint") from None
        self.typed[folder] = pipe
        # It serves already. The next one waits until the faster form is found: two searches would fill the memory.
        pipe.speed_up().join()
        while kept(self.typed.values()) > MOST_KEPT:
            self.typed.popitem(last=False)
        return pipe
