"""Training as a user runs it: `train.py` on small data, stopped, resumed, continued, ablated."""

import copy
import csv
import json
import math
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file

import train as command
from pix2pix import DigitPipeline, PatchDiscriminator, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.dcgan import DCGANDiscriminator
from pix2pix.labelled import labelled_dataset
from pix2pix.training import losses
from pix2pix.training.classifier import class_loss, new_classifier
from pix2pix.training.dcgan import DCGANTraining
from pix2pix.training.loop import learning_rate_factor
from pix2pix.training.pix2pix import Pix2PixTraining

ROOT = Path(__file__).parent.parent
TINY = shlex.split("--num_downs 5 --load_size 36 --crop_size 32 --ngf 4 --ndf 4 --n_layers 1 --cpu --workers 0")


def pair(number: int) -> Image.Image:
    """An outline and the filled shape, 48 pixels each."""
    image = Image.new("RGB", (96, 48), "white")
    draw = ImageDraw.Draw(image)
    x, color = 6 + number, ("firebrick", "seagreen", "navy", "goldenrod")[number % 4]
    draw.rectangle((x, 14, x + 26, 40), outline="black")
    draw.rectangle((48 + x, 14, 48 + x + 26, 40), fill=color)
    return image


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    root = tmp_path_factory.mktemp("pairs")
    for phase, count in (("train", 6), ("val", 2)):
        (root / phase).mkdir()
        for number in range(count):
            pair(number).save(root / phase / f"{number}_AB.png")
    return root


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    root = tmp_path_factory.mktemp("classes")
    noise = np.random.default_rng(0)
    for name in ("dark", "light"):
        (root / name).mkdir()
        for number in range(8):
            level = 40 if name == "dark" else 200
            array = noise.integers(level - 20, level + 20, (28, 28)).astype(np.uint8)
            Image.fromarray(array).save(root / name / f"{number}.png")
    return root


def losses_of(folder: Path) -> list[dict]:
    with open(folder / "training" / "losses.csv", newline="") as file:
        return list(csv.DictReader(file))


def run(*arguments) -> None:
    command.main([str(argument) for argument in arguments])


def pix2pix(pairs, output, *arguments) -> Path:
    run("pix2pix", "--dataroot", pairs, "--output_dir", output, *TINY, "--batch_size", 2, *arguments)
    return output


def dcgan(classes, output, *arguments) -> Path:
    options = shlex.split("--dataset folder --ngf 4 --ndf 4 --batch_size 4 --cpu")
    run("dcgan", "--dataroot", classes, "--output_dir", output, *options, *arguments)
    return output


def options(pairs, *arguments):
    words = ["pix2pix", "--dataroot", pairs, *TINY, "--batch_size", 2, *arguments]
    return command.build_parser().parse_args([str(word) for word in words])


def dcgan_training(classes, *arguments) -> DCGANTraining:
    """To take single steps of, in place of a run."""
    words = ["dcgan", "--dataset", "folder", "--dataroot", classes, "--ngf", 4, "--ndf", 4, *arguments]
    args = command.build_parser().parse_args([str(word) for word in words])
    return DCGANTraining(args, torch.device("cpu"))


def state(folder: Path) -> dict:
    return torch.load(folder / "training" / "state.pt", weights_only=True)


def assert_same(a, b, where="state"):
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b), where
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}.{i}")
    elif not where.endswith("seconds"):
        assert a == b, where


# --- the step -----------------------------------------------------------------------------------------------------


def test_adversarial_loss_alone_moves_the_generator(pairs):
    """The known trap: with D wrapped in no_grad, or its input detached, G would learn from L1 alone."""
    torch.manual_seed(0)
    training = Pix2PixTraining(options(pairs, "--lambda_L1", 0), torch.device("cpu"))
    before = [parameter.detach().clone() for parameter in training.generator.parameters()]
    report = training.step(next(training.batches(0, 0)), torch.autocast("cpu", enabled=False))
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
    training.step([condition, target], torch.autocast("cpu", enabled=False))
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
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "losses",
)
def test_ablations_of_the_paper_train(pairs, tmp_path, arguments, columns):
    pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--log_interval", 1, *arguments)
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


