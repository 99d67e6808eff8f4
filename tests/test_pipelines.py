"""Pictures in, pictures out."""

import io
import threading
from itertools import pairwise

import numpy as np
import pytest
import torch
from authors_reference import AuthorsGenerator
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from pix2pix import DataError, DCGANGenerator, DigitPipeline, Pix2PixPipeline, UNetGenerator
from pix2pix.imaging.rgb import to_rgb
from pix2pix.pipelines.digits import slerp


@pytest.fixture(scope="module")
def pipe():
    torch.manual_seed(0)
    return Pix2PixPipeline(UNetGenerator(ngf=8), device="cpu")


@pytest.fixture(scope="module")
def digits():
    torch.manual_seed(0)
    return DigitPipeline(DCGANGenerator(ngf=8), device="cpu")


def drawing(size=(256, 256), mode="RGB"):
    image = Image.new("RGB", size, "white")
    image.paste("black", (size[0] // 4, size[1] // 4, size[0] // 3, size[1] // 2))
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I", "I;16", "HSV"])
@pytest.mark.parametrize("size", [(256, 256), (1, 1), (700, 31)])
def test_any_image_gives_a_picture(pipe, mode, size):
    image = drawing(size).convert("I").convert("I;16") if mode == "I;16" else drawing(size, mode)
    photo = pipe(image)
    assert (photo.mode, photo.size) == ("RGB", (256, 256))


@pytest.mark.parametrize("shape", [(300, 200), (300, 200, 1), (300, 200, 3), (300, 200, 4)])
def test_arrays_give_a_picture(pipe, shape):
    assert pipe(np.full(shape, 255, np.uint8)).size == (256, 256)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("drawing.png", "expected a PIL image or a uint8 array, not str"),
        (np.zeros((4, 4)), "type uint8"),
        (np.zeros((4, 4, 7), np.uint8), r"shape \(H, W\)"),
        (np.zeros((0, 4), np.uint8), r"shape \(H, W\)"),
        (Image.new("F", (8, 8), 1.5), "numbers from 1.5 to 1.5"),
        (Image.new("I", (8, 8), -7), "numbers from -7 to -7"),
    ],
)
def test_other_things_are_refused_in_one_sentence(pipe, wrong, message):
    with pytest.raises(DataError, match=message):
        pipe(wrong)


def test_transparent_paper_is_white(pipe):
    clear = Image.new("RGBA", (256, 256), (0, 0, 0, 0))
    assert pipe.prepare(clear).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(
    ("most", "value", "expected"),
    [(7, 3, 3), (255, 200, 200), (4095, 2048, 128), (0xFFFF, 0x80FF, 0x80), (1.0, 0.5, 128)],
    ids=["labels", "8 bits", "12 bits", "16 bits", "fractions"],
)
def test_more_than_eight_bits_keep_their_range(pipe, most, value, expected):
    deep = np.full((256, 256), value, np.float32 if isinstance(most, float) else np.uint16)
    deep[0, 0] = most
    assert pipe.prepare(Image.fromarray(deep)).getpixel((9, 9)) == (expected,) * 3


def test_photos_are_turned_upright(pipe):
    image = Image.new("RGB", (256, 256), "white")
    image.paste("black", (0, 0, 256, 20))  # a bar on top, stored turned by 180 degrees
    exif = Image.Exif()
    exif[0x0112] = 3
    image.info["exif"] = exif.tobytes()
    assert pipe.prepare(image).getpixel((128, 250)) == (0, 0, 0)


@given(kind=st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF"]), data=st.data())
def test_a_damaged_exif_costs_no_picture(kind, data):
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x010F: "maker", 0x011A: 72.0, 0x0132: "2026"})
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, kind, exif=exif)
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, min(len(content), 300) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = Image.open(io.BytesIO(content))
        assume(image.width * image.height < 10**6)
        image.load()
    except Exception:
        assume(False)
    assert to_rgb(image).mode == "RGB"


def test_drawings_keep_their_proportions(pipe):
    wide = Image.new("RGB", (400, 100), "black")
    seen = np.asarray(pipe.prepare(wide).convert("L")) < 128
    assert seen.any(1).sum() == 64  # a quarter of the height, centred on white
    assert seen[96:160].all()


def test_deterministic_unless_asked(pipe):
    assert pipe(drawing()) == pipe(drawing())


