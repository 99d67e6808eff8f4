"""The page without a server as a static Space: deploy.py's `--static`."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml
from huggingface_hub import HfApi, RepoCard

from .checkpoint.push import check_name, one_sentence
from .site import DIGITS, make, own_pictures
from .ui.models import CHECKPOINTS

KEPT = ("title", "emoji", "colorFrom", "colorTo", "license", "pinned", "tags", "short_description")  # of README.md
# With these a page may use several threads: https://huggingface.co/docs/hub/spaces-config-reference
HEADERS = {
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "cross-origin",
}
OURS = ["files/*", "scripts/*"]  # files of an older site are deleted there


def deploy_static(
    space: str, pictures: Sequence[str] = (), digits: str | None = None, private: bool = False, dry_run: bool = False
) -> str | None:
    """Creates or updates the Space, after listing what is uploaded; returns its address.

    Args:
        space: `user/name` on the Hub.
        pictures, digits: sources, see `pix2pix.site.make`; those of this project where they are left out.
        private, dry_run: see `deploy`.

    Raises:
        CheckpointError, DataError, DiskError: the site can't be made.
        HubError: one sentence that says why the upload failed.
    """
    check_name(space)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        size = make(folder, list(pictures) or own_pictures(), digits or DIGITS)
        (folder / "README.md").write_text(card(), encoding="utf-8")
        count = sum(1 for file in folder.rglob("*") if file.is_file())
        print(f"To the static Space {space} go {count} files, {size / 1e6:.1f} MB", flush=True)
        if dry_run:
            return None
        with one_sentence(f"deploy to {space}"):
            api = HfApi()
            address = api.create_repo(
                space, repo_type="space", space_sdk="static", private=private or None, exist_ok=True
            )
            if private:
                api.update_repo_settings(space, repo_type="space", private=True)
            api.upload_folder(repo_id=space, folder_path=folder, repo_type="space", delete_patterns=OURS)
            return str(address)


def card() -> str:
    """The Space's README.md."""
    own = RepoCard.load(CHECKPOINTS.parent / "README.md", ignore_metadata_errors=True).data.to_dict()
    head = {key: own[key] for key in KEPT if key in own}
    head |= {"sdk": "static", "app_file": "index.html", "models": [], "custom_headers": HEADERS}
    text = "Draw an outline, and a network paints it on your own device. Made by `python -m pix2pix.deploy --static`."
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n\n# {head['title']}\n\n{text}\n"
