"""Training as a user runs it: `train.py pix2pix` on small data, the losses of its step, what it leaves."""

import importlib.util
import json
import multiprocessing
import pickle

import pytest
import torch
from authors_reference import AuthorsDiscriminator, AuthorsGenerator
from PIL import Image
from safetensors.torch import load_file
from trainings import TINY, losses_of, options, pair, pix2pix, run, spoil

from pix2pix import PatchDiscriminator, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.checkpoint.model_card import model_card
from pix2pix.training import losses
from pix2pix.training.loop import learning_rate_factor
from pix2pix.training.pix2pix import Pix2PixTraining

# --- the step -----------------------------------------------------------------------------------------------------


def test_adversarial_loss_alone_moves_the_generator(pairs):
    """The known trap: with D wrapped in no_grad, or its input detached, G would learn from L1 alone."""
    torch.manual_seed(0)
    training = Pix2PixTraining(options(pairs, "--lambda_L1", 0), torch.device("cpu"))
    before = [parameter.detach().clone() for parameter in training.generator.parameters()]
    report = training.step(next(training.batches(0, 0)))
    assert set(report) == {"loss_D", "loss_G_GAN"}
    for name, parameter in training.generator.named_parameters():
        assert parameter.grad is not None, name
    gradients = [parameter.grad.abs().sum().item() for parameter in training.generator.parameters()]
    assert all(gradient > 0 for gradient in gradients)
    after = list(training.generator.parameters())
    assert all(not torch.equal(x, y) for x, y in zip(before, after, strict=True))


def test_adversarial_gradient_is_the_one_of_the_formula(pairs):
    """G's gradient in the step equals that of -log D(x, G(x)), written out."""
    torch.manual_seed(0)
    training = Pix2PixTraining(options(pairs, "--lambda_L1", 0, "--no_dropout", "--lr", 0), torch.device("cpu"))
    condition, target = next(training.batches(0, 0))
    training.step([condition, target])
    got = torch.cat([parameter.grad.flatten() for parameter in training.generator.parameters()])
    training.generator.zero_grad()
    logits = training.discriminator(torch.cat([condition, training.generator(condition)], 1))
    (-torch.log(torch.sigmoid(logits))).mean().backward()
    expected = torch.cat([parameter.grad.flatten() for parameter in training.generator.parameters()])
    assert torch.allclose(got, expected, rtol=1e-3, atol=1e-7)


