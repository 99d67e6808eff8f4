"""Finds the files of a checkpoint by its name: a folder or `.pth` file on disk, or a repository on the Hub."""

import contextlib
import fnmatch
import functools
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import (
    DryRunError,
    GatedRepoError,
    HfHubHTTPError,
    HfUriError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import parse_hf_uri

from ..errors import CheckpointError
from .locate import CONFIG, PARTS, WEIGHTS, discriminator_name, locate, pick
from .store import MOST_CONFIG

LARGEST, LARGEST_OF_STRANGERS = 2 * 10**9, 10**9  # bytes from the Hub; the paper's networks take 0.3 * 10**9
MOST_FILES, MOST_LISTED = 200, 10_000  # of a stranger's repository: those to fetch, and all of them
# A revision has no ".." and does not start with a slash, because the Hub's client uses it in paths.
REPO = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[\w.-]+)(@(?P<revision>(?!.*\.\.)\w[\w./-]*))?", re.ASCII)
PTH = re.compile(r"(?!.*\.\.)\w[\w./ -]*\.pth", re.ASCII)


class HubId(NamedTuple):
    """A repository, and optionally a revision and a file in it. `str` gives its name for messages."""

    repo: str
    revision: str | None = None
    file: str | None = None  # a .pth file; None: choose the checkpoint as in a folder

    def __str__(self) -> str:
        return self.repo + (f"@{self.revision}" if self.revision else "") + (f"/{self.file}" if self.file else "")

    @property
    def source(self) -> str:
        """What `hub_id` reads as this one, and nothing else that somebody may have written beside it."""
        page = f"{constants.ENDPOINT}/{self.repo}/blob/{self.revision or constants.DEFAULT_REVISION}/{self.file}"
        return page if self.file else str(self)


def hub_id(source: str | os.PathLike) -> HubId | None:
    """Reads `user/name[@revision]` or the address of a page or file on the Hub; None for anything else."""
    text = str(source).strip()
    if match := REPO.fullmatch(text):
        return HubId(match["repo"], match["revision"]) if not text.endswith(".pth") else None
    try:
        uri = parse_hf_uri(text, endpoint=constants.ENDPOINT)
    except (HfUriError, ValueError):
        return None
    revision = None if uri.revision == constants.DEFAULT_REVISION else uri.revision
    name = HubId(uri.id, revision)
    if uri.type != "model" or not REPO.fullmatch(str(name)):
        return None
    return name._replace(file=uri.path_in_repo if PTH.fullmatch(uri.path_in_repo) else None)


def resolve(source: str | os.PathLike) -> Path | HubId:
    """The path or the repository that `source` names. A path that exists comes first.

    Raises:
        CheckpointError: neither.
    """
    text = str(source).strip()
    for path in map(Path, (source, text)):
        if path.expanduser().exists():
            return path.expanduser()
    name = hub_id(text)
    if name is None or Path(text).expanduser().parent.is_dir():
        raise CheckpointError(
            f"no checkpoint at {text}: expected a folder, a .pth file or a Hub id user/name[@revision]"
        )
    return name


def fetch(source: str | os.PathLike) -> Path:
    """Local folder or file of a checkpoint (see locate.py), from a path, a Hub id or the address of a Hub's page.

    Files from the Hub are cached by `huggingface_hub`; private repositories use its standard token.

    Raises:
        CheckpointError: no such path or repository, or the Hub can't be reached.
    """
    found = resolve(source)
    return found if isinstance(found, Path) else from_hub(found)


