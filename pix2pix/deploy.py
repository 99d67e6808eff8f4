"""Uploads the app as a Hugging Face Space: the files that a Space needs, and no others.

python -m pix2pix.deploy user/space
python -m pix2pix.deploy user/space --dry-run               list what would be uploaded
python -m pix2pix.deploy user/space --pix2pix user/bags     on a checkpoint from the Hub
python -m pix2pix.deploy user/space --static                the page without a server (see pix2pix/site.py)

Run it again to update the Space. It needs a token with write access (`hf auth login`).
"""

import argparse
import glob
import re
import subprocess
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from .arguments import ends_clearly, print_anything
from .checkpoint.fetch import HubId, hub_id
from .checkpoint.locate import CONFIG, PUBLISHED, WEIGHTS, pick
from .checkpoint.push import check_name, one_sentence
from .checkpoint.weights import MOST_HEADER
from .errors import CheckpointError, HubError

ROOT = Path(__file__).parents[1]
SINGLE = ["README.md", "docs/app.webp", "docs/bags.webp", "docs/maps.webp", "LICENSE", "app.py", "requirements.txt"]
PROGRAM = {".py", ".js", ".mjs", ".gz", ".css", ".html", ".json", ".txt"}  # endings in pix2pix/
SERVED = ["handbags", "shoes", "maps", "digits"]  # of checkpoints/
OURS = ["pix2pix/*", "checkpoints/*"]  # files that no longer exist here are deleted there
SECRET_NAME = re.compile(
    r"(^|[._-])(secrets?|credentials?|tokens?|passwords?|passwd|id_rsa|id_dsa|id_ecdsa|id_ed25519|kaggle|netrc|pgpass|pypirc"
    r"|npmrc|htpasswd|cookies|(api|private)[_-]?key|aws|gcp|azure|service[_-]account)([._-]|$)",
    re.IGNORECASE,
)
SECRETS = {
    "a token of Hugging Face": re.compile(rb"\b(hf|api_org)_\w{30,}"),
    "a private key": re.compile(
        rb"---- ?BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)? ?----|PuTTY-User-Key-Fil[e]|AGE-SECRET-KEY-[1]"
    ),
    "a key of AWS": re.compile(rb"\b(AKIA|ASIA)[0-9A-Z]{16}\b|aws_secret_access_ke[y]", re.IGNORECASE),
    "a token of GitLab": re.compile(rb"\bgl(pat|dt|rt|cbt|ptt)-[\w-]{20,}"),
    "a token of PyPI or npm": re.compile(rb"\bpypi-[\w-]{50,}|\bnpm_[A-Za-z0-9]{36}"),
    "a token of GitHub": re.compile(rb"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{30,})"),
    "a key of Google": re.compile(rb"\bAIza[\w-]{35}"),
    "a token of Slack": re.compile(rb"\bxox[abprs]-[\w-]{10,}"),
    "an API key": re.compile(rb"\b(sk-[\w-]{32,}|(sk|rk)_live_\w{20,}|r8_\w{30,})"),
    "a token": re.compile(rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "a password": re.compile(
        rb"\b[a-z][a-z0-9+]{1,20}://[^\s/:@\"'<>{}$]{1,80}:[^\s/:@\"'<>{}$]{1,200}@[a-z0-9]", re.IGNORECASE
    ),
    "a key": re.compile(
        rb"\b\w*(api_?key|secret|password|token)[\"']?\s?[=:]\s?[\"']?[A-Za-z0-9_-]{32,}", re.IGNORECASE
    ),
}


def deploy(
    space: str, also: Iterable[str] = (), private: bool = False, dry_run: bool = False, **checkpoints: str | None
) -> str | None:
    """Creates or updates the Space, after listing what is uploaded; returns its address.

    Args:
        space: `user/name` on the Hub.
        also: more folders of checkpoints/ for the Space.
        private: only its owner sees the Space. False: leave it as it is; a new one gets the account's default.
        dry_run: only list what would be uploaded.
        checkpoints: handbags, digits: Hub ids. They are stored in variables of the Space, which app.py reads.

    Raises:
        HubError: one sentence that says why it failed.
    """
    check_name(space)
    asked = {name: repo.strip() for name, repo in checkpoints.items() if repo}
    ids: dict[str, HubId] = {}
    for name, repo in asked.items():
        if Path(repo).exists():
            raise HubError(f"a Space can't load the folder {repo}: push it first (`train.py push {repo} user/name`)")
        if (found := hub_id(repo)) is None:
            raise HubError(f"{repo!r} is not the name of a repository on the Hub: expected user/name")
        ids[name] = found
    files = belonging([*SERVED, *also])
    if dry_run:
        return print(summary(space, files))
    with one_sentence(f"deploy to {space}"):
        for name, found in ids.items():
            check_there(found, digits=name == "digits")
        print(summary(space, files), flush=True)
        api = HfApi()
        address = api.create_repo(space, repo_type="space", space_sdk="gradio", private=private or None, exist_ok=True)
        if private:  # also an existing Space
            api.update_repo_settings(space, repo_type="space", private=True)
        there = api.get_space_variables(space)  # before the upload, which starts the Space
        for name in checkpoints:
            if name in asked:
                api.add_space_variable(space, name.upper(), ids[name].source)  # everybody can read it
            elif name.upper() in there:
                api.delete_space_variable(space, name.upper())
        exactly = [glob.escape(file) for file in files]
        api.upload_folder(
            repo_id=space, folder_path=ROOT, repo_type="space", allow_patterns=exactly, delete_patterns=OURS
        )
        return str(address)


def belonging(served: Iterable[str]) -> list[str]:
    """The files that a Space needs, chosen by ending and folder. Links and hidden files are left out.

    Raises:
        HubError: one of `served` is no checkpoint, or a file seems to hold a secret.
    """
    files = [ROOT / name for name in SINGLE]
    files += [file for file in program_files() if file.suffix in PROGRAM]
    for name in served:
        folder = ROOT / "checkpoints" / name
        if folder.parent != ROOT / "checkpoints" or not (folder / CONFIG).is_file():
            raise HubError(f"checkpoints/ holds no checkpoint {name!r}: expected a folder in it, with {CONFIG}")
        files += [file for part in PUBLISHED for file in folder.glob(part)]
    names = {file.relative_to(ROOT).as_posix() for file in files if file.is_file() and not linked(file)}
    names = sorted(name for name in names if not re.search(r"(^|/)(\.|__pycache__/)", name))
    for name in names:
        if found := secret_in(ROOT / name):
            raise HubError(f"{name} is not uploaded, nor anything else: {found}; take it out of this folder")
    return names


def linked(file: Path) -> bool:
    """Whether it is a link, or lies behind one: then it may be anything of somebody's."""
    return file.resolve() != ROOT.resolve() / file.relative_to(ROOT)


def program_files() -> list[Path]:
    """The files of pix2pix/; in a clone only those that git knows, so that no other file of somebody's goes up."""
    if not (ROOT / ".git").exists():
        return list((ROOT / "pix2pix").rglob("*"))
    try:
        listed = subprocess.run(["git", "ls-files", "-z", "pix2pix"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise HubError("this folder is a clone, but git can't list its files: install git, then try again") from None
    return [ROOT / name for name in listed.decode().split("\0") if name]


def secret_in(file: Path) -> str | None:
    """Why a file seems to hold a secret; None if it does not."""
    if SECRET_NAME.search(file.name):
        return "by its name it holds a secret"
    with open(file, "rb") as handle:  # of weights only the head, which may hold words
        content = handle.read(MOST_HEADER + 8 if file.suffix == ".safetensors" else -1)
    content = content.replace(b"\0", b"")  # as in UTF-16
    for what, pattern in SECRETS.items():
        if match := pattern.search(content):
            return f"line {content.count(bytes([10]), 0, match.start()) + 1} looks like {what}"
    return None


def summary(space: str, files: list[str]) -> str:
    """Lists what is uploaded, folder by folder."""
    size = sum((ROOT / file).stat().st_size for file in files)
    lines = [f"To the Space {space} go {len(files)} files, {size / 1e6:.1f} MB:"]
    for folder, names in groupby(sorted(files, key=lambda file: (str(Path(file).parent), file)), key=folder_of):
        lines.append(f"  {folder}: {', '.join(Path(name).name for name in names)}")
    return "\n".join(lines)


def folder_of(file: str) -> str:
    return Path(file).parent.as_posix()


def check_there(name: HubId, digits: bool) -> None:
    """Raises HubError unless the Hub has this checkpoint, because the Space would start without it."""
    try:
        info = HfApi().model_info(name.repo, revision=name.revision)
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise HubError(f"there is no model {name} on the Hub, or the token may not see it; push it first") from None
    files = {file.rfilename for file in info.siblings or ()}
    try:
        chosen = name.file or (CONFIG if digits else pick(files, name))
    except CheckpointError as error:
        raise HubError(f"{error}; push it first") from None
    if missing := {chosen, *([WEIGHTS] if chosen == CONFIG else [])} - files:
        raise HubError(f"{name} on the Hub holds no {' and no '.join(sorted(missing))}; push it first")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pix2pix.deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("space", metavar="USER/SPACE", help="name of the Space; it is created if it does not exist")
    add = parser.add_argument
    add("--pix2pix", "--handbags", dest="handbags", metavar="REPO", help="checkpoint on the Hub: user/name[@revision]")
    add("--dcgan", "--digits", dest="digits", metavar="REPO", help="DCGAN checkpoint on the Hub")
    parser.add_argument(
        "--also", nargs="+", default=[], metavar="NAME", help="more checkpoints for the Space: folders of checkpoints/"
    )
    parser.add_argument("--private", action="store_true", help="only you see the Space")
    parser.add_argument("--dry-run", action="store_true", help="only list what would be uploaded")
    parser.add_argument(
        "--static", action="store_true", help="visitors' devices paint; --pix2pix and --dcgan may be folders here"
    )
    print_anything()
    args = vars(parser.parse_args())
    with ends_clearly("deploy"):
        if args.pop("static"):
            from .deploy_static import deploy_static  # it loads the app's page

            if args.pop("also"):
                raise HubError("--also names checkpoints of the app: with --static, give --pix2pix")
            bags = args.pop("handbags")
            address = deploy_static(args.pop("space"), [bags] if bags else [], **args)
        else:
            address = deploy(**args)
    if address:
        print(f"The Space is at {address}")


if __name__ == "__main__":
    main()
