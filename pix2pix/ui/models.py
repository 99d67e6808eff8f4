"""The models of a running app: those in `checkpoints/`, those of the command line, and Hub ids that visitors type."""

import contextlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..checkpoint import kind_of, read_config
from ..checkpoint.fetch import HubId, fetch, from_hub, hub_id, name_of, resolve
from ..checkpoint.locate import locate
from ..errors import CheckpointError
from ..pipelines import DigitPipeline, Pix2PixPipeline
from ..pipelines.bounds import parameters
from .examples import example_of

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/]+/)+")  # but not parts of an address
LONGEST_NAME = 200  # characters; names on the Hub have at most 96, and a revision
# Models from typed ids that stay in memory, and their numbers; the least recently used one goes first.
MOST_TYPED, MOST_KEPT = 3, 200_000_000
MOST_NAMES = 100  # typed for them; a commit has as many as somebody likes


def found(kind: str) -> dict[str, Path]:
    """Checkpoints of the project of one kind (see checkpoint/kind.py), by name."""
    names = {}
    for config in sorted(CHECKPOINTS.glob("*/config.json")):
        try:
            if kind_of(read_config(config.parent)) == kind:
                names[config.parent.name] = config.parent
        except CheckpointError:
            continue  # don't offer a broken checkpoint
    return names


def kept(pipes: Iterable[Pix2PixPipeline]) -> int:
    """Numbers that models hold; the faster form of a generator has its own."""
    return sum(parameters(pipe.generator) * (1 if pipe.served is pipe.generator else 2) for pipe in pipes)


class Loading(Exception):
    """A model is being loaded, and the caller asked not to wait."""


class Models:
    """Loads each model once.

    Args:
        handbags, digits: the checkpoints to start with; None: those of the project.
        device: "auto", "cpu", "cuda" or "mps".
        more: further pix2pix checkpoints to choose from, which are loaded when they are first asked for.

    Attributes:
        names: the pix2pix models to choose from; default: the first one shown.
        digits: the `DigitPipeline`.
        bags: whether the default model is the project's own, which paints handbags.
        foretaste: the first example of its subject, painted by the default model.
        problems: one sentence for each requested checkpoint that could not be loaded.

    Raises:
        CheckpointError: neither the requested nor the bundled checkpoint can be loaded.
        ValueError: no such device.
    """

    def __init__(
        self,
        handbags: str | None = None,
        digits: str | None = None,
        device: str = "auto",
        more: Sequence[str] = (),
    ):
        self.device, self.problems = device, []
        self.sources = {name_of(source): locate(fetch(source)) for source in more}
        self.sources |= {name: folder for name, folder in found("pix2pix").items() if name not in self.sources}
        self.loaded: dict[str, Pix2PixPipeline] = {}
        self.typed: OrderedDict[Path, Pix2PixPipeline] = OrderedDict()  # by the folder of their commit
        self.commits: OrderedDict[str, Path] = OrderedDict()  # of what was typed
        self.own_turn, self.hub_turn = threading.Lock(), threading.Lock()
        first = self._start(Pix2PixPipeline, handbags, "handbags")
        self.foretaste = first(example_of(first.subject))  # before the network thread is busy
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
            # A wrong path is an error. If the Hub fails, the app starts with the bundled checkpoint.
            if asked is None or not own.exists() or not isinstance(resolve(asked), HubId):
                raise
            self.problems.append(str(error))
            return pipeline.from_pretrained(own, device=self.device)

    @staticmethod
    def _faster(pipe: Pix2PixPipeline) -> Pix2PixPipeline:
        pipe.speed_up()  # it can paint at once, and becomes faster later
        return pipe

    def get(self, name: str, wait: bool = True) -> Pix2PixPipeline:
        """The pix2pix model `name`: one of `names`, or a Hub id `user/name[@revision]`, or the address of its page.

        Only one model is loaded from the Hub at a time, and others don't wait for it: a few slow downloads would fill
        the queue.

        Args:
            wait: whether to wait for a model of `names` that is being loaded.

        Raises:
            CheckpointError: there is no such model, it can't be loaded, or another is being loaded from the Hub.
            Loading: `wait` is false, and the model is not loaded yet.
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
        except CheckpointError as error:  # visitors read this, so without paths of this machine
            raise CheckpointError(FOLDERS.sub("", str(error))) from None
        finally:
            turn.release()

    def _own(self, name: str) -> Pix2PixPipeline:
        if name not in self.loaded:
            self.loaded[name] = self._faster(Pix2PixPipeline.of_folder(self.sources[name], name, self.device))
        return self.loaded[name]

    def _known(self, name: str) -> Pix2PixPipeline | None:
        """The model that was loaded for this name, if it is still there."""
        with contextlib.suppress(KeyError):  # given up, maybe at this moment
            folder = self.commits[name]
            self.typed.move_to_end(folder)
            return self.typed[folder]

    def _typed(self, name: str) -> Pix2PixPipeline:
        if pipe := self._known(name):  # loaded in the meantime
            return pipe
        repo = hub_id(name)
        if repo is None or Path(name).exists():  # visitors can't name files of this machine
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
        except CheckpointError as error:  # which may name the folder of the commit
            raise CheckpointError(str(error).replace(str(folder), str(repo))) from None
        except Exception as error:  # what nobody has thought of: strangers write these files
            logging.getLogger(__name__).error("%s can't be loaded", repo, exc_info=error)
            raise CheckpointError(f"{repo} can't be loaded: its files are not those of a pix2pix checkpoint") from None
        self.typed[folder] = pipe
        # It serves already. The next one waits until the faster form is found: two searches would fill the memory.
        pipe.speed_up().join()
        while kept(self.typed.values()) > MOST_KEPT:
            self.typed.popitem(last=False)
        return pipe
