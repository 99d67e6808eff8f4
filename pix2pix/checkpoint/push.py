"""Uploads a checkpoint with its model card to the Hugging Face Hub.

`huggingface_hub` transfers the files, with its own token (`hf auth login`, or HF_TOKEN). fetch.py downloads.
"""

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path

from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.utils import validate_repo_id

from ..atomic_files import replacing
from ..errors import CheckpointError, HubError
from ..networks import DCGANGenerator, UNetGenerator
from .fetch import detail
from .kind import kind_of
from .locate import CARD, CONFIG, PUBLISHED, WEIGHTS
from .model_card import model_card
from .store import read_config


def check_name(repo: str) -> None:
    """Raises HubError unless `repo` is a full name, user/name."""
    try:
        validate_repo_id(repo)
        full = "/" in repo
    except HFValidationError:
        full = False
    if not full:
        raise HubError(f"{repo!r} is not the name of a repository on the Hub: expected user/name")


@contextlib.contextmanager
def one_sentence(task: str, comfort: str = "") -> Iterator[None]:
    """Turns any error of an upload into a HubError: "can't `task`: why, what to do; `comfort`"."""
    try:
        if get_token() is None:
            raise HubError("there is no token; log in with `hf auth login`")
        yield
    except HubError as error:
        why = str(error)
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            why = "the token may not write there; check the name, or log in with `hf auth login` and a token that may"
        else:
            why = f"the Hub answered with status {status} ({detail(error)})"
    except Exception as error:  # any error of the Hub client's HTTP library
        why = f"the upload failed ({detail(error)}); check the network"
    else:
        return
    raise HubError(f"can't {task}: {why}{comfort}")


def push(folder: str | Path, repo: str) -> str:
    """Writes or updates the model card, uploads the checkpoint folder, and returns its address.

    Raises:
        CheckpointError: the folder holds no checkpoint.
        HubError: wrong name, no token, or the Hub can't be reached. The checkpoint on disk is unchanged.
    """
    check_name(repo)
    folder = Path(folder)
    config = read_config(folder)
    if not (folder / WEIGHTS).exists():
        raise CheckpointError(f"{folder} is not a checkpoint: it has no {WEIGHTS}")
    network = UNetGenerator if kind_of(config) == "pix2pix" else DCGANGenerator
    file = folder / CARD
    try:
        written = file.read_text(encoding="utf-8") if file.exists() else None
        card = model_card(network._hub_mixin_info.model_card_data, config, repo, written)
    except Exception:  # any error of the YAML reader
        raise CheckpointError(
            f"no model card can be made of {folder}: {CARD} has to be UTF-8 with a head of valid YAML, "
            f"and training and metrics in {CONFIG} have to be objects"
        ) from None
    with replacing(file) as aside:
        card.save(aside)
    later = shlex.join(["python", "train.py", "push", str(folder), repo])
    with one_sentence(f"upload {folder} to {repo}", f"; the checkpoint is kept, to upload it later: {later}"):
        api = HfApi()
        address = api.create_repo(repo, exist_ok=True)
        api.upload_folder(repo_id=repo, folder_path=folder, allow_patterns=PUBLISHED)
        return str(address)
