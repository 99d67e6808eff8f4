"""The networks that judge photos, and what is measured with them."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from pix2pix.errors import CheckpointError
from pix2pix.evaluation import inception, judges, metrics, panels, styles
from pix2pix.evaluation.colors import PLAIN, measure_colors, measure_two_colors
from pix2pix.evaluation.painter import Painter
from pix2pix.imaging.style import PARTS
from pix2pix.networks import vgg


@pytest.fixture(scope="module")
def network():
    return vgg.ShiftTolerantVGG.pretrained()


def noise(n: int, size: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def box(color: str, x: int = 60) -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).rectangle([x, 80, x + 130, 200], fill=color)
    return image


def test_vgg_sees_a_shift_less_than_another_color(network):
    same, shifted, other = judges.as_bytes([box("navy"), box("navy", 62), box("tan")]).float() / 127.5 - 1
    a, b = same.expand(3, -1, -1, -1), torch.stack([same, shifted, other])
    none, little, much = network.distance(a, b).tolist()
    assert none == pytest.approx(0, abs=1e-6)
    assert 0 < 2 * little < much


def test_vgg_counts_its_last_three_blocks_alike(network):
    features = network.features(noise(2, 64))
    assert features.shape == (2, 256 + 512 + 512)
    lengths = [part.norm(dim=1) for part in features.split([256, 512, 512], dim=1)]
    assert torch.allclose(torch.stack(lengths), torch.tensor([[16.0], [512**0.5], [512**0.5]]), atol=1e-3)
    assert [tuple(x.shape[1:]) for x in network.maps(noise(1, 64))][-1] == (512, 4, 4)


def test_a_missing_network_is_one_sentence(monkeypatch):
    monkeypatch.setattr(vgg, "PACKAGE", "no_such_package")
    with pytest.raises(CheckpointError, match="pip install stlpips-pytorch"):
        vgg.ShiftTolerantVGG.pretrained()
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(CheckpointError, match="pip install torch-fidelity"):
        inception.Inception.pretrained()


def test_weights_of_inception_that_cant_be_had_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    url = "http://127.0.0.1:9/weights-inception-6726825d.pth"
    with pytest.raises(CheckpointError, match=r"127\.0\.0\.1") as caught:
        inception.weights_file(url, timeout=5)
    assert "\n" not in str(caught.value)
    file = tmp_path / "checkpoints" / Path(url).name
    file.write_bytes(b"something else")
    with pytest.raises(CheckpointError, match="not the file"):
        inception.weights_file(url)


def test_inception_reads_bytes_and_gives_features(tmp_path, monkeypatch):
    """The network of torch-fidelity with weights of chance, loaded as the published ones are."""
    module = pytest.importorskip(inception.MODULE)
    torch.manual_seed(0)
    with monkeypatch.context() as patched:
        patched.setattr(module, "load_state_dict_from_url", lambda *_, **__: {})
        patched.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        weights = module.FeatureExtractorInceptionV3("of chance", ["2048"]).state_dict()
    file = tmp_path / "checkpoints" / "aside.pth"
    file.parent.mkdir()
    torch.save(weights, file)
    name = f"weights-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"
    file.rename(file.with_name(name))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(module, "URL_INCEPTION_V3", f"http://127.0.0.1:9/{name}")
    judge = judges.PhotoJudge([box("navy"), box("tan")], fid=True)
    assert judge.photos["kid_inception"].shape == (2, 2048)
    same = judge.compare_features(judge.photos)
    assert same["fid"] == pytest.approx(0, abs=1e-6)
    assert {"kid", "kid_inception", "fid"} <= set(same)


def test_a_grid_is_found_at_its_period():
    source = np.random.default_rng(0)
    y, x = np.mgrid[:256, :256]
    plain, fine, coarse = [], [], []
    for _ in range(4):
        rough = source.normal(128, 20, (256, 256))
        plain.append(rough)
        fine.append(rough + 8 * (-1.0) ** (x + y))
        coarse.append(rough + 8 * np.cos(np.pi * x / 2))
    scores = [metrics.grid_score([Image.fromarray(p.clip(0, 255).astype(np.uint8)) for p in pictures])
              for pictures in (plain, fine, coarse)]  # fmt: skip
    assert all(0.3 < value < 5 for value in scores[0].values())
    assert scores[1]["grid_2"] > 100 > 5 > scores[1]["grid_4"]
    assert scores[2]["grid_4"] > 100 > 5 > scores[2]["grid_2"]


class Styled:
    """A painter with styles, and with hints beside the drawing: fills the box with the style's colour, or each half of
    it with that of the nearest hint."""

    COLORS = ("maroon", "teal", "olive", "white")
    styles = len(COLORS)

    def __init__(self):
        self.asked = []

    def __call__(self, sketch, style=0, hints=None):
        self.asked.append(style)
        left, top, right, bottom = Image.eval(sketch.convert("L"), lambda v: 255 * (v < 128)).getbbox()
        right, bottom, middle = right - 1, bottom - 1, (left + right) // 2
        image = Image.new("RGB", sketch.size, "white")
        for x0, x1 in ((left, middle), (middle, right)):
            color = style if isinstance(style, tuple) else self.COLORS[style]
            if hints is not None:
                layer = np.asarray(hints)
                y, x = np.nonzero(layer[..., 3])
                at = np.abs(x - (x0 + x1) / 2).argmin()
                color = tuple(int(v) for v in layer[y[at], x[at], :3])
            ImageDraw.Draw(image).rectangle([x0, top, x1, bottom], fill=color)
        return image

    def style_of(self, photo):
        return photo.getpixel((photo.width // 2, photo.height // 2))


def outline(x: int) -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).rectangle([x, 80, x + 130, 200], outline="black")
    return image


PAIRS = [(outline(x), box(color, x)) for x, color in ((60, "navy"), (40, "tan"), (80, "red"), (50, "green"))]


def test_pictures_take_the_styles_in_turn():
    network = Styled()
    paint = Painter(network)
    for i in range(6):
        paint(outline(60), i)
    assert network.asked == [0, 1, 2, 3, 0, 1]
    assert Painter(lambda sketch: sketch)(outline(60), 5) == outline(60)


def test_any_color_can_be_asked_for_beside_the_drawing():
    rows, _ = measure_colors(Painter(Styled()), PAIRS[:2])
    assert set(PLAIN) <= set(rows)
    assert rows["plain colours"]["cie76_body"] == pytest.approx(0, abs=1e-6)
    assert rows["plain colours"]["chroma"] == pytest.approx(1)
    assert "chroma" not in rows["grey"]
    rows, _ = measure_two_colors(Painter(Styled()), PAIRS)
    assert rows["two colours"]["obeyed"] == 1
    deaf = Styled()
    deaf_rows, _ = measure_two_colors(Painter(lambda sketch: deaf(sketch)), PAIRS)
    assert deaf_rows["two colours"]["obeyed"] == 0


def test_styles_are_measured():
    pairs = PAIRS[:2]
    judge = judges.PhotoJudge([photo for _, photo in pairs], vgg=True)
    paint = Painter(Styled())
    rows, outputs = styles.measure_own_style(paint, pairs, judge)
    assert all(np.array_equal(output, photo) for output, (_, photo) in zip(outputs, pairs, strict=True))
    assert rows["in the style of the photo"]["lpips"] == pytest.approx(0, abs=1e-6)
    assert {"l1", "kid", "kid_vgg"} <= set(rows["in the style of the photo"])
    variety = styles.measure_variety(paint, pairs, judge)
    assert 0.2 < variety["two styles"]["share"] < 5
    assert len(styles.style_sheet(paint, [outline(60), outline(40)])) == 18


def test_every_number_of_a_style_has_its_place_in_a_row():
    asked = []

    def listening(sketch, style):
        asked.append(style)
        return sketch

    listening.styles = 1
    pictures = styles.parts_sheet(Painter(listening), outline(60), np.arange(16.0))
    assert len(pictures) == len(PARTS) * (1 + len(styles.CHANGES))
    changed = np.stack(asked) != np.arange(16)
    assert changed.any(0).all(), "no number is left out"
    assert (changed.sum(1) <= 3).all()
    assert sum(not change.any() for change in changed) == len(PARTS), "unchanged in the middle"


def test_panels_left_white_are_counted():
    drawings = [panels.crossed_bag(seed, hard=True) for seed in range(6)]
    again = panels.crossed_bag(3, hard=True)
    assert [image.tobytes() for image in again] == [image.tobytes() for image in drawings[3]]
    rows, sheet = panels.measure_panels(Painter(lambda sketch: sketch.resize((256, 256))), drawings)
    assert rows["bags crossed by lines"]["left_white"] == 1
    assert len(sheet) == 12
    filled = {sketch.tobytes(): mask for sketch, mask in drawings}

    def body(sketch):
        mask = filled.get(sketch.tobytes())
        return (
            Image.eval(mask or Image.new("L", (256, 256), 255), lambda v: 255 - v // 2)
            .convert("RGB")
            .resize((256, 256))
        )

    rows, _ = panels.measure_panels(Painter(body), drawings)
    assert rows["bags crossed by lines"] == {"unpainted": 0, "left_white": 0}


def test_loops_of_handles_that_are_painted_are_counted():
    drawings = [panels.handled_bag(seed) for seed in range(6)]
    assert [image.tobytes() for image in panels.handled_bag(3)] == [image.tobytes() for image in drawings[3]]
    for paint, filled in (
        (lambda sketch: sketch.resize((256, 256)), 0),
        (lambda sketch: Image.new("RGB", (256, 256), "red"), 1),
    ):
        rows, sheet = panels.measure_loops(Painter(paint), drawings)
        assert rows["bags with wide handles"] == {"loop_painted": filled, "loops_filled": filled}
        assert len(sheet) == 12


def test_white_styles_are_not_taken_for_unpainted_panels():
    assert panels.telling_styles(Painter(Styled())) == [0, 1, 2]
