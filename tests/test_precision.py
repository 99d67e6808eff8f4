"""float16 in training: small gradients arrive, and a step whose gradients are infinite is left out."""

import pytest
import torch
from trainings import dcgan_training, options, pix2pix, state

from pix2pix.training.pix2pix import Pix2PixTraining
from pix2pix.training.precision import Precision
from pix2pix.training.state import load_state

CPU = torch.device("cpu")


@pytest.fixture
def training(pairs):
    torch.manual_seed(0)
    return Pix2PixTraining(options(pairs, "--precision", "fp16"), CPU)


def weights(network):
    return [parameter.detach().clone() for parameter in network.parameters()]


def test_gradients_that_float16_can_not_hold_still_move_the_weights():
    torch.manual_seed(0)
    layer, x = torch.nn.Linear(4, 4), torch.rand(2, 4)
    precision = Precision("fp16", CPU)
    before = weights(layer)
    with precision.autocast:
        loss = layer(x).float().sum() * 1e-9
    (gradient,) = torch.autograd.grad(loss, layer.weight, retain_graph=True)
    assert not gradient.any()  # what would happen
    precision.descend(torch.optim.Adam(layer.parameters(), 0.01, fused=True), loss)
    assert all(not torch.equal(x, y) for x, y in zip(before, weights(layer), strict=True))


def test_steps_in_float16_are_nearly_those_in_float32(pairs, training):
    torch.manual_seed(0)
    exact = Pix2PixTraining(options(pairs), CPU)
    courses = []
    for each in (exact, training):
        torch.manual_seed(1)
        reports = [each.step(batch) for batch in each.batches(0, 0)]
        courses.append(torch.stack([torch.stack(list(report.values())) for report in reports]))
    torch.testing.assert_close(courses[1], courses[0], rtol=0.05, atol=0)


def test_a_step_with_infinite_gradients_is_left_out_and_the_factor_halved(training):
    batches = training.batches(0, 0)
    training.step(next(batches))
    before, factor = weights(training.generator), 2.0**100
    training.precision.scaler.update(factor)
    training.step(next(batches))
    assert all(torch.equal(x, y) for x, y in zip(before, weights(training.generator), strict=True))
    assert training.precision.scaler.get_scale() == factor / 2


def test_a_dcgan_trains_in_float16(classes):
    training = dcgan_training(classes, "--precision", "fp16", "--lambda_class", 1, "--batch_size", 4)
    before = weights(training.generator)
    for epoch in range(3):  # the first steps are left out, until the factor is low enough
        losses = [training.step(batch) for batch in training.batches(epoch, 0)][-1]
    assert all(loss.isfinite() for loss in losses.values())
    assert training.precision.scaler.state_dict()["_growth_tracker"] > 0
    assert all(not torch.equal(x, y) for x, y in zip(before, weights(training.generator), strict=True))


def test_a_resumed_run_goes_on_with_its_factor(pairs, tmp_path):
    folder = pix2pix(pairs, tmp_path / "out", "--epochs", 3, "--precision", "fp16")
    saved = state(folder)["scaler"]
    assert saved["scale"] != 2.0**16 or saved["_growth_tracker"] > 0
    training = Pix2PixTraining(options(pairs, "--precision", "fp16"), CPU)
    load_state(folder / "training" / "state.pt", training, {}, CPU)
    assert training.precision.scaler.state_dict() == saved
    pix2pix(pairs, folder, "--epochs", 4, "--precision", "fp32", "--resume")  # and goes on in another precision
