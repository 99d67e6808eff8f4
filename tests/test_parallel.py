"""Training in two processes, as torchrun starts it: one step for all, one writer, stop, resume, and a clean end."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from trainings import TINY, assert_same, losses_of, options, pair, run, state
from warm import Python

from pix2pix import DataError, UNetGenerator, checkpoint
from pix2pix.data.batches import ShuffledBatches
from pix2pix.training import parallel
from pix2pix.training.average import with_fresh_statistics
from pix2pix.training.pix2pix import Pix2PixTraining

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]

# One step at rate 0, for its gradients, then three in earnest. Arguments: folder for the results, then train.py's.
STEPS = """
import sys, torch, train as command
from pix2pix.training import parallel
from pix2pix.training.launch import new_training

folder, *words = sys.argv[1:]
with parallel.processes(torch.device("cpu")) as device:
    for number, part in enumerate(" ".join(words).split(" and ")):
        options = command.options_of(command.build_parser().parse_args(part.split()))
        torch.manual_seed(options.seed)
        training = new_training(options, device)
        torch.manual_seed(parallel.rank())
        batches = training.batches(0, 0)
        training.step(next(batches))
        gradients = {name: [p.grad.clone() for p in net.parameters()] for name, net in training.networks.items()}
        for optimizer in training.optimizers.values():
            optimizer.param_groups[0]["lr"] = 0.01
        for batch in batches:
            training.step(batch)
        state = {name: net.state_dict() for name, net in training.networks.items()} | {"ema": training.ema.state_dict()}
        torch.save({"gradients": gradients, "state": state}, f"{folder}/{number}-{parallel.rank()}.pt")
"""


def two_processes(*words) -> None:
    """Runs Python in two processes, without torchrun's own, which takes seconds to start."""
    started = [Python(*words, env=each) for each in environments()]
    assert [process.wait(timeout=240) for process in started] == [0, 0]


def environments() -> list[dict[str, str]]:
    """Of two processes that train together, as torchrun makes them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    return [os.environ | place | {"RANK": rank} for rank in "01"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A generator to go on with."""
    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(0)
    checkpoint.save(UNetGenerator(num_downs=5, ngf=4), folder)
    return folder


@pytest.fixture(scope="module")
def results(pairs, classes, trained, tmp_path_factory):
    """What both processes had after the same steps: of pix2pix, in three ways, and of a DCGAN."""
    folder = tmp_path_factory.mktemp("steps")
    tiny = [*TINY, "--batch_size", 1, "--lr", 0, "--ema", 0.9, "--precision", "fp32", "--dataroot"]
    first = ["pix2pix", *tiny, pairs, "--no_dropout"]
    second = ["pix2pix", *tiny, pairs, "--batch_renorm", "--gan_loss", "hinge"]
    digits = "dcgan --cpu --precision fp32 --dataset folder --ngf 4 --ndf 4 --batch_size 2 --lr 0 --lambda_class 1"
    third = [*digits.split(), "--dataroot", classes]
    fourth = ["pix2pix", *tiny, pairs, "--settle", "--generator", trained]
    two_processes("-c", STEPS, folder, *first, "and", *second, "and", *third, "and", *fourth)
    return lambda number: [torch.load(folder / f"{number}-{rank}.pt", weights_only=True) for rank in range(2)]


@pytest.fixture
def one_thread():
    """As the processes have: sums in another order would have other last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_gradients_are_the_means_of_those_of_the_processes(results, pairs, one_thread):
    """Each share's gradients are computed here, by one process, and averaged by hand."""
    shares = []
    for rank in range(2):
        torch.manual_seed(0)
        training = Pix2PixTraining(options(pairs, "--lr", 0, "--no_dropout", "--batch_size", 2), torch.device("cpu"))
        both = next(training.batches(0, 0))
        training.step([images[rank : rank + 1] for images in both])
        shares.append({name: [p.grad for p in net.parameters()] for name, net in training.networks.items()})
    for got in results(0):
        for name in ("generator", "discriminator"):
            for gradient, first, second in zip(got["gradients"][name], shares[0][name], shares[1][name], strict=True):
                torch.testing.assert_close(gradient, (first + second) / 2, rtol=1e-4, atol=1e-7)
                assert not torch.allclose(gradient, first, rtol=1e-2, atol=1e-7)


def test_settled_statistics_are_the_means_of_those_of_the_processes(results, pairs, trained):
    training = Pix2PixTraining(options(pairs, "--batch_size", 2, "--generator", trained), torch.device("cpu"))
    batches = list(training.batches(0, 0))
    first, second = (
        with_fresh_statistics(training.generator, [(c[rank : rank + 1],) for c, _ in batches]).state_dict()
        for rank in range(2)
    )
    for got in results(3):
        for name, tensor in got["state"]["generator"].items():
            if "running" in name:
                assert torch.allclose(tensor, (first[name] + second[name]) / 2, rtol=1e-4, atol=1e-7)
                assert not torch.allclose(tensor, first[name], rtol=1e-2, atol=1e-7)


@pytest.mark.parametrize("number", range(4), ids=["pix2pix", "batch renormalisation", "dcgan", "settle"])
def test_processes_hold_equal_networks_after_steps(results, number):
    """Weights, running statistics and average, though pictures and noise were not the same."""
    first, second = (result["state"] for result in results(number))
    assert_same(first, second)
    assert all(tensor.isfinite().all() for network in first.values() for tensor in network.values())


