"""A style: measured in pictures, told to a generator, chosen in use."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import nn

from pix2pix import CheckpointError, DataError, Pix2PixPipeline, UNetGenerator, checkpoint
from pix2pix.anatomy.generator import activations, without_skips
from pix2pix.imaging.silhouette import body_of
from pix2pix.imaging.style import COLOR, CONTRAST, NUMBERS, describe, far_apart, style_of
from pix2pix.networks.pix2pix import SmoothTransposed2d, noise_planes

STYLES = [
    {"name": name, "numbers": [*color, *[0.2] * (NUMBERS - 3)]}
    for name, color in (("red", (0.8, -0.8, -0.8)), ("navy", (-0.8, -0.7, 0.2)), ("white", (0.9, 0.9, 0.9)))
]


def photo(color, pattern=None) -> Image.Image:
    """A bag before white paper: one colour, or with bands of another."""
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).rectangle((50, 80, 210, 220), fill=color)
    for y in range(84, 216, 12) if pattern else ():
        ImageDraw.Draw(image).rectangle((54, y, 206, y + 5), fill=pattern)
    return image


def measured(image: Image.Image) -> torch.Tensor:
    tensor = torch.from_numpy(np.asarray(image, dtype=np.float32) / 255).permute(2, 0, 1)
    return style_of(tensor, body_of(tensor))


def sketch() -> Image.Image:
    image = Image.new("RGB", (512, 512), "white")
    ImageDraw.Draw(image).rectangle((100, 160, 420, 440), outline="black", width=6)
    return image


def styled(styles=STYLES, **options) -> Pix2PixPipeline:
    torch.manual_seed(0)
    generator = UNetGenerator(ngf=8, style_dim=NUMBERS, smooth=2, **options)
    for parameter in generator.parameters():
        if parameter.dim() == 4:
            parameter.data.mul_(5)
    return Pix2PixPipeline(generator, device="cpu", config={"styles": styles, "line_width": 4})


@pytest.fixture(scope="module")
def pipe():
    return styled()


# ---- measuring -------------------------------------------------------------------------------------


def test_the_colour_is_that_of_the_object():
    for color in ((200, 30, 30), (20, 30, 80), (240, 236, 225)):
        torch.testing.assert_close(measured(photo(color))[COLOR], torch.tensor(color) / 127.5 - 1, atol=0.06, rtol=0)


def test_patterns_show():
    plain, bands = measured(photo((90, 60, 40))), measured(photo((90, 60, 40), (220, 200, 180)))
    assert plain[CONTRAST].abs().max() < 0.05
    assert bands[CONTRAST].min() > 0.5
    assert (bands[7:11] > plain[7:11]).all()
    assert bands[11] > plain[11] + 0.5, "lightness changes downwards"


def test_any_picture_has_a_style():
    for image in (Image.new("RGB", (256, 256), "white"), Image.new("RGB", (256, 256)), photo("white"), photo("black")):
        assert measured(image).isfinite().all()
    assert not measured(Image.new("RGB", (256, 256), "white")).any(), "nothing there"


def test_built_in_styles_are_far_apart_and_seldom_dark():
    source = torch.Generator().manual_seed(0)
    styles = torch.cat([torch.randn(200, NUMBERS, generator=source) * 0.05 - 0.8, torch.randn(60, NUMBERS) * 0.5])
    chosen = far_apart(styles, 8)
    assert len(set(chosen)) == 8
    assert sum(index >= 200 for index in chosen) >= 7


def test_styles_are_named_by_their_colour():
    assert describe(measured(photo((31, 47, 86)))).startswith("navy")
    assert describe(measured(photo((217, 195, 160)))).startswith("beige")


# ---- the network -----------------------------------------------------------------------------------


def test_without_a_style_it_is_the_papers_network():
    assert (
        UNetGenerator(ngf=4).state_dict().keys()
        == UNetGenerator(ngf=4, style_dim=NUMBERS, smooth=3).state_dict().keys()
    )
    assert UNetGenerator(ngf=4).down[0][0].in_channels == 3


def test_a_style_comes_as_numbers_as_a_map_or_behind_the_condition():
    torch.manual_seed(0)
    generator = UNetGenerator(ngf=4, num_downs=5, style_dim=2).eval()
    x, style = torch.randn(2, 3, 32, 32), torch.tensor([[0.5, -1.0]])
    as_numbers = generator(x, style)
    assert torch.equal(as_numbers, generator(x, style[..., None, None].expand(2, -1, 32, 32)))
    assert torch.equal(as_numbers, generator(generator.with_style(x, style)))
    assert not torch.equal(as_numbers, generator(x, -style))


@pytest.mark.parametrize("options", [{"smooth": 4}, {"ngf": 0}, {"style_dim": 17}, {"noise_nc": 5}], ids=str)
def test_networks_beyond_bounds_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        UNetGenerator(**options)


def test_noise_is_fixed_and_makes_grain():
    torch.manual_seed(0)
    generator = UNetGenerator(ngf=4, num_downs=5, style_dim=2, noise_nc=1).eval()
    x, style = torch.ones(2, 3, 32, 32), torch.zeros(1, 2)
    painted = generator(x, style)
    assert torch.equal(painted, generator(x, style))
    assert torch.equal(painted, generator(generator.with_noise(generator.with_style(x, style))))
    other = generator.with_noise(generator.with_style(x, style), torch.randn(1, 1, 32, 32))
    assert not torch.equal(painted, generator(other))


def test_planes_of_noise_have_ever_larger_blobs():
    planes = noise_planes(4, 3, 64, 50, generator=torch.Generator().manual_seed(1))
    assert planes.shape == (4, 3, 64, 50)
    alike = [float((plane * plane.roll(3, -1)).mean() / plane.square().mean()) for plane in planes.unbind(1)]
    assert abs(alike[0]) < 0.1
    assert alike[0] + 0.1 < alike[1] < alike[2] - 0.2
    assert 0.5 < planes.var() < 1.2


def test_a_smooth_level_is_a_transposed_convolution_and_a_blur():
    torch.manual_seed(0)
    conv = SmoothTransposed2d(5, 3)
    plain = nn.ConvTranspose2d(5, 3, 4, 2, 1)
    plain.load_state_dict(conv.state_dict())
    x = torch.randn(2, 5, 8, 8)
    tent = torch.tensor([1.0, 2.0, 1.0]) / 4
    blurred = F.conv2d(plain(x), torch.outer(tent, tent).expand(3, 1, 3, 3), padding=1, groups=3)
    torch.testing.assert_close(conv(x)[..., 2:-2, 2:-2], blurred[..., 2:-2, 2:-2])


@torch.inference_mode()
def test_a_smooth_level_paints_no_grid():
    torch.manual_seed(0)
    x = torch.ones(1, 5, 16, 16)

    def grid(conv: nn.Module) -> float:
        y = conv(x)[..., 4:-4, 4:-4]
        return float((y[..., ::2, :] - y[..., 1::2, :]).abs().max())

    assert grid(nn.ConvTranspose2d(5, 3, 4, 2, 1)) > 0.01
    assert grid(SmoothTransposed2d(5, 3)) < 1e-6


# ---- in use ----------------------------------------------------------------------------------------


def test_seeds_are_other_grain():
    pipe = styled(noise_nc=1)
    assert pipe(sketch()).tobytes() == pipe(sketch()).tobytes()
    assert pipe(sketch(), seed=1).tobytes() == pipe(sketch(), seed=1).tobytes() != pipe(sketch(), seed=2).tobytes()


def test_styles_by_number_name_and_numbers(pipe):
    assert pipe.styles == 3
    assert pipe.style_names == ["red", "navy", "white"]
    first = pipe(sketch()).tobytes()
    assert pipe(sketch(), style=0).tobytes() == first, "the first is taken where none is asked for"
    assert pipe(sketch(), style="navy").tobytes() == pipe(sketch(), style=1).tobytes() != first
    assert pipe(sketch(), style=STYLES[1]["numbers"]).tobytes() == pipe(sketch(), style=1).tobytes()
    assert pipe(sketch(), seed=3, style=1).tobytes() == pipe(sketch(), seed=3, style=1).tobytes()


def test_the_style_of_a_photo(pipe):
    style = pipe.style_of(photo((200, 30, 30)).resize((900, 900)))
    assert style.shape == (NUMBERS,)
    np.testing.assert_allclose(style[COLOR], np.array((200, 30, 30)) / 127.5 - 1, atol=0.06)
    assert pipe(sketch(), style=style).tobytes() != pipe(sketch()).tobytes()


@pytest.mark.parametrize(
    ("style", "message"),
    [
        (3, "no style 3: they are numbered from 0 to 2"),
        (-1, "no style -1"),
        ("green", "no style 'green'"),
        ([0.0] * 15, "16 numbers"),
        ([float("nan")] * NUMBERS, "16 numbers"),
        ([99] * NUMBERS, "16 numbers"),
        ({}, "16 numbers"),
    ],
)
def test_other_styles_are_refused(pipe, style, message):
    with pytest.raises(DataError, match=message):
        pipe(sketch(), style=style)


def test_strokes_of_colour_come_beside_the_drawing_or_in_it(pipe):
    hints = Image.new("RGBA", (512, 512))
    ImageDraw.Draw(hints).line((200, 300, 300, 300), fill=(217, 50, 46), width=16)
    in_it = sketch()
    in_it.paste(hints, mask=hints)
    beside = pipe.condition(sketch(), hints=hints)
    torch.testing.assert_close(
        beside.tensor[:, :3], pipe.condition(sketch()).tensor[:, :3], msg="the lines are the same"
    )
    center = (slice(None), slice(3, 6), 200, 128)
    red = torch.tensor([[217, 50, 46]]) / 127.5 - 1
    torch.testing.assert_close(beside.tensor[center], red)
    torch.testing.assert_close(pipe.condition(in_it).tensor[center], red, atol=0.1, rtol=0)
    assert pipe(sketch(), hints=hints).tobytes() != pipe(sketch()).tobytes()


def test_a_white_stroke_is_a_hint(pipe):
    hints = np.zeros((512, 512, 4), np.uint8)
    hints[280:320, 200:300] = 255
    assert pipe(sketch(), hints=hints).tobytes() != pipe(sketch()).tobytes()


@pytest.mark.parametrize(
    "hints", [Image.new("RGB", (512, 512)), Image.new("RGBA", (99, 512)), np.zeros((512, 512), np.uint8)]
)
def test_hints_of_another_shape_are_refused(pipe, hints):
    with pytest.raises(DataError, match="RGBA image of the drawing's size, 512x512"):
        pipe(sketch(), hints=hints)


def test_a_network_without_style_says_so():
    plain = Pix2PixPipeline(UNetGenerator(ngf=4), device="cpu", name="plain")
    assert (plain.styles, plain.style_names) == (0, [])
    for ask in (lambda: plain(sketch(), style=0), lambda: plain.style_of(photo("red"))):
        with pytest.raises(DataError, match="plain is told no style"):
            ask()


def test_a_network_with_hints_in_the_drawing_finds_them_there():
    plain = Pix2PixPipeline(UNetGenerator(ngf=4), device="cpu")
    hints = Image.new("RGBA", (256, 256))
    hints.paste((217, 50, 46), (40, 40, 80, 60))
    drawn = Image.new("RGB", (256, 256), "white")
    drawn.paste((217, 50, 46), (40, 40, 80, 60))
    blank = Image.new("RGB", (256, 256), "white")
    assert plain.condition(blank, hints=hints).image.tobytes() == plain.prepare(drawn).tobytes()


def test_looking_inside_takes_a_styled_drawing(pipe):
    condition = pipe.condition(sketch(), style=2)
    assert (
        without_skips(pipe, condition, []).tobytes() == pipe(sketch(), style=2).tobytes() == pipe(condition).tobytes()
    )
    assert activations(pipe, condition)[-1].thumbnail.tobytes() == pipe(condition).tobytes()


def test_a_checkpoint_keeps_its_styles(tmp_path, pipe):
    checkpoint.save(pipe.generator, tmp_path, styles=STYLES, line_width=4)
    assert (
        Pix2PixPipeline.from_pretrained(tmp_path, "cpu")(sketch(), style=1).tobytes()
        == pipe(sketch(), style=1).tobytes()
    )


@pytest.mark.parametrize(
    "styles",
    [
        "red",
        [3],
        [{"name": "red"}],
        [{"name": "red", "numbers": [0.1] * 15}],
        [{"name": "x" * 99, "numbers": [0.1] * NUMBERS}],
        [{"name": "red", "numbers": [1e30] * NUMBERS}],
        [{"name": "red", "numbers": ["a"] * NUMBERS}],
        [{"name": "red", "numbers": [10**400] * NUMBERS}],
        [{"name": "re\ud800d", "numbers": [0.1] * NUMBERS}],
        [{"name": "re\nd", "numbers": [0.1] * NUMBERS}],
    ],
)
def test_damaged_styles_are_named(styles):
    with pytest.raises(CheckpointError, match="has styles that can't be read"):
        styled(styles)


def test_a_checkpoint_without_a_list_has_one_style():
    assert styled([]).styles == 1
