"""From the name of a checkpoint to its files: a folder or `.pth` file on disk, or a repository on the Hub."""

import contextlib
import functools
import os
import re
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    DryRunError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from ..errors import CheckpointError
from .store import CONFIG, WEIGHTS

FILES = [CONFIG, WEIGHTS, "*.pth", "discriminator/*", "snapshots/*.webp"]
LARGEST = 2 * 10**9  # bytes from the Hub; the paper's networks take 0.3, and visitors of an app name what to load
# No ".." and no slash first: the Hub's client makes paths of a revision.
REPO = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[\w.-]+)(@(?P<revision>(?!.*\.\.)\w[\w./-]*))?", re.ASCII)


def fetch(source: str | os.PathLike, token: bool | None = None) -> Path:
    """Local folder or `.pth` file of a checkpoint, from a path or a Hub id `user/name[@revision]`.

    Files from the Hub are cached by `huggingface_hub`; private repositories use its standard token.

    Args:
        token: False for what a stranger asks for: public repositories only.

    Raises:
        CheckpointError: no such path or repository, or the Hub can't be reached.
    """
    path = Path(source).expanduser()
    if path.exists():
        return path
    match = REPO.fullmatch(str(source))
    if match is None or path.parent.is_dir() or path.suffix == ".pth":
        raise CheckpointError(
            f"no checkpoint at {source}: expected a folder, a .pth file or a Hub id user/name[@revision]"
        )
    revision, size, advice = match["revision"], 0, ""
    stranger = token is False  # who can do nothing about token, network and disk of this machine
    try:
        if stranger:
            # Where the Hub refuses, its client answers from the cache, and that holds what the one who runs this may
            # read. So the Hub has to say that the repository is everyone's, and which commit is meant.
            info = HfApi(token=False).model_info(match["repo"], revision=revision)
            if info.gated:
                raise CheckpointError(f"can't load {source} from the Hub: access to it is restricted")
            revision = info.sha
        get = functools.partial(snapshot_download, match["repo"], revision=revision, allow_patterns=FILES, token=token)
        with contextlib.suppress(DryRunError):  # no way to the Hub: the cache may have it
            size = sum(file.file_size for file in get(dry_run=True))
        if size <= LARGEST:
            return Path(get())
        why = f"it holds {size / 1e9:.0f} GB; expected {LARGEST / 1e9:.0f} GB at most"
    except CheckpointError:
        raise
    except GatedRepoError:
        why, advice = "access is restricted", "; ask for it on its page, then log in with `hf auth login`"
    except RepositoryNotFoundError:
        why = "there is no such public repository" if stranger else "no such repository, or it is private"
        advice = "; check the name, or log in with `hf auth login`"
    except RevisionNotFoundError:
        why = f"it has no revision {match['revision']!r}"
    except HFValidationError:
        why = "not a valid repository name"
    except LocalEntryNotFoundError:
        why, advice = "the Hub can't be reached and no copy is in the cache", "; check the network"
    except HfHubHTTPError as error:
        status = error.response.status_code
        why, advice = f"the Hub answered with status {status}", "; try again later"
        if status == 401:
            why, advice = "the token is not valid", "; log in again with `hf auth login`, or unset HF_TOKEN"
    except Exception as error:  # the cache's disk, or whatever the Hub client's HTTP library of the day raises
        why, advice = "the download failed", f" ({detail(error)}); check network and disk space, then try again"
    raise CheckpointError(f"can't load {source} from the Hub: {why}{'' if stranger else advice}")


def name_of(source: str | os.PathLike) -> str:
    """What people call a checkpoint: its folder, its `.pth` file without the ending, or its Hub id."""
    path = Path(source).expanduser()
    return path.resolve().name.removesuffix(".pth") if path.exists() else str(source)


def detail(error: Exception) -> str:
    """What a library says of its failure, short and in one line."""
    return getattr(error, "strerror", None) or " ".join(str(error).split())[:200] or type(error).__name__