def test_shares_of_a_batch_make_the_batch_of_a_single_process():
    whole = list(ShuffledBatches(20, 6, seed=1, epoch=2, start=1))
    shares = zip(*(ShuffledBatches(20, 2, 1, 2, 1, rank, 3) for rank in range(3)), strict=True)
    assert [[key for part in parts for key in part] for parts in shares] == whole
    assert [len(batch) for batch in ShuffledBatches(5, 8, 0, 0, rank=1, processes=2)] == [2]  # not as many images
    with pytest.raises(DataError, match="2 images are too few for 3 processes"):
        ShuffledBatches(2, 1, 0, 0, rank=0, processes=3)


def test_a_gpu_has_readers_on_all_cores_which_its_neighbours_share(monkeypatch):
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    for cores, processes, readers in ((2, 1, 2), (16, 1, 8), (16, 4, 4), (4, 8, 1)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        monkeypatch.setenv("LOCAL_WORLD_SIZE", str(processes))
        assert parallel.readers(gpu) == readers
        assert parallel.readers(cpu) == 2


def test_in_one_process_nothing_is_exchanged():
    assert (parallel.rank(), parallel.count(), parallel.gather(7), parallel.highest(2)) == (0, 1, [7], 2)
    network = torch.nn.Linear(2, 2)
    assert parallel.replica(network) is network


# --- whole runs ---------------------------------------------------------------------------------------------------


def words(data: Path, output: Path, epochs: int) -> list[str]:
    return ["train.py", "pix2pix", "--dataroot", str(data), "--output_dir", str(output), *TINY, "--epochs", str(epochs)]


def test_a_run_is_stopped_and_resumed_by_two_processes_and_by_one(pairs, tmp_path):
    more = ["--log_interval", "1", "--ema", "0.9", "--snapshots", "2"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    process = subprocess.Popen(
        [*TORCHRUN, *words(pairs, parts, 400), *more], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    said = ""
    while "images/s" not in said:  # the first steps are done
        said += process.stderr.read(1)
    process.send_signal(signal.SIGINT)  # torchrun passes it on
    said += process.communicate(timeout=240)[1]
    resume = shlex.split(re.search(r"to resume: (.*--resume)", said)[1])
    assert resume[:4] == ["torchrun", "--nproc_per_node", "2", "train.py"]

    stopped = state(parts)
    assert (stopped["batch_size"], len(stopped["random"])) == (2, 2)
    epochs = stopped["position"][0] + 2
    for folder, again in ((parts, ["--resume"]), (whole, [])):
        two_processes(*words(pairs, folder, epochs), *more, *again)
    resumed, undisturbed = state(parts), state(whole)
    assert resumed["position"] == undisturbed["position"]
    for part in ("networks", "ema"):  # between processes, the last bits depend on where memory happens to lie
        torch.testing.assert_close(resumed[part], undisturbed[part], rtol=1e-3, atol=1e-4)
    images = [int(row["images"]) for row in losses_of(parts)]
    assert images == list(range(2, 6 * epochs + 1, 2))  # one writer: a row for every step
    assert checkpoint.read_config(parts)["training"]["processes"] == 2

    run(*words(pairs, parts, epochs + 1)[1:], *more, "--resume")  # by one process, which takes one image a step
    assert state(parts)["position"] == [epochs + 1, 0, 6 * epochs + 6]
    assert len(state(parts)["random"]) == 1


def test_with_other_batches_a_run_goes_on_at_the_same_place(pairs, tmp_path):
    """A state of an epoch's second batch of 2, resumed with batches of 1 and of 4."""
    for size, batch in ((1, 2), (4, 0)):
        folder = tmp_path / str(size)
        run(*words(pairs, folder, 1)[1:], "--batch_size", 2)
        saved = state(folder)
        torch.save(saved | {"position": [0, 1, 2]}, folder / "training" / "state.pt")
        run(*words(pairs, folder, 1)[1:], "--batch_size", size, "--resume")
        left = 6 // size - batch
        assert state(folder)["position"] == [1, 0, 2 + left * size]


def test_when_one_process_fails_all_end_and_it_says_why(tmp_path):
    """A damaged image that only one of the two reads."""
    data, output = tmp_path / "data", tmp_path / "out"
    for phase in ("train", "val"):
        (data / phase).mkdir(parents=True)
        for number in range(4):
            pair(number).save(data / phase / f"{number}_AB.png")
    file = data / "train" / "3_AB.png"
    file.write_bytes(file.read_bytes()[:90])
    with open(tmp_path / "said", "w+") as said:
        started = [Python(*words(data, output, 9), output=said, env=each) for each in environments()]
        assert [process.wait(timeout=240) for process in started] == [1, 1]
        said.seek(0)
        text = said.read()
    assert re.search(r"train\.py: 1 of the 4 images can't be read or are cut: .*3_AB\.png", text)
    assert re.search(r"train\.py: process \d ends because another one has ended", text)
    assert not (output / "model.safetensors").exists()


WAITS = """
import sys, torch
from pix2pix.training import parallel
try:
    with parallel.processes(torch.device("cpu")):
        if parallel.is_main():
            parallel.wait()
            sys.exit("waited for nobody")
except parallel.ProcessLost as error:
    parallel.leave(f"rank {parallel.rank()}: {error}")
"""


def test_a_process_does_not_wait_for_one_that_has_ended():
    """It ends with an error, and is not aborted by Gloo's threads as the interpreter takes itself down."""
    command = [sys.executable, "-c", WAITS]
    started = [subprocess.Popen(command, cwd=ROOT, env=each) for each in environments()]
    assert [process.wait(timeout=240) for process in started] == [1, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--sync_batch_norm"], "needs GPUs"), (["--sync_batch_norm", "--batch_renorm"], "choose one")],
)
def test_mistakes_are_one_sentence(pairs, tmp_path, arguments, message):
    with pytest.raises(SystemExit, match=message) as caught:
        run(*words(pairs, tmp_path, 1)[1:], *arguments)
    assert "\n" not in str(caught.value)
