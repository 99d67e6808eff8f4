"""The app as a Hugging Face Space, in one command: uploads what a Space needs of this folder.

python -m pix2pix.deploy user/space
python -m pix2pix.deploy user/space --handbags user/bags    on a checkpoint from the Hub

Running it again brings the Space up to date. Needs a token that may write (`hf auth login`).
"""

import argparse
import sys
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from .checkpoint.push import check_name, one_sentence
from .errors import HubError

ROOT = Path(__file__).parents[1]
NEEDED = ["README.md", "docs/app.webp", "LICENSE", "app.py", "requirements.txt", "pix2pix/*", "checkpoints/*"]
OURS = ["pix2pix/*", "checkpoints/*"]  # of which files that are here no more go there too
LEFT_OUT = ["*/__pycache__/*", "checkpoints/*/training/*", "checkpoints/digit-judge/*"]  # the judge is for evaluation


def deploy(space: str, **checkpoints: str | None) -> str:
    """Makes or updates the Space; returns its address.

    Args:
        space: `user/name` on the Hub.
        checkpoints: handbags, digits: Hub ids, which become variables of the Space that app.py reads.

    Raises:
        HubError: one sentence that says why it can't.
    """
    check_name(space)
    for repo in filter(None, checkpoints.values()):
        if Path(repo).exists():
            raise HubError(f"a Space can't load the folder {repo}: push it first (`train.py push {repo} user/name`)")
        check_name(repo.partition("@")[0])
    with one_sentence(f"deploy to {space}"):
        for repo in filter(None, checkpoints.values()):
            check_there(repo)
        api = HfApi()
        address = api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True)
        there = api.get_space_variables(space)  # before the files, with which the Space starts
        for name, repo in checkpoints.items():
            if repo:
                api.add_space_variable(space, name.upper(), repo)
            elif name.upper() in there:
                api.delete_space_variable(space, name.upper())
        files = {"allow_patterns": NEEDED, "ignore_patterns": LEFT_OUT, "delete_patterns": OURS}
        api.upload_folder(repo_id=space, folder_path=ROOT, repo_type="space", **files)
        return str(address)


def check_there(repo: str) -> None:
    """Raises HubError unless the Hub has the model user/name[@revision]: the Space would start without it."""
    name, _, revision = repo.partition("@")
    try:
        HfApi().model_info(name, revision=revision or None)
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise HubError(f"there is no model {repo} on the Hub, or the token may not see it; push it first") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("space", metavar="USER/SPACE", help="name of the Space; it is made if there is none")
    parser.add_argument("--handbags", metavar="REPO", help="pix2pix checkpoint on the Hub: user/name[@revision]")
    parser.add_argument("--digits", metavar="REPO", help="DCGAN checkpoint on the Hub")
    args = parser.parse_args()
    try:
        print(f"The Space is at {deploy(args.space, handbags=args.handbags, digits=args.digits)}")
    except HubError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