def test_discriminator_step_leaves_the_generator_alone(pairs):
    training = Pix2PixTraining(options(pairs, "--lambda_L1", 0, "--lr", 0), torch.device("cpu"))
    condition, target = next(training.batches(0, 0))
    fake = training.generator(condition)
    logits = [training.judge(training.discriminator, condition, picture) for picture in (target, fake.detach())]
    losses.discriminator_loss(*logits).backward()
    assert all(parameter.grad is None for parameter in training.generator.parameters())
    assert all(parameter.grad.abs().sum() > 0 for parameter in training.discriminator.parameters())


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [
        ([], {"loss_D", "loss_G_GAN", "loss_G_L1"}),
        (["--gan_loss", "none"], {"loss_G_L1"}),
        (["--lambda_L1", "0"], {"loss_D", "loss_G_GAN"}),
        (["--reconstruction", "l2", "--gan_loss", "lsgan"], {"loss_D", "loss_G_GAN", "loss_G_L2"}),
        (["--unconditional", "--n_layers", "0", "--norm", "instance"], {"loss_D", "loss_G_GAN", "loss_G_L1"}),
        (["--drawn_by_hand", "--color_hints", "--ema", "0.9"], {"loss_D", "loss_G_GAN", "loss_G_L1"}),
        (["--line_width", "2", "--batch_renorm"], {"loss_D", "loss_G_GAN", "loss_G_L1"}),
        (["--lambda_perceptual", "10"], {"loss_D", "loss_G_GAN", "loss_G_L1", "loss_G_perceptual"}),
        (["--color_hints", "--lambda_tint", "30"], {"loss_D", "loss_G_GAN", "loss_G_L1", "loss_G_tint"}),
        (["--input_nc", "1"], {"loss_D", "loss_G_GAN", "loss_G_L1"}),
        (["--output_nc", "1", "--line_width", "2"], {"loss_D", "loss_G_GAN", "loss_G_L1"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "losses",
)
def test_ablations_of_the_paper_train(pairs, tmp_path, arguments, columns):
    pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--log_interval", 1, *arguments)
    picture = Pix2PixPipeline.from_pretrained(tmp_path / "out", device="cpu")(Image.new("L", (9, 9), "white"))
    assert (picture.mode, picture.size) == ("RGB", (32, 32))
    rows = losses_of(tmp_path / "out")
    assert len(rows) == 3
    assert {name for name in rows[0] if name.startswith("loss")} == columns
    assert all(float(row[name]) < 1e4 for row in rows for name in columns)


def test_unconditional_discriminator_does_not_see_the_condition(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--unconditional")
    assert checkpoint.load(PatchDiscriminator, folder / "discriminator").model[0].in_channels == 3


def test_losses_know_real_from_fake():
    sure, fooled = torch.full((4,), 5.0), torch.full((4,), -5.0)
    for loss in ("vanilla", "lsgan", "hinge"):
        target = 1.0 if loss == "lsgan" else 5.0
        right = losses.discriminator_loss(torch.full((4,), target), torch.full((4,), 1 - target), loss)
        assert right < losses.discriminator_loss(fooled, sure, loss)
        assert losses.generator_loss(torch.full((4,), target), loss) < losses.generator_loss(fooled, loss)


def test_learning_rate_is_constant_or_falls_linearly():
    assert [learning_rate_factor(epoch, 0, 0) for epoch in (0, 5, 99)] == [1, 1, 1]
    assert [learning_rate_factor(epoch, 4, 2) for epoch in range(7)] == [1, 1, 1, 0.75, 0.5, 0.25, 0]


# --- what a run leaves --------------------------------------------------------------------------------------------


def test_a_run_leaves_a_checkpoint_samples_losses_and_snapshots(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 2, "--snapshots", 3, "--save_image_interval", 1, "--half")
    pipe = Pix2PixPipeline.from_pretrained(folder, device="cpu")
    assert pipe(pair(0).crop((0, 0, 48, 48))).size == (32, 32)
    assert pipe.discriminator is not None
    training = pipe.config["training"]
    assert (training["epochs"], training["images"]) == (2, 12)
    assert training["options"]["lambda_l1"] == 100
    assert not any(str(tmp_path) in str(value) for value in training["options"].values())
    assert {file.name for file in (folder / "training" / "samples").iterdir()} == {"epoch_00001.png", "epoch_00002.png"}
    snapshots = sorted(file.name for file in (folder / "snapshots").iterdir())
    assert snapshots[0] == "images_0000000.webp"
    assert {"images_0000012.webp", "inputs.webp", "targets.webp"} < set(snapshots)
    assert Image.open(folder / "snapshots" / "inputs.webp").size == (2 * 128, 128)
    assert load_file(folder / "model.safetensors")["down.1.1.weight"].dtype == torch.float16


def test_training_learns_the_shapes(pairs, tmp_path):
    folder = pix2pix(
        pairs, tmp_path / "out", "--epochs", 60, "--lr", 0.002, "--log_interval", 3, "--save_data_interval", 60
    )
    rows = losses_of(folder)
    assert float(rows[-1]["loss_G_L1"]) < 0.4 * float(rows[0]["loss_G_L1"])


def test_options_of_earlier_scripts_work_unchanged(pairs, tmp_path):
    folder = tmp_path / "out"
    words = f"""pix2pix --epochs 1 --save-data-interval 100 --save_image_interval 100 --batch_size 4
        --output_dir {folder} --dataroot {pairs} --log-interval 1 --load_size 36 --crop_size=32 --cpu
        --phase train --lambda_L1 50 --epochs_lr_decay 1
        --epochs-lr-decay-start 0 --num-downs 5 --ngf 4 --ndf 4 --workers 0"""
    run(*words.split())
    assert (folder / "model.safetensors").exists()
    again = [*words.split(), "--generator", folder, "--discriminator", folder / "discriminator"]
    again[again.index(str(folder))] = tmp_path / "on"
    run(*again)
    assert Pix2PixPipeline.from_pretrained(tmp_path / "on", "cpu").config["training"]["options"]["lambda_l1"] == 50


def test_training_goes_on_from_given_weights(pairs, tmp_path):
    first = pix2pix(pairs, tmp_path / "first", "--epochs", 1)
    second = pix2pix(
        pairs,
        tmp_path / "second",
        "--epochs",
        1,
        "--lr",
        0,
        "--generator",
        first,
        "--discriminator",
        first / "discriminator",
    )
    a, b = (load_file(folder / "model.safetensors") for folder in (first, second))
    weights = [key for key in a if key.endswith("weight")]
    assert all(torch.equal(a[key], b[key]) for key in weights)
    assert str(tmp_path) not in (second / "config.json").read_text()  # no places of this machine in a checkpoint


def test_training_goes_on_from_the_authors_files(pairs, tmp_path):
    nets = {
        "G": AuthorsGenerator(num_downs=5, ngf=2, input_nc=1),
        "D": AuthorsDiscriminator(input_nc=4, ndf=2, n_layers=1),
    }
    for name, net in nets.items():
        torch.save(net.state_dict(), tmp_path / f"latest_net_{name}.pth")
    given = ["--generator", tmp_path / "latest_net_G.pth", "--discriminator", tmp_path / "latest_net_D.pth"]
    out = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--lr", 0, *given)
    assert torch.equal(
        load_file(out / "model.safetensors")["down.0.0.weight"], nets["G"].state_dict()["model.model.0.weight"]
    )
    assert checkpoint.read_config(out)["training"]["options"]["input_nc"] == 1
    with pytest.raises(SystemExit, match="--discriminator reads 4 channels; the images of this run have 6"):
        pix2pix(pairs, tmp_path / "none", "--epochs", 1, *given[2:])
    torch.save(AuthorsGenerator(num_downs=5, ngf=2, input_nc=4).state_dict(), tmp_path / "latest_net_G.pth")
    with pytest.raises(SystemExit, match="--generator turns 4 channels into 3"):
        pix2pix(pairs, tmp_path / "none", "--epochs", 1, *given[:2])


def test_the_record_tells_of_the_networks_that_went_on(pairs, tmp_path):
    first = pix2pix(pairs, tmp_path / "first", "--epochs", 1, "--ngf", 2, "--ndf", 3, "--no_dropout")
    given = ["--generator", first, "--discriminator", first / "discriminator"]
    second = pix2pix(pairs, tmp_path / "second", "--epochs", 1, "--norm", "instance", *given)
    options = checkpoint.read_config(second)["training"]["options"]
    assert [options[name] for name in ("ngf", "ndf", "norm", "no_dropout")] == [2, 3, "batch", True]


def test_the_record_and_the_card_tell_of_the_trainings_before(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "first", "--epochs", 1, "--seed", 1)
    for name, seed in (("second", 2), ("third", 3)):
        folder = pix2pix(pairs, tmp_path / name, "--epochs", 1, "--seed", seed, "--generator", folder)
    config = checkpoint.read_config(folder)
    assert config["training"]["continues"] == "second"
    runs = config["training"]["earlier_runs"]
    assert [run["options"]["seed"] for run in runs] == [2, 1]
    assert all("earlier_runs" not in run for run in runs)
    card = model_card(UNetGenerator._hub_mixin_info.model_card_data, config, "maker/bags").text
    commands = [line for line in card.splitlines() if line.startswith("python train.py pix2pix")]
    assert [line.partition("--seed ")[2][0] for line in commands] == ["1", "2", "3"]


def test_max_images_takes_a_part(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--max_images", 2)
    assert checkpoint.read_config(folder)["training"]["images"] == 2


def test_workers_start_once_for_all_epochs(pairs, tmp_path, monkeypatch):
    step, seen = Pix2PixTraining.step, []

    def noted(training, batch):
        seen.append({worker.pid for worker in multiprocessing.active_children()})
        return step(training, batch)

    monkeypatch.setattr(Pix2PixTraining, "step", noted)
    pix2pix(pairs, tmp_path / "out", "--epochs", 3, "--workers", 1)
    assert len(seen) == 9
    assert all(workers == seen[0] for workers in seen)
    assert seen[0]


def test_tensorboard_when_asked(pairs, tmp_path):
    pytest.importorskip("tensorboard", reason="TensorBoard is optional; requirements-dev.txt installs it")
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--log_interval", 1, "--tensorboard")
    assert list((folder / "training").glob("events.out.tfevents.*"))


def test_config_is_json_that_a_person_can_read(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    config = json.loads((folder / "config.json").read_text())
    assert config["ngf"] == 4
    assert UNetGenerator.from_pretrained(folder).image_size == 32


# --- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resume"], "nothing to resume"),
        (["--generator", "/nowhere"], "no checkpoint at /nowhere"),
        (["--phase", "test"], "no such folder"),
        (["--load_size", "16"], "load_size 16 is smaller than crop_size 32"),
        (["--gan_loss", "none", "--lambda_L1", "0"], "nothing to learn from"),
        (["--num_downs", "6"], "made for 64 pixels, and serves at that size: give --crop_size 64, or"),
        (["--n_layers", "5"], "--n_layers 5 is too much for --crop_size 32"),
        (["--color_hints", "--input_nc", "1"], "--color_hints needs a condition in colour"),
        (["--settle", "--batch_renorm", "--resume"], "choose one"),
        (["--wide_handles"], "--drawn_by_hand"),
        (["--settle"], "name the trained generator that it goes on with, --generator"),
        (["--epochs_lr_decay", "5"], "--epochs_lr_decay 5 is more than --epochs 1"),
        (
            ["--epochs_lr_decay", "1", "--epochs_lr_decay_start", "0", "--epochs", "2"],
            "rate would be 0 after epoch 1 of 2",
        ),
        (["--epochs_lr_decay_start", "1"], "--epochs_lr_decay_start 1 needs --epochs_lr_decay"),
        (["--output_dir", ""], "--output_dir is empty"),
        (["--output_dir", __file__], r"test_training\.py/training/lock can't be written \(Not a directory\)"),
    ],
    ids=str,
)
def test_mistakes_are_one_sentence(pairs, tmp_path, arguments, message):
    with pytest.raises(SystemExit, match=message) as caught:
        pix2pix(pairs, tmp_path / "out", "--epochs", 1, *arguments)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--epochs", "0", "1 or more"),
        ("--line_width", "17", "0 to 16"),
        ("--n_layers", "-1", "0 to 5"),
        ("--num_downs", "4", "5 to 12"),
        ("--ema", "1", "0 up to, but below, 1"),
        ("--lr", "nan", "0 or more"),
        ("--epochs_lr_decay", "-1", "0 or more"),
        ("--epochs_lr_decay_start", "-3", "-1 or more"),
    ],
)
def test_numbers_out_of_range_are_named(pairs, tmp_path, capsys, option, value, expected):
    with pytest.raises(SystemExit):
        pix2pix(pairs, tmp_path / "out", option, value)
    assert f"argument {option}: {value} is out of range: expected {expected}" in capsys.readouterr().err


def test_tensorboard_that_is_not_installed_is_named(pairs, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find(name))
    with pytest.raises(SystemExit, match=r"^train\.py: --tensorboard needs a package: pip install tensorboard"):
        pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--tensorboard")


def test_photos_in_the_place_of_pairs_are_noticed(pairs, tmp_path, capsys):
    pix2pix(pairs, tmp_path / "pairs", "--epochs", 1)
    assert "note:" not in capsys.readouterr().err
    (tmp_path / "photos" / "train").mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(tmp_path / "photos" / "train" / "1.png")
    pix2pix(tmp_path / "photos", tmp_path / "out", "--epochs", 1)
    assert "with 64x64 pixels, are cut into halves of 32x64: if these are single photos" in capsys.readouterr().err


def test_without_flips_no_pair_is_mirrored(pairs):
    sizes = "--load_size", 32, "--crop_size", 32  # no crop either
    plain, flipped = (
        Pix2PixTraining(options(pairs, *sizes, *more), torch.device("cpu")).data for more in (["--no_flip"], [])
    )
    assert len({plain[0, seed][0].sum(1).numpy().tobytes() for seed in range(8)}) == 1
    assert len({flipped[0, seed][0].sum(1).numpy().tobytes() for seed in range(8)}) == 2


def test_data_reach_workers_that_are_no_forks(pairs):
    """As on macOS and Windows: the augmentations are pickled."""
    words = "--drawn_by_hand", "--color_hints", "--line_width", 2
    data = Pix2PixTraining(options(pairs, *words), torch.device("cpu")).data
    for here, there in zip(data[1, 2], pickle.loads(pickle.dumps(data))[1, 2], strict=True):
        assert torch.equal(here, there)


def test_a_bad_image_is_named_even_from_a_worker(pairs, tmp_path):
    data = tmp_path / "data" / "train"
    data.mkdir(parents=True)
    pair(0).save(data / "1_AB.png")
    pair(0).save(data / "2_AB.png")
    spoil(data / "2_AB.png")
    workers = [word if word != "0" else "1" for word in TINY]
    words = ["pix2pix", "--dataroot", data.parent, "--output_dir", tmp_path / "out", *workers, "--epochs", 1]
    with pytest.raises(
        SystemExit, match=r"^train\.py: .*2_AB\.png can't be read as an image, or is truncated"
    ) as caught:
        run(*words)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "model.safetensors").exists()
