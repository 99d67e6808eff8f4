"""Faults: a training killed at any moment, a full disk, cut files. What was saved stays whole, and the run goes on."""

import multiprocessing
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from trainings import TINY, assert_same, options, pix2pix, state
from warm import Python

from pix2pix import DataError, Pix2PixPipeline
from pix2pix.training.log import LossLog, read_losses
from pix2pix.training.paired import PairedBatches

KILLS = 5
STEPS_PER_EPOCH = 3  # six pairs, two a batch


# --- real runs, each in a process of its own ------------------------------------------------------------------------


TRAIN = """
import os, resource, sys, train, pix2pix.training.loop as loop
if seconds := os.environ.get("SECONDS_BETWEEN_SAVES"):
    loop.SECONDS_BETWEEN_SAVES = float(seconds)
if limit := os.environ.get("LARGEST_FILE"):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
train.main(sys.argv[1:])
"""
SHOW_EVERY_STEP = {"TQDM_MININTERVAL": "0", "OMP_NUM_THREADS": "1"}


class Run:
    """`train.py` with `words`; what it says (the progress bar) comes through a pipe."""

    def __init__(self, *words, **environment: str):
        self.said, end = multiprocessing.Pipe(duplex=False)
        self.text = ""
        self.process = Python("-c", TRAIN, *words, output=end, env=os.environ | SHOW_EVERY_STEP | environment)
        end.close()

    def listen(self) -> bool:
        """Reads what has been said since; True if there was anything. Never waits."""
        news = False
        while self.said.poll():
            chunk = os.read(self.said.fileno(), 65536)
            if not chunk:
                break
            news = True
            self.text += chunk.decode(errors="replace")
        return news

    def finish(self) -> int:
        """Waits for the end; returns the exit status."""
        while chunk := os.read(self.said.fileno(), 65536):
            self.text += chunk.decode(errors="replace")
        return self.process.wait()

    @property
    def steps(self) -> int:
        """The last step that the progress bar showed."""
        shown = re.findall(r"(\d+)/\d+ \[", self.text)
        return int(shown[-1]) if shown else 0


def files(folder: Path) -> set:
    """Every finished file with its size and time: a look at how far a save has come."""
    found = set()
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]  # of what is written aside,
        for name in names:  # a fast look would see every block
            if name.startswith("."):
                continue
            try:
                facts = os.stat(os.path.join(place, name))
                found.add((place, name, facts.st_size, facts.st_mtime_ns))
            except FileNotFoundError:
                continue  # renamed meanwhile
    return found


def kill_after(run: Run, events: int, folder: Path) -> None:
    """SIGKILL at the so-many-th sign of progress: a step that the bar shows, or a file that changes."""
    before = files(folder)
    while events > 0:
        assert run.process.poll() is None, run.text
        events -= run.listen()
        if (now := files(folder)) != before:
            before, events = now, events - 1
    run.process.kill()
    run.finish()


def unfinished(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob(".*")]


def test_a_training_killed_again_and_again_loses_only_the_steps_since_the_last_save(pairs, tmp_path):
    """The same run goes on after every kill, and ends bit for bit where one that nobody killed does."""
    folder = tmp_path / "killed"
    words = ["pix2pix", "--dataroot", pairs, "--output_dir", folder, *TINY, "--batch_size", 2]
    words += shlex.split("--log_interval 2 --save_image_interval 2 --save_data_interval 1 --epochs")
    assert Run(*words, 1).finish() == 0
    moments, kills, in_a_save, done = random.Random(7), 0, 0, STEPS_PER_EPOCH
    while kills < KILLS or not in_a_save:  # at least one has to come in the middle of a save
        kills += 1
        assert kills < 40
        run = Run(*words, 10_000, "--resume")
        kill_after(run, moments.randint(3, 45), folder)
        in_a_save += bool(unfinished(folder))
        epoch, batch, _ = state(folder)["position"]
        saved = epoch * STEPS_PER_EPOCH + batch
        assert saved >= max(done, run.steps - STEPS_PER_EPOCH)
        done = saved
        assert Pix2PixPipeline.from_pretrained(folder, device="cpu").discriminator is not None
    print(f"{kills} kills, {in_a_save} of them in the middle of a save, {done} steps kept")

    end = done // STEPS_PER_EPOCH + 1
    assert Run(*words, end, "--resume").finish() == 0
    assert unfinished(folder) == []
    whole = tmp_path / "whole"
    words[words.index(folder)] = whole
    words[words.index("--save_data_interval") + 1] = 10_000
    assert Run(*words, end).finish() == 0
    assert_same(state(folder), state(whole))
    for file in ("model.safetensors", "discriminator/model.safetensors", "training/losses.csv"):
        assert (folder / file).read_bytes() == (whole / file).read_bytes(), file


