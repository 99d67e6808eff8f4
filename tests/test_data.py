"""Aligned pairs: both halves alike, the same for the same seed, bad files named."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from pix2pix import DataError, Pix2PixPipeline, UNetGenerator
from pix2pix.data.augment import ColorHints
from pix2pix.data.batches import ShuffledBatches
from pix2pix.data.drawn_by_hand import DrawnByHand
from pix2pix.data.pairs import PairedImages, list_pairs, open_pair


@pytest.fixture
def folder(tmp_path):
    """Pairs whose halves are equal, so that a difference is a difference of augmentation."""
    noise = np.random.default_rng(0)
    for number in (1, 2, 10):
        half = noise.integers(0, 255, (256, 256, 3)).astype(np.uint8)
        Image.fromarray(np.concatenate([half, half], 1)).save(tmp_path / f"{number}_AB.png")
    return tmp_path


def test_files_come_in_numeric_order(folder):
    (folder / "._1_AB.png").write_bytes(b"what macOS leaves beside a file")
    assert [file.name for file in list_pairs(folder).images] == ["1_AB.png", "2_AB.png", "10_AB.png"]
    for name in ("a_100.png", "cat_9.png", "cat_10.png", "z_1.png", "²³.png"):
        (folder / name).write_bytes(b"")
    expected = ["1_AB.png", "2_AB.png", "10_AB.png", "a_100.png", "cat_9.png", "cat_10.png", "z_1.png", "²³.png"]
    assert [file.name for file in list_pairs(folder).images] == expected


def test_both_halves_get_the_same_crop_and_flip(folder):
    data = PairedImages(folder)
    for seed in range(8):
        condition, picture = data[seed % 3, seed]
        assert condition.shape == (3, 256, 256)
        assert torch.equal(condition, picture)
        assert -1 <= condition.min() < condition.max() <= 1


def test_crops_and_flips_differ_from_seed_to_seed_and_repeat(folder):
    data = PairedImages(folder)
    assert torch.equal(data[0, 5][0], data[0, 5][0])
    assert not torch.equal(data[0, 5][0], data[0, 6][0])


def test_without_crop_and_flip_the_pixels_are_the_files(folder):
    data = PairedImages(folder, load_size=256, crop_size=256, flip=False)
    condition, _ = data[0, 0]
    expected = np.asarray(open_pair(folder / "1_AB.png")[0])
    assert np.array_equal(((condition.permute(1, 2, 0) + 1) * 127.5).round().byte().numpy(), expected)


def test_what_is_not_square_is_learnt_as_it_is_served(tmp_path):
    """As a whole, on white paper."""
    half = Image.new("RGB", (32, 16), "navy")
    pair = Image.new("RGB", (64, 16))
    pair.paste(half, (0, 0)), pair.paste(half, (32, 0))
    pair.save(tmp_path / "1.png")
    condition, picture = PairedImages(tmp_path, load_size=32, crop_size=32)[0, 0]
    pipe = Pix2PixPipeline(UNetGenerator(num_downs=5, ngf=4), device="cpu")
    assert torch.equal(condition, picture)
    assert torch.allclose(condition[None], pipe.to_tensor(pipe.prepare(half)), atol=1e-6)


def test_direction_swaps_the_halves(tmp_path):
    image = Image.new("RGB", (20, 10), "white")
    image.paste("red", (10, 0, 20, 10))
    image.save(tmp_path / "1.png")
    assert open_pair(tmp_path / "1.png")[0].getpixel((5, 5)) == (255, 255, 255)
    assert open_pair(tmp_path / "1.png", "BtoA")[0].getpixel((5, 5)) == (255, 0, 0)


def test_batches_cover_an_epoch_once_and_resume_in_the_middle():
    epoch = list(ShuffledBatches(10, 3, seed=1, epoch=4))
    assert len({index for batch in epoch for index, _ in batch}) == 9
    assert [len(batch) for batch in epoch] == [3, 3, 3]
    assert list(ShuffledBatches(10, 3, seed=1, epoch=4, start=2)) == epoch[2:]
    assert list(ShuffledBatches(10, 3, seed=1, epoch=5)) != epoch
    assert len(list(ShuffledBatches(2, 8, seed=1, epoch=0))) == 1  # fewer images than a batch


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "no image in"),
        (lambda folder: folder.rmdir(), "no such folder"),
        (lambda folder: Image.new("RGB", (31, 10)).save(folder / "odd.png"), r"odd\.png is 31 pixels wide"),
        (lambda folder: (folder / "text.jpg").write_text("hello"), r"text\.jpg can't be read as an image"),
    ],
)
def test_bad_data_is_named(tmp_path, make, message):
    data = tmp_path / "data"
    data.mkdir()
    make(data)
    with pytest.raises(DataError, match=message):
        PairedImages(data)


# --- augmentations ------------------------------------------------------------------------------------------------


@pytest.fixture
def bag():
    """A thin outline, and a green box on white."""
    condition, picture = torch.ones(3, 256, 256), torch.ones(3, 256, 256)
    picture[:, 80:200, 60:200] = torch.tensor([0.2, 0.5, 0.2]).view(3, 1, 1)
    for line in (
        condition[:, 80:200, 60],
        condition[:, 80:200, 199],
        condition[:, 80, 60:200],
        condition[:, 199, 60:200],
    ):
        line.zero_()
    condition[:, 140, 100:160] = 0  # an inner line
    return condition, picture


def ink(condition):
    return float((1 - condition).mean())


def test_lines_get_as_thick_as_asked(bag):
    torch.manual_seed(0)
    still = {"outline_only": 0, "missing": 0, "wobble": 0.5, "scale": (1, 1)}
    thin, thick = (DrawnByHand(**still, widths=(width,))(*bag)[0] for width in (1, 6))
    assert 3 < ink(thick) / ink(thin) < 9


def test_outline_only_drops_inner_lines(bag):
    condition, _ = DrawnByHand(outline_only=1, missing=0, wobble=0.5, scale=(1, 1), widths=(1,))(*bag)
    assert condition[:, 138:143, 110:150].min() > 0.9
    assert ink(condition) > 0.5 * ink(bag[0])


@pytest.fixture
def handled():
    """A box with a handle of two lines 12 pixels apart, on white."""
    condition, picture = torch.ones(3, 256, 256), torch.ones(3, 256, 256)
    for (left, top, right, bottom), value in (
        ((90, 40, 166, 130), 0.3),
        ((102, 52, 154, 120), 1),
        ((60, 120, 200, 220), 0.3),
    ):
        picture[:, top:bottom, left:right] = value
    paint = picture.amin(0) < 0.5
    inner = F.avg_pool2d(paint.float()[None], 3, 1, 1)[0] > 0.99
    condition[:, paint & ~inner] = 0
    return condition, picture


def redraw(sample, **options):
    """The sample with changed lines, one pixel wide, at the same place."""
    change = DrawnByHand(missing=0, wobble=0.1, widths=(1,), **options)
    change.place = lambda *images: images
    return change(*sample)


def test_outline_only_keeps_the_loop_of_a_handle(handled):
    condition, _ = redraw(handled, outline_only=1)
    condition, drawn = condition[0] < 0.7, handled[0][0] < 0.5
    assert condition[50:54, 110:146].any(0).all(), "above the loop"
    assert condition[118:123, 110:146].any(0).all(), "the body below it"
    assert condition.sum() > 0.9 * drawn.sum()


@pytest.fixture
def dome():
    """An arch of 120 pixels on a body of 160, on white, with its outline."""
    y, x = torch.meshgrid(torch.arange(256), torch.arange(256), indexing="ij")
    paint = ((x - 128) ** 2 + (y - 120) ** 2 < 60**2) & (y < 121) | (y > 120) & (y < 220) & ((x - 128).abs() < 80)
    picture = torch.where(paint, 0.3, 1.0).expand(3, -1, -1)
    inner = F.avg_pool2d(paint.float()[None], 3, 1, 1)[0] > 0.99
    return torch.where(paint & ~inner, 0.0, 1.0).expand(3, -1, -1), picture


def test_a_dome_may_become_a_wide_handle(dome):
    torch.manual_seed(0)
    condition, picture = redraw(dome, outline_only=0, looped=1)
    loop = (picture[0] > 0.99) & (dome[1][0] < 0.5)
    y, x = loop.nonzero().T
    assert loop.sum() >= 400
    assert (y.max() < 170) & (x.min() > 68) & (x.max() < 188), "in the upper part, with a band around it"
    near_a_line = F.max_pool2d((condition[:1] < 0.7).float(), 3, 1, 1)[0] > 0
    edge = loop & (F.avg_pool2d(loop.float()[None], 3, 1, 1)[0] < 0.99)
    assert near_a_line[edge].float().mean() > 0.95
    assert torch.equal(picture[0] < 0.5, (dome[1][0] < 0.5) & ~loop)


def test_a_flat_top_stays_as_it_is(bag):
    _, picture = redraw(bag, outline_only=0, looped=1)
    assert torch.equal(picture, bag[1])


def test_a_handle_may_be_one_line(handled):
    for seed in range(5):
        torch.manual_seed(seed)
        condition, picture = redraw(handled, outline_only=0, single=1)
        across = (condition[0, 30:64, 128] < 0.7).int()
        assert across.diff().clamp(min=0).sum() == 1, "one line"
        assert (condition[0, 205:225, 80:180] < 0.7).any(0).all(), "the body keeps its edges"
        assert torch.equal(picture, handled[1])


def test_drawings_stay_lines_on_white_and_leave_the_picture_in_range(bag):
    for seed in range(20):
        torch.manual_seed(seed)
        condition, picture = DrawnByHand()(*bag)
        assert condition.shape == picture.shape == (3, 256, 256)
        assert 0 <= condition.min() <= condition.max() <= 1
        assert 0 <= picture.min() <= picture.max() <= 1
        assert 0.001 < ink(condition) < 0.2
        assert torch.equal(condition[0], condition[1])  # black ink only


def test_moving_keeps_lines_on_their_object(bag):
    """After scale and shift the outline still lies on the border of the picture's object."""
    for seed in range(8):
        torch.manual_seed(seed)
        condition, picture = DrawnByHand(outline_only=0, missing=0, wobble=0.0, widths=(1,))(*bag)
        lines, colored = (condition[0] < 0.5).nonzero(), (picture.amin(0) < 0.5).nonzero()
        assert (lines.amin(0) - colored.amin(0)).abs().max() <= 3
        assert (lines.amax(0) - colored.amax(0)).abs().max() <= 3