def from_hub(name: HubId, stranger: bool = False) -> Path:
    """Downloads a checkpoint into the cache; returns its folder, or the `.pth` file that was named.

    Args:
        stranger: whether a visitor of an app asks. Then only public repositories with safetensors of at most 1 GB are
            loaded, without a token.

    Raises:
        CheckpointError: it can't be downloaded. A stranger gets no advice about this machine.
    """
    revision, advice, token = name.revision, "", False if stranger else None
    try:
        if stranger:
            revision = public_commit(name)
        get = functools.partial(snapshot_download, name.repo, revision=revision, token=token)
        wanted = PARTS if stranger else [*PARTS, "*.pth"]
        with contextlib.suppress(DryRunError):  # the Hub can't be reached; the cache may have it
            sizes = {file.filename: file.file_size for file in get(allow_patterns=wanted, dry_run=True)}
            wanted = needed(name, sizes)
            check_sizes(name, {file: sizes[file] for file in wanted}, stranger)
        folder = Path(get(allow_patterns=wanted))
        return folder / name.file if name.file else folder
    except CheckpointError:
        raise
    except GatedRepoError:
        why, advice = "access is restricted", "; ask for it on its page, then log in with `hf auth login`"
    except RepositoryNotFoundError:
        why = "there is no such public repository" if stranger else "no such repository, or it is private"
        advice = "; check the name (no such folder is here either), or log in with `hf auth login`"
    except RevisionNotFoundError:
        why = f"it has no revision {name.revision!r}"
    except HFValidationError:
        why = "not a valid repository name"
    except LocalEntryNotFoundError:
        why, advice = "the Hub can't be reached and no copy is in the cache", "; check the network"
    except HfHubHTTPError as error:
        status = error.response.status_code
        why, advice = f"the Hub answered with status {status}", "; try again later"
        if status == 401:
            why, advice = "the token is not valid", "; log in again with `hf auth login`, or unset HF_TOKEN"
    except Exception as error:  # a full disk, or any error of the Hub client's HTTP library
        why, advice = "the download failed", f" ({detail(error)}); check network and disk space, then try again"
    raise CheckpointError(f"can't load {name} from the Hub: {why}{'' if stranger else advice}")


def public_commit(name: HubId) -> str:
    """The commit of a public repository that a name stands for.

    When the Hub refuses access, its client answers from the cache, which may hold private repositories of whoever runs
    the app. So the Hub itself is asked whether the repository is public, and for the commit.
    """
    info = HfApi(token=False).model_info(name.repo, revision=name.revision)
    if info.gated:
        raise CheckpointError(f"can't load {name} from the Hub: access to it is restricted")
    files = {file.rfilename for file in info.siblings or ()}
    if name.file or not files >= {CONFIG, WEIGHTS}:
        raise CheckpointError(f"can't load {name} from the Hub: expected a repository with {CONFIG} and {WEIGHTS}")
    if len(files) > MOST_LISTED:  # the Hub's client would list them all again, twice
        raise CheckpointError(f"can't load {name} from the Hub: it holds more than {MOST_LISTED} files")
    if sum(any(fnmatch.fnmatch(file, part) for part in PARTS) for file in files) > MOST_FILES:
        raise CheckpointError(f"can't load {name} from the Hub: it holds more than {MOST_FILES} files")
    assert info.sha is not None  # the Hub always names the commit
    return info.sha


def needed(name: HubId, files: Iterable[str]) -> list[str]:
    """The files of a repository that belong to one checkpoint."""
    generator = name.file or pick(files, name)
    if generator not in files:
        raise CheckpointError(f"can't load {name} from the Hub: it has no such file")
    if generator == CONFIG:
        return [file for file in files if not file.endswith(".pth")]
    folder, _, file = generator.rpartition("/")
    both = [generator, str(Path(folder, discriminator_name(file) or file))]
    return [file for file in files if file in both]


def check_sizes(name: HubId, announced: Mapping[str, int | None], stranger: bool) -> None:
    sizes = {file: size for file, size in announced.items() if size is not None}
    if unknown := announced.keys() - sizes.keys():
        raise CheckpointError(f"can't load {name} from the Hub: it does not say how large {min(unknown)} is")
    total, most = sum(sizes.values()), LARGEST_OF_STRANGERS if stranger else LARGEST
    if total > most:
        raise CheckpointError(
            f"can't load {name} from the Hub: it holds {total / 1e9:.0f} GB; expected {most / 1e9:.0f} GB at most"
        )
    for file, size in sizes.items():
        if file.endswith(CONFIG) and size > MOST_CONFIG:
            raise CheckpointError(f"can't load {name} from the Hub: {file} is larger than {MOST_CONFIG} bytes")


def name_of(source: str | os.PathLike) -> str:
    """The name of a checkpoint on the page: its folder, its `.pth` file without the ending, or its Hub id."""
    path = Path(source).expanduser()
    if not path.exists():
        return str(hub_id(source) or source)
    return locate(path).resolve().name.removesuffix(".pth") if path.is_file() else path.resolve().name


def detail(error: Exception) -> str:
    """The message of a library's error, shortened to one line."""
    return getattr(error, "strerror", None) or " ".join(str(error).split())[:200] or type(error).__name__
