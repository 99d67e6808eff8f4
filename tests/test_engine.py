"""The faster ways to run a generator: do they paint what the plain one paints?"""

import math
import threading

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from pix2pix import Pix2PixPipeline, UNetGenerator
from pix2pix.pipelines import fast_unet, network_thread, pick_fastest


def learned(network: nn.Module, *inputs: torch.Tensor) -> nn.Module:
    """The network with other statistics and scales in its norms than the initial ones."""
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(4) if weight.dim() == 4 else weight.add_(0.2 * torch.randn_like(weight))
        for _ in range(20):
            network.train()(*inputs)
    return network.eval().requires_grad_(False)


def drawings(channels: int = 3, size: int = 256, count: int = 3) -> torch.Tensor:
    x = torch.ones(count, channels, size, size)
    for i in range(count):
        x[i, :, size // 4 : size // 2, size // 8 * (i + 1) :][:, :, :4] = -1
        x[i, :, size // 2 :: 9, : size // 2] = -1
    return x


UNETS = {
    "as in the paper": {},
    "instance norm": {"norm": "instance"},
    "512 pixels, grey to colour": {"num_downs": 9, "input_nc": 1},
    "with a style, noise, smooth": {"style_dim": 16, "noise_nc": 1, "smooth": 2},
    "32 pixels, colour to grey": {"num_downs": 5, "output_nc": 1, "use_dropout": False},
}


@pytest.fixture(scope="module", params=UNETS)
def unet(request) -> UNetGenerator:
    torch.manual_seed(0)
    generator = UNetGenerator(**{"ngf": 8, **UNETS[request.param]})
    return learned(generator, drawings(generator.down[0][0].in_channels, generator.image_size))


@torch.inference_mode()
def check_paths(network: nn.Module, x: torch.Tensor) -> None:
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    for name, make in pick_fastest.candidates(network, x[:1]):
        path = make()
        assert pick_fastest.psnr(path(x[:1]), network(x[:1])) >= 40, name
        assert pick_fastest.psnr(path(x), network(x)) >= 40, f"{name}: a batch of another size"
    assert all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())


def test_every_path_paints_what_the_plain_unet_paints(unet):
    check_paths(unet, drawings(unet.down[0][0].in_channels, unet.image_size))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_every_path_of_a_gpu_paints_what_the_plain_unet_paints(unet):
    check_paths(unet.cuda(), drawings(unet.down[0][0].in_channels, unet.image_size).cuda())


def test_a_path_that_answers_otherwise_or_does_not_run_here_is_not_taken(unet, monkeypatch):
    x = drawings(unet.down[0][0].in_channels, unet.image_size, count=1)
    wanted = unet(x)

    def broken(*_):
        raise RuntimeError("no kernel for this layout")

    answers = []

    def right(x):  # and quick, once it knows the answer
        if not any(torch.equal(x, asked) for asked, _ in answers):
            answers.append((x, unet(x)))
        return next(answer for asked, answer in answers if torch.equal(x, asked))

    bad = {
        "wrong": lambda: lambda x: right(x) + 0.1,
        "no number": lambda: lambda x: right(x) * math.nan,
        "no kernel": lambda: broken,
        "the same picture for every drawing": lambda: lambda x: wanted,  # as of a graph that captured nothing
    }
    monkeypatch.setattr(pick_fastest, "candidates", lambda *_: [("not made", broken), *bad.items()])
    assert pick_fastest.fastest(unet, x) is unet
    monkeypatch.setattr(pick_fastest, "candidates", lambda *_: [*bad.items(), ("right", lambda: right)])
    assert pick_fastest.fastest(unet, x) is right, "those before it do not keep a good one from being taken"


@pytest.fixture
def pipe() -> Pix2PixPipeline:
    torch.manual_seed(0)
    return Pix2PixPipeline(learned(UNetGenerator(ngf=8), drawings()), device="cpu")


def sketch() -> Image.Image:
    return Image.fromarray(((drawings(count=1)[0].permute(1, 2, 0) + 1) * 127.5).byte().numpy())


def near(one: Image.Image, other: Image.Image) -> bool:
    """40 dB PSNR."""
    error = np.square(np.asarray(one, float) - np.asarray(other, float)).mean()
    return error <= 255**2 / 10**4


def test_a_pipeline_keeps_its_answers_when_it_speeds_up(pipe):
    plain, noisy = pipe(sketch()), pipe(sketch(), seed=3)
    search = pipe.speed_up()
    assert near(pipe(sketch()), plain), "it serves while it searches"
    search.join()
    assert near(pipe(sketch()), plain)
    assert pipe(sketch()) == pipe(sketch())
    assert pipe(sketch(), seed=3) == noisy, "the paper's noise comes from the plain module"


def test_the_search_draws_nothing_from_the_callers_random_state():
    pipe = Pix2PixPipeline(UNetGenerator(num_downs=5, ngf=8), "cpu")
    before = torch.get_rng_state()
    pipe.speed_up().join()
    assert torch.equal(torch.get_rng_state(), before)


def test_threads_may_paint_while_the_choice_is_made(pipe):
    plain, wrong = pipe(sketch()), []

    def work(searching: threading.Thread) -> None:
        while searching.is_alive():
            if not near(pipe(sketch()), plain):
                wrong.append(threading.current_thread().name)

    search = pipe.speed_up()
    threads = [threading.Thread(target=work, args=[search]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_goes_wrong_in_the_networks_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        network_thread.run(lambda: 1 / 0)
    assert network_thread.run(torch.is_inference_mode_enabled)


def test_a_picture_that_nobody_wants_any_more_is_given_up_between_two_levels(pipe):
    pipe.served = fast_unet.folded(pipe.generator, torch.float32)
    reached = []
    for level in (*pipe.served[1].down, *pipe.served[1].up):
        level.register_forward_hook(lambda *_: reached.append(1))
    with pytest.raises(network_thread.Overtaken):
        pipe(sketch(), unless=lambda: len(reached) == 5)
    assert len(reached) == 5
    assert near(pipe(sketch()), pipe(sketch(), unless=network_thread.never)), "the next one is painted as ever"


def test_what_nobody_wants_any_more_is_not_begun():
    begun = []
    with pytest.raises(network_thread.Overtaken):
        network_thread.run(begun.append, 1, unless=lambda: True)
    assert not begun