# --- a full disk ----------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(place: Path, size: str):
    """A real file system of so many bytes; needs root."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"only root can mount a small disk here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_hard_kill_in_the_first_epoch_loses_minutes_and_frees_the_folder(pairs, tmp_path):
    """The state is saved by time too. While the run goes on nobody else writes there; after a kill others do."""
    folder = tmp_path / "out"
    words = ["pix2pix", "--dataroot", pairs, "--output_dir", folder, *TINY, "--batch_size", 2, "--epochs", 10**6]
    words += ["--save_data_interval", 10**6, "--save_image_interval", 10**6]
    first = Run(*words, SECONDS_BETWEEN_SAVES="0")
    while not (folder / "training" / "state.pt").exists():
        assert first.process.poll() is None, first.text
        first.said.poll(1)  # until it says something
        first.listen()
    others = Run(*words), Run(*words, "--resume")
    for other in others:
        assert other.finish() == 1
        assert re.search(r"train\.py: another training writes into .*out at this moment", other.text), other.text
    first.process.kill()
    first.finish()
    done = state(folder)["position"][2]
    assert done > 0
    again = Run(*words[:-4], "--epochs", done // 6 + 1, "--resume")
    assert again.finish() == 0, again.text


def test_a_full_disk_is_one_sentence_and_the_run_goes_on_when_there_is_room(pairs, tmp_path):
    words = ["pix2pix", "--dataroot", pairs, *TINY, "--batch_size", 2, "--save_data_interval", 1]
    with small_disk(tmp_path / "disk", "4m") as disk:
        words += ["--output_dir", disk / "out", "--epochs"]
        assert Run(*words, 1).finish() == 0
        before = contents(disk / "out")
        with open(disk / "filler", "wb", buffering=0) as filler:
            room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            filler.write(bytes(room - 40_000))  # less than a state takes
        run = Run(*words, 3, "--resume")
        assert run.finish() == 1
        assert re.search(
            r"train\.py: .* can't be written \(No space left on device\); what was there before is kept", run.text
        )
        assert "Traceback" not in run.text
        after = contents(disk / "out")
        assert [path for path in before if after[path] != before[path] and path.suffix != ".csv"] == []
        assert unfinished(disk) == []
        assert state(disk / "out")["position"] == [1, 0, 6]
        Pix2PixPipeline.from_pretrained(disk / "out", device="cpu")

        (disk / "filler").unlink()
        assert Run(*words, 3, "--resume").finish() == 0
        assert state(disk / "out")["position"] == [3, 0, 18]


@pytest.fixture(scope="module")
def trained(pairs, tmp_path_factory) -> Path:
    """A training of one epoch, to be copied."""
    return pix2pix(pairs, tmp_path_factory.mktemp("trained") / "out", "--epochs", 1)


@pytest.mark.parametrize("limit", [20_000, 100_000, 300_000], ids=["checkpoint", "state", "middle of the state"])
def test_a_file_that_can_not_grow_is_one_sentence(pairs, trained, tmp_path, limit):
    """The same without root: the kernel refuses to write more than `limit` bytes into any file."""
    folder = shutil.copytree(trained, tmp_path / "out")
    before = contents(folder)
    words = ["pix2pix", "--dataroot", pairs, "--output_dir", folder, *TINY, "--batch_size", 2]
    run = Run(*words, "--epochs", 2, "--resume", LARGEST_FILE=str(limit))
    assert run.finish() == 1
    assert re.search(r"train\.py: .* can't be written \(File too large\); what was there before is kept", run.text)
    assert "Traceback" not in run.text
    after = contents(folder)
    if limit == 20_000:
        assert [path for path in before if after[path] != before[path] and path.suffix != ".csv"] == []
    assert unfinished(folder) == []
    assert state(folder)["position"] == [1, 0, 6]
    Pix2PixPipeline.from_pretrained(folder, device="cpu")


# --- cut files ------------------------------------------------------------------------------------------------------


def test_a_cut_state_is_named_and_its_networks_go_on(pairs, trained, tmp_path):
    folder = shutil.copytree(trained, tmp_path / "out")
    file = folder / "training" / "state.pt"
    whole = file.read_bytes()
    for share in (0, 0.3, 0.999):
        file.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(SystemExit, match=r"state\.pt is damaged or cut; its networks can go on") as caught:
            pix2pix(pairs, folder, "--epochs", 2, "--resume")
    advice = re.search(r"with (--generator \S+ --discriminator \S+)", str(caught.value))[1]
    pix2pix(pairs, tmp_path / "on", "--epochs", 1, *shlex.split(advice))  # what the sentence says works


def test_a_cut_losses_file_keeps_its_whole_rows(tmp_path):
    log = LossLog(tmp_path)
    for images in (2, 4, 6):
        log.add({"loss_D": torch.tensor(0.5)})
        log.write(1, images, 2e-4)
    file = tmp_path / "losses.csv"
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        LossLog(tmp_path, images=6)
        kept = [int(row["images"]) for row in read_losses(file)] if file.stat().st_size else []
        assert kept == [2, 4, 6][: len(kept)]
        assert file.read_bytes() == b"" or whole.startswith(file.read_bytes()[:-8])


def out_of_memory(*_):
    raise MemoryError


def ended(*_):
    os.kill(os.getpid(), signal.SIGKILL)  # as the system does where memory is short


@pytest.mark.parametrize(("workers", "augmentation"), [(0, out_of_memory), (1, out_of_memory), (1, ended)])
def test_pictures_that_fill_the_memory_are_one_sentence(pairs, tmp_path, workers, augmentation):
    batches = PairedBatches()
    batches.options = options(pairs, "--output_dir", tmp_path, "--workers", workers)
    batches.device = torch.device("cpu")
    batches.open_pairs(augmentation)
    with pytest.raises(DataError, match="the pictures take more memory than there is"):
        next(batches.batches(epoch=0, start=0))