def test_seed_draws_the_noise_of_the_paper(pipe):
    plain = pipe(drawing())
    three, again, four = (pipe(drawing(), seed=seed) for seed in (3, 3, 4))
    assert three == again
    assert three not in (four, plain)
    assert pipe(drawing()) == plain  # and nothing of it stays behind


def test_a_settled_generator_keeps_its_statistics_under_noise():
    torch.manual_seed(0)
    generator = UNetGenerator(num_downs=5, ngf=4, use_dropout=False)
    generator.train()(torch.rand(2, 3, 32, 32))
    settled = Pix2PixPipeline(generator, "cpu", config={"training": {"options": {"settle": True}}})
    assert settled(drawing(), seed=1) == settled(drawing())
    assert Pix2PixPipeline(generator, "cpu")(drawing(), seed=1) != settled(drawing())


def test_seeds_are_whole_numbers_of_any_kind(pipe):
    assert pipe(drawing(), seed=np.int64(3)) == pipe(drawing(), seed=3) == pipe(drawing(), seed=3 + 2**63)
    with pytest.raises(TypeError, match="integer"):
        pipe(drawing(), seed=1.5)


def test_seed_leaves_the_global_random_state_alone(pipe):
    state = torch.get_rng_state()
    pipe(drawing(), seed=1)
    assert torch.equal(torch.get_rng_state(), state)


def test_threads_do_not_mix_modes(pipe):
    """Deterministic and noisy calls at the same time: each gives what it gives alone."""
    expected = {None: pipe(drawing()), 5: pipe(drawing(), seed=5)}
    wrong = []

    def work(seed):
        for _ in range(5):
            if pipe(drawing(), seed=seed) != expected[seed]:
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=[seed]) for seed in (None, 5, None, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


HINTED, PLAIN = {"options": {"color_hints": True}}, {"options": {"color_hints": False}}


@pytest.mark.parametrize(
    ("training", "hints"),
    [
        ({}, True),
        (HINTED, True),
        (PLAIN, False),
        (PLAIN | {"earlier_runs": [HINTED]}, True),
        (PLAIN | {"earlier_runs": [PLAIN, "?"]}, False),
        ("?", True),
        ({"options": 3, "earlier_runs": 5}, True),
    ],
)
def test_hints_are_for_networks_that_saw_some_or_do_not_tell(training, hints):
    assert Pix2PixPipeline(UNetGenerator(num_downs=5, ngf=2), "cpu", config={"training": training}).takes_hints is hints


def test_networks_of_grey_drawings_and_of_the_authors_know_no_hints(tmp_path):
    assert not Pix2PixPipeline(UNetGenerator(input_nc=1, num_downs=5, ngf=2), "cpu").takes_hints
    torch.save(AuthorsGenerator(num_downs=7, ngf=2).state_dict(), tmp_path / "latest_net_G.pth")
    assert not Pix2PixPipeline.from_pretrained(tmp_path, "cpu").takes_hints


def test_unknown_device_is_named():
    with pytest.raises(ValueError, match=r"device 'tpu' is not available here; this machine has: .*cpu"):
        Pix2PixPipeline(UNetGenerator(ngf=4), device="tpu")


def test_digits_are_small_grey_images(digits):
    images = digits([3, 3, 7], seed=0)
    assert [(image.mode, image.size) for image in images] == [("L", (28, 28))] * 3
    assert images == digits([3, 3, 7], seed=0)
    assert images != digits([3, 3, 7], seed=1)
    assert images[0] != images[1]  # the same class, another z


def test_coloured_pictures_are_rgb():
    pipe = DigitPipeline(
        DCGANGenerator(image_size=32, num_classes=2, ngf=4, output_nc=3, class_names=["cat", "dog"]), "cpu"
    )
    assert pipe([1])[0].mode == "RGB"
    assert pipe.class_names == ["cat", "dog"]


def test_no_labels_no_pictures(digits):
    assert digits([]) == []


def test_unknown_labels_are_named(digits):
    with pytest.raises(ValueError, match="label 10 is unknown: expected 0 to 9"):
        digits([3, 10])


def near(one: Image.Image, other: Image.Image) -> bool:
    """Equal but for rounding: a batch of another size may sum in another order."""
    return np.abs(np.asarray(one, int) - np.asarray(other, int)).max() <= 1


def test_a_style_is_one_noise_for_every_class(digits):
    rows = digits.styles(seed=4, count=3)
    assert [len(row) for row in rows] == [10] * 3
    for label in (0, 7):
        plain = digits([label] * 3, seed=4)
        assert all(near(row[label], image) for row, image in zip(rows, plain, strict=True))
    assert rows == digits.styles(seed=4, count=3)
    assert rows != digits.styles(seed=5, count=3)
    assert digits.styles(count=0) == []


def test_writing_puts_samples_side_by_side(digits):
    picture = digits.write("2026", seed=1)
    assert (picture.mode, picture.size) == ("L", (4 * 28, 28))
    assert picture == digits.write("2026", seed=1)
    assert picture != digits.write("2026", seed=2)
    for i, image in enumerate(digits([2, 0, 2, 6], seed=1)):
        assert picture.crop((28 * i, 0, 28 * i + 28, 28)) == image
    assert picture.crop((0, 0, 28, 28)) != picture.crop((56, 0, 84, 28))  # each 2 is one of its own
    assert digits.write("7" * 32).width == 32 * 28


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text has 0 characters: expected 1 to 32"),
        ("1" * 33, "text has 33 characters: expected 1 to 32"),
        ("1a-a", "text has 'a', '-': expected only 0, 1, 2"),
        ("1 2", "text has ' ': expected"),
        ("２", "text has '２': expected"),
    ],
)
def test_what_cannot_be_written_is_named(digits, text, message):
    with pytest.raises(ValueError, match=message):
        digits.write(text)


