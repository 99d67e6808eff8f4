"""`train.py dcgan` on small data: digits with and without classes, and the ways to teach classes."""

import copy
import math
import shutil

import pytest
import torch
from trainings import assert_same, dcgan, dcgan_training

from pix2pix import DigitPipeline, checkpoint
from pix2pix.data.classes import LabelledImages, labelled_dataset
from pix2pix.networks import DCGANDiscriminator
from pix2pix.training.classifier import class_loss, new_classifier


def test_digits_train_and_serve(classes, tmp_path):
    folder = dcgan(classes, tmp_path / "out", "--epochs", 2, "--log_interval", 1)
    pipe = DigitPipeline.from_pretrained(folder, device="cpu")
    assert pipe.class_names == ["dark", "light"]
    assert len(pipe([0, 1, 1])) == 3
    assert (folder / "training" / "samples" / "epoch_00002.png").exists()


def test_served_statistics_come_from_all_classes_together(classes):
    """Folders hold one class after the other; in training they are mixed."""
    training = dcgan_training(classes, "--ema", 0.9)
    training.data = LabelledImages(
        training.data.images.repeat(64, 1, 1, 1), torch.arange(2).repeat_interleave(512), ["dark", "light"]
    )
    seen = []
    training.ema.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[1]))
    training.served()
    assert [len(labels) for labels in seen] == [256] * 4
    assert all(0.3 < labels.float().mean() < 0.7 for labels in seen)


def test_unconditional_dcgan(classes, tmp_path):
    folder = dcgan(
        classes, tmp_path / "out", "--epochs", 1, "--unconditional", "--image_size", 32, "--gan_loss", "hinge"
    )
    assert checkpoint.read_config(folder)["num_classes"] == 0


def test_wrong_labels_show_the_discriminator_real_pictures_of_other_classes(classes, tmp_path):
    training = dcgan_training(classes, "--batch_size", 4, "--wrong_labels")
    seen = []
    training.discriminator.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    training.step(next(training.batches(0, 0)))
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
    course = [training.step(batch)["loss_class"] for epoch in range(40) for batch in training.batches(epoch, 0)]
    guess = math.log(2)
    assert min(course[:5]) > 0.7 * guess
    assert sum(course[-10:]) / 10 < 0.5 * guess


class Blind(torch.nn.Module):
    def __init__(self, discriminator):
        super().__init__()
        self.discriminator = discriminator

    def forward(self, images, labels):
        return self.discriminator(images, torch.zeros_like(labels))


def test_a_generator_of_other_classes_is_refused(classes, tmp_path):
    """The app would offer classes that this run never trained, under wrong names."""
    first = dcgan(classes, tmp_path / "first", "--epochs", 1)
    other = tmp_path / "other"
    for folder in sorted(path for path in classes.iterdir() if path.is_dir()):
        (other / f"new {folder.name}").mkdir(parents=True)
        for file in folder.iterdir():
            shutil.copy(file, other / f"new {folder.name}")
    with pytest.raises(SystemExit, match=r"--generator writes .*; the classes of the data are"):
        dcgan(other, tmp_path / "out", "--epochs", 1, "--generator", first)
    with pytest.raises(SystemExit, match=r"--generator has num_classes .*; the data and options of this run ask for 0"):
        dcgan(classes, tmp_path / "out", "--epochs", 1, "--generator", first, "--unconditional")
    second = dcgan(classes, tmp_path / "second", "--epochs", 1, "--generator", first, "--ngf", 9)
    assert checkpoint.read_config(second)["training"]["options"]["ngf"] == 4


@pytest.mark.parametrize("option", [["--wrong_labels"], ["--lambda_class", 1]], ids=lambda option: option[0])
def test_options_that_need_classes(classes, tmp_path, option):
    with pytest.raises(SystemExit, match=f"{option[0]} needs two classes or more"):
        dcgan(classes, tmp_path / "out", "--epochs", 1, *option, "--unconditional")
    assert not (tmp_path / "out").exists()