def test_max_images_takes_a_part(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--max_images", 2)
    assert checkpoint.read_config(folder)["training"]["images"] == 2


def test_tensorboard_when_asked(pairs, tmp_path):
    pytest.importorskip("tensorboard", reason="TensorBoard is optional; requirements-dev.txt installs it")
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--log_interval", 1, "--tensorboard")
    assert list((folder / "training").glob("events.out.tfevents.*"))


def test_digits_train_and_serve(classes, tmp_path):
    folder = dcgan(classes, tmp_path / "out", "--epochs", 2, "--log_interval", 1)
    pipe = DigitPipeline.from_pretrained(folder, device="cpu")
    assert pipe.class_names == ["dark", "light"]
    assert len(pipe([0, 1, 1])) == 3
    assert (folder / "training" / "samples" / "epoch_00002.png").exists()


def test_unconditional_dcgan(classes, tmp_path):
    folder = dcgan(
        classes, tmp_path / "out", "--epochs", 1, "--unconditional", "--image_size", 32, "--gan_loss", "hinge"
    )
    assert checkpoint.read_config(folder)["num_classes"] == 0


def test_wrong_labels_show_the_discriminator_real_pictures_of_other_classes(classes, tmp_path):
    training = dcgan_training(classes, "--batch_size", 4, "--wrong_labels")
    seen = []
    training.discriminator.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    training.step(next(training.batches(0, 0)), torch.autocast("cpu", enabled=False))
    (real, labels), (fake, of_fake), (again, wrong), (_, in_generator_step) = seen
    assert torch.equal(again, real)
    assert not torch.equal(fake, real)
    assert not (wrong == labels).any()
    assert torch.equal(of_fake, labels)
    assert torch.equal(in_generator_step, labels)


def test_taught_with_wrong_labels_the_discriminator_takes_them_for_fakes(classes, tmp_path):
    folder = dcgan(classes, tmp_path / "out", "--epochs", 20, "--wrong_labels")
    judge = checkpoint.load(DCGANDiscriminator, folder / "discriminator").eval()
    data = labelled_dataset(classes)
    images, labels = data.batch(torch.arange(len(data)))
    with torch.inference_mode():
        assert (judge(images, labels) > judge(images, 1 - labels)).all()


def test_the_classifier_moves_painted_pictures_and_nothing_moves_the_classifier():
    classifier = new_classifier(28, 3, 4, 0, 1)
    classifier(torch.rand(8, 1, 28, 28))  # statistics of "real" pictures
    before = copy.deepcopy(classifier.state_dict())
    pictures = torch.rand(4, 1, 28, 28, requires_grad=True)
    class_loss(classifier, pictures, torch.tensor([0, 1, 2, 0])).backward()
    assert pictures.grad.flatten(1).any(1).all()
    assert all(p.grad is None and p.requires_grad for p in classifier.parameters())
    assert_same(before, classifier.state_dict())
    assert classifier.training


def test_the_generator_learns_classes_from_the_classifier(classes):
    """From it alone: here the discriminator reads no class."""
    torch.manual_seed(0)
    training = dcgan_training(classes, "--batch_size", 8, "--lr", 2e-3, "--lambda_class", 10)
    training.replicas["discriminator"] = training.discriminator = Blind(training.discriminator)
    plain = torch.autocast("cpu", enabled=False)
    course = [training.step(batch, plain)["loss_class"] for epoch in range(40) for batch in training.batches(epoch, 0)]
    guess = math.log(2)
    assert min(course[:5]) > 0.7 * guess
    assert sum(course[-10:]) / 10 < 0.5 * guess


class Blind(torch.nn.Module):
    def __init__(self, discriminator):
        super().__init__()
        self.discriminator = discriminator

    def forward(self, images, labels):
        return self.discriminator(images, torch.zeros_like(labels))


@pytest.mark.parametrize("option", [["--wrong_labels"], ["--lambda_class", 1]], ids=lambda option: option[0])
def test_options_that_need_classes(classes, tmp_path, option):
    with pytest.raises(SystemExit, match=f"{option[0]} needs two classes or more"):
        dcgan(classes, tmp_path / "out", "--epochs", 1, *option, "--unconditional")
    assert not (tmp_path / "out").exists()


# --- stop and resume ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "data", "arguments"),
    [
        (pix2pix, "pairs", ["--ema", 0.9, "--drawn_by_hand", "--line_width", 2, "--color_hints", "--batch_renorm"]),
        (dcgan, "classes", []),
        (dcgan, "classes", ["--lambda_class", 1]),
    ],
    ids=["pix2pix", "dcgan", "dcgan with a classifier"],
)
def test_resumed_equals_uninterrupted_bit_for_bit(request, tmp_path, start, data, arguments):
    data = request.getfixturevalue(data)
    arguments = [*arguments, "--epochs_lr_decay", 2, "--epochs_lr_decay_start", 1, "--log_interval", 1]
    whole = start(data, tmp_path / "whole", "--epochs", 3, *arguments)
    start(data, tmp_path / "parts", "--epochs", 1, *arguments)
    parts = start(data, tmp_path / "parts", "--epochs", 3, *arguments, "--resume")
    assert_same(state(whole), state(parts))
    for file in ("model.safetensors", "discriminator/model.safetensors", "training/losses.csv"):
        assert (whole / file).read_bytes() == (parts / file).read_bytes(), file