def test_writing_needs_classes_of_one_character():
    clothes = DigitPipeline(DCGANGenerator(num_classes=2, ngf=4, class_names=["Bag", "Coat"]), "cpu")
    with pytest.raises(ValueError, match="names of one character; this model has one named 'Bag'"):
        clothes.write("B")
    letters = DigitPipeline(DCGANGenerator(num_classes=2, ngf=4, class_names=["a", "B"]), "cpu")
    assert letters.write("Ba").size == (56, 28)


@pytest.mark.parametrize("seed_end", [None, 3, 8])
def test_a_morph_leads_from_one_sample_to_the_other(digits, seed_end):
    frames = digits.morph(2, 9, steps=7, seed=3, seed_end=seed_end)
    assert len(frames) == 7
    assert near(frames[0], digits([2], seed=3)[0])
    assert near(frames[-1], digits([9], seed=3 if seed_end is None else seed_end)[0])
    assert frames == digits.morph(2, 9, steps=7, seed=3, seed_end=seed_end)
    assert all(one != other for one, other in pairwise(frames))


def test_a_morph_of_nothing_stands_still(digits):
    first, *rest = digits.morph(4, 4, steps=3, seed=1)
    assert all(near(first, frame) for frame in rest)


def test_a_morph_of_styles_keeps_the_length_of_z():
    one, other = torch.randn(2, 1, 100, generator=torch.Generator().manual_seed(0))
    t = torch.linspace(0, 1, 11)[:, None]
    lengths = slerp(one, other, t).norm(dim=1)
    assert lengths.min() > 0.98 * min(one.norm(), other.norm())
    assert torch.equal(slerp(one, one, t), one.expand(11, -1))


def test_morphs_name_what_is_wrong(digits):
    with pytest.raises(ValueError, match="steps is 1: expected 2 or more"):
        digits.morph(0, 1, steps=1)
    with pytest.raises(ValueError, match="label -1 is unknown"):
        digits.morph(0, -1)


def test_a_blend_of_classes_has_a_share_for_every_class():
    generator = DCGANGenerator(ngf=4).eval()
    z, labels = torch.randn(2, 100), torch.tensor([3, 7])
    assert torch.equal(generator(z, torch.eye(10)[labels]), generator(z, labels))
    with pytest.raises(ValueError, match=r"shape \(2, 9\); expected \(2, 10\)"):
        generator(z, torch.ones(2, 9))


def test_a_folder_with_a_dot_in_its_name_keeps_it(tmp_path):
    UNetGenerator(ngf=4).save_pretrained(tmp_path / "bags-v1.2")
    assert Pix2PixPipeline.from_pretrained(tmp_path / "bags-v1.2", device="cpu").name == "bags-v1.2"
