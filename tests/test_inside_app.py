"""The endpoints of the tab "Inside pix2pix": what they answer, and what they say of bad input."""

import numpy as np
import pytest
from conftest import alike
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from sketches import BAD_FILES, sketch, translate

ON_A_DRAWING = ("/patch_verdict", "/without_skips", "/activations", "/dropout_noise")
ALL = (*ON_A_DRAWING, "/patch_arithmetic", "/training_timeline")


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    path = tmp_path_factory.mktemp("drawing") / "sketch.png"
    sketch().save(path)
    return handle_file(path)


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def gallery(items: list[dict]) -> dict[str, np.ndarray]:
    """Pictures by caption, in their order."""
    return {item["caption"]: pixels(item["image"]) for item in items}


def test_patch_verdict_describes_a_cell(client, drawing):
    heat, facts = client.predict(drawing, column=2, row=29, api_name="/patch_verdict")
    assert pixels(heat).shape == (256, 256, 3)
    grid = np.array(facts["probabilities"])
    assert grid.shape == (30, 30)
    assert 0 <= grid.min() < grid.max() <= 1
    assert facts["real"] == grid[29, 2]
    assert facts["patch"] == [0, 209, 63, 256]  # 70 pixels, cut at the edges: 16 - 23 + 70 = 63
    assert facts["receptive_field"] == 70
    _, middle = client.predict(drawing, api_name="/patch_verdict")
    assert (middle["column"], middle["row"]) == (15, 15)
    assert middle["probabilities"] == facts["probabilities"]


def test_patch_arithmetic_ends_at_the_patch(client):
    layers = client.predict(api_name="/patch_arithmetic")
    assert [layer["receptive_field"] for layer in layers] == [4, 10, 22, 46, 70]
    assert layers[-1]["map_size"] == 30


def test_without_skips_paints_something_else(client, drawing):
    def cut(*levels: str | int) -> np.ndarray:
        return pixels(client.predict(drawing, levels=list(levels), api_name="/without_skips"))

    whole = translate(client, drawing["path"])
    assert alike(cut(), whole)
    assert np.array_equal(cut("0", "3"), cut(3, 0))
    assert len({cut(*levels).tobytes() for levels in ((), ("0",), ("6",), "0123456")}) == 4


def test_activations_end_at_the_picture(client, drawing):
    found = gallery(client.predict(drawing, api_name="/activations"))
    assert len(found) == 16
    assert next(iter(found)) == "down 0: 8 x 128 x 128"
    assert alike(found["up 0: 3 x 256 x 256"], translate(client, drawing["path"]))


def test_dropout_noise_repeats_itself(client, drawing):
    def draw(**options) -> tuple[dict[str, np.ndarray], np.ndarray, float]:
        pictures, spread, mean = client.predict(drawing, **options, api_name="/dropout_noise")
        return gallery(pictures), pixels(spread), mean

    pictures, spread, mean = draw(count=3, seed=7)
    assert list(pictures) == ["seed 7", "seed 8", "seed 9"]
    assert len({picture.tobytes() for picture in pictures.values()}) == 3
    assert np.array_equal(pictures["seed 8"], translate(client, drawing["path"], seed=8))
    assert spread.shape == (256, 256, 3)
    assert mean == pytest.approx(np.stack(list(pictures.values())).astype(float).std(0).mean(), abs=1e-3)
    assert draw(count=1, seed=-(2**63))[2] == 0


def test_training_timeline_goes_through_the_snapshots(client):
    shots = gallery(client.predict(api_name="/training_timeline"))
    assert list(shots) == ["0 images", "4000 images", "12000 images"]
    assert all(row.shape == (128, 8 * 128, 3) for row in shots.values())
    assert client.predict(model="shoes", api_name="/training_timeline") == []


@pytest.mark.parametrize("endpoint", ["/patch_verdict", "/patch_arithmetic"])
def test_a_model_without_discriminator_says_so(client, drawing, endpoint):
    image = (drawing,) if endpoint in ON_A_DRAWING else ()
    with pytest.raises(AppError, match="shoes has no discriminator"):
        client.predict(*image, model="shoes", api_name=endpoint)


@pytest.mark.parametrize("endpoint", ALL)
def test_an_unknown_model_is_refused(client, drawing, endpoint):
    image = (drawing,) if endpoint in ON_A_DRAWING else ()
    with pytest.raises(AppError, match="neither in the list nor a Hugging Face id"):
        client.predict(*image, model="../../etc", api_name=endpoint)


@pytest.mark.parametrize("endpoint", ON_A_DRAWING)
def test_a_bad_image_is_refused(client, tmp_path, endpoint):
    with pytest.raises(AppError, match="image is missing"):
        client.predict(None, api_name=endpoint)
    content, words = BAD_FILES["cut.png"]
    (tmp_path / "cut.png").write_bytes(content)
    with pytest.raises(AppError, match=words):
        client.predict(handle_file(tmp_path / "cut.png"), api_name=endpoint)


@pytest.mark.parametrize(
    ("endpoint", "options", "words"),
    [
        ("/patch_verdict", {"column": 30}, "column is 30: expected a whole number from 0 to 29"),
        ("/patch_verdict", {"row": -1}, "row is -1: expected a whole number from 0 to 29"),
        ("/patch_verdict", {"row": 1.5}, "row is 1.5"),
        ("/patch_verdict", {"row": None}, "row is None"),
        ("/without_skips", {"levels": ["7"]}, "level is 7: expected a whole number from 0 to 6"),
        ("/without_skips", {"levels": ["9" * 5000]}, "level is 9999"),  # more digits than Python turns into a number
        ("/without_skips", {"levels": ["-1"]}, "level is -1"),
        ("/without_skips", {"levels": ["0", "rubbish"]}, "level is rubbish"),
        ("/without_skips", {"levels": "all"}, "level is all"),
        ("/dropout_noise", {"count": 0}, "count is 0: expected a whole number from 1 to 16"),
        ("/dropout_noise", {"count": 17}, "count is 17"),
        ("/dropout_noise", {"count": None}, "count is None"),
        ("/dropout_noise", {"seed": 0.5}, "seed is 0.5: expected a whole number"),
        ("/dropout_noise", {"seed": 2**63 - 1}, "seed is 9223372036854775807: expected a whole number"),
    ],
)
def test_a_bad_option_is_refused(client, drawing, endpoint, options, words):
    with pytest.raises(AppError, match=words):
        client.predict(drawing, **options, api_name=endpoint)


def test_the_endpoints_are_documented(client):
    described = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for endpoint in ALL:
        assert described[endpoint]["description"]
        assert described[endpoint]["parameters"][-1]["parameter_name"] == "model"