def test_settling_trains_with_the_statistics_that_are_served_and_resumes_exactly(pairs, tmp_path):
    first = pix2pix(pairs, tmp_path / "first", "--epochs", 1)
    settle = ["--settle", "--generator", first, "--ema", 0.5]
    whole = pix2pix(pairs, tmp_path / "whole", "--epochs", 2, *settle)
    pix2pix(pairs, tmp_path / "parts", "--epochs", 1, *settle)
    before = state(tmp_path / "parts")["networks"]["generator"]
    parts = pix2pix(pairs, tmp_path / "parts", "--epochs", 2, *settle, "--resume")
    assert_same(state(whole), state(parts))

    trained, served = state(whole)["networks"]["generator"], load_file(whole / "model.safetensors")
    for key in served:
        if "running" in key:  # the same from the first epoch to the checkpoint
            assert torch.equal(before[key], trained[key])
            assert torch.equal(trained[key], served[key])
    assert not torch.equal(before["up.3.1.weight"], trained["up.3.1.weight"])


def test_a_resumed_run_takes_another_learning_rate(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    weights = state(folder)["networks"]["generator"]["up.3.1.weight"]
    pix2pix(pairs, folder, "--epochs", 2, "--lr", 0, "--resume", "--log_interval", 1)
    assert torch.equal(state(folder)["networks"]["generator"]["up.3.1.weight"], weights)
    assert float(losses_of(folder)[-1]["lr"]) == 0


def test_ctrl_c_saves_and_the_printed_command_resumes(pairs, tmp_path):
    """A real process, really interrupted in the middle of an epoch, ends where an uninterrupted one does."""
    common = [*TINY, "--batch_size", "1", "--log_interval", "1", "--dataroot", str(pairs)]
    folder = tmp_path / "stopped"
    words = [sys.executable, "train.py", "pix2pix", *common, "--output_dir", str(folder), "--epochs", "50"]
    words[words.index("--workers") + 1] = "1"
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    said = ""
    while "images/s" not in said:  # the first steps are done
        said += process.stderr.read(1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    said += process.communicate()[1]
    assert process.returncode == 0
    assert "Traceback" not in said
    stopped_at = state(folder)["position"]
    assert 0 < stopped_at[2] < 300
    resume = shlex.split(re.search(r"to resume: (.*--resume)", said)[1])
    assert resume[:2] == ["python", "train.py"]

    epochs = str(stopped_at[0] + 2)
    resume[resume.index("--epochs") + 1] = epochs
    subprocess.run([sys.executable, *resume[1:]], cwd=ROOT, check=True, capture_output=True)
    whole = tmp_path / "whole"
    run("pix2pix", *common, "--output_dir", whole, "--epochs", epochs)
    assert_same(state(folder), state(whole))
    assert (folder / "training" / "losses.csv").read_text() == (whole / "training" / "losses.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resume"], "nothing to resume"),
        (["--generator", "/nowhere"], "no checkpoint at /nowhere"),
        (["--phase", "test"], "no such folder"),
        (["--load_size", "16"], "load_size 16 is smaller than crop_size 32"),
        (["--gan_loss", "none", "--lambda_L1", "0"], "nothing to learn from"),
    ],
    ids=str,
)
def test_mistakes_are_one_sentence(pairs, tmp_path, arguments, message):
    with pytest.raises(SystemExit, match=message) as caught:
        pix2pix(pairs, tmp_path / "out", "--epochs", 1, *arguments)
    assert "\n" not in str(caught.value)


def test_a_second_training_does_not_overwrite_the_first(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    before = (folder / "model.safetensors").read_bytes()
    with pytest.raises(SystemExit, match="holds a training already: add --resume"):
        pix2pix(pairs, folder, "--epochs", 1, "--seed", 9)
    assert (folder / "model.safetensors").read_bytes() == before


def test_resume_with_other_networks_says_so(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    with pytest.raises(SystemExit, match="does not fit these options; resume with those of its training"):
        pix2pix(pairs, folder, "--epochs", 2, "--ngf", 8, "--resume")


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_state(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1, "--save_data_interval", 1)
    before = (folder / "model.safetensors").read_bytes()
    with pytest.raises(SystemExit, match=r"not a number any more .* lower --lr"):
        pix2pix(pairs, folder, "--epochs", 3, "--lambda_L1", "nan", "--resume")
    assert (folder / "model.safetensors").read_bytes() == before
    assert state(folder)["position"] == [1, 0, 6]


def test_a_bad_image_is_named_even_from_a_worker(pairs, tmp_path):
    data = tmp_path / "data" / "train"
    data.mkdir(parents=True)
    pair(0).save(data / "1_AB.png")
    (data / "2_AB.png").write_bytes((data / "1_AB.png").read_bytes()[:90])
    workers = [word if word != "0" else "1" for word in TINY]
    words = ["pix2pix", "--dataroot", data.parent, "--output_dir", tmp_path / "out", *workers, "--epochs", 1]
    with pytest.raises(
        SystemExit, match=r"^train\.py: .*2_AB\.png can't be read as an image, or is truncated"
    ) as caught:
        run(*words)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_config_is_json_that_a_person_can_read(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 1)
    config = json.loads((folder / "config.json").read_text())
    assert config["ngf"] == 4
    assert UNetGenerator.from_pretrained(folder).image_size == 32