def test_hints_have_the_local_colour_of_the_picture(bag):
    torch.manual_seed(1)
    condition, picture = ColorHints(share=1, recolor=0)(*bag)
    assert torch.equal(picture, bag[1])
    colored = (condition.amax(0) - condition.amin(0)) > 0.05
    assert colored.sum() > 50
    color = condition[:, colored].mean(1)
    assert torch.allclose(color, torch.tensor([0.2, 0.5, 0.2]), atol=0.05)


def test_a_recoloured_object_and_its_hint_agree_and_the_paper_stays_white(bag):
    for seed in range(6):
        torch.manual_seed(seed)
        condition, picture = ColorHints(share=1, recolor=1)(*bag)
        colored = (condition.amax(0) - condition.amin(0)) > 0.1
        if colored.sum() > 50:
            assert (condition[:, colored].mean(1) - picture[:, 140, 130]).abs().max() < 0.1
        assert picture[:, :60].min() == 1


def test_a_share_of_samples_has_no_hints(bag):
    torch.manual_seed(0)
    plain = sum(torch.equal(ColorHints(share=0.5)(*bag)[0], bag[0]) for _ in range(40))
    assert 8 < plain < 32


@pytest.mark.parametrize("shade", [(0.0, 0.0, 0.2), (1.0, 1.0, 0.8)], ids=["near black", "near white"])
def test_hints_never_read_as_lines_or_paper(bag, shade):
    condition, _ = bag
    hinted, _ = ColorHints(share=1, recolor=0)(condition, of_shade(shade))
    new = (hinted != condition).any(0)
    assert new.any()
    assert hinted[:, new].amax(0).min() >= 0.29  # a line is black
    assert hinted[:, new].amin(0).max() <= 0.94  # paper is white


@pytest.mark.parametrize("shade", [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.93, 0.93, 0.93)])
def test_grey_is_no_hint(bag, shade):
    condition, _ = bag
    hinted, _ = ColorHints(share=1, recolor=0)(condition, of_shade(shade))
    assert torch.equal(hinted, condition)


def of_shade(shade: tuple[float, ...]) -> torch.Tensor:
    """A photo of something in one colour."""
    torch.manual_seed(0)
    picture = torch.full((3, 256, 256), 1.0)
    picture[:, 80:200, 60:200] = torch.tensor(shade)[:, None, None]
    return picture
