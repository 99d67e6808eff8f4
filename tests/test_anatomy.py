"""The look inside: do its pictures and numbers tell the truth about the networks?"""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from pix2pix import CheckpointError, DataError, PatchDiscriminator, Pix2PixPipeline, UNetGenerator
from pix2pix.anatomy.discriminator import patch_verdict
from pix2pix.anatomy.generator import activations, noise, skip_sizes, without_skips
from pix2pix.anatomy.snapshots import timeline
from pix2pix.networks.receptive_field import patch_arithmetic
from pix2pix.pipelines.common import as_in_training


def make_pipe(**options) -> Pix2PixPipeline:
    """A small random pipeline whose batch norms have seen something other than their initial statistics."""
    torch.manual_seed(0)
    generator, discriminator = UNetGenerator(**{"num_downs": 8, "ngf": 4, **options}), PatchDiscriminator(ndf=4)
    with torch.no_grad():
        for network, channels in ((generator, 3), (discriminator, 6)):
            for weight in network.parameters():
                weight.mul_(3)  # louder than the initial N(0, 0.02), so that all levels are heard
            network.train()(torch.rand(2, channels, generator.image_size, generator.image_size) * 2 - 1)
    pipe = Pix2PixPipeline(generator, device="cpu", name="small")
    pipe.discriminator = discriminator.eval()
    return pipe


@pytest.fixture(scope="module")
def pipe() -> Pix2PixPipeline:
    return make_pipe()


@pytest.fixture(scope="module")
def sketch() -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((60, 110, 200, 220), 12, outline="black", width=3)
    draw.arc((90, 50, 170, 170), 180, 360, fill="black", width=3)
    return image


# ---- the discriminator


def test_arithmetic_of_the_papers_patch():
    rows = patch_arithmetic(PatchDiscriminator(ndf=64))
    assert [row.name for row in rows] == ["C64", "C128", "C256", "C512", "C1"]
    assert [row.receptive_field for row in rows] == [4, 10, 22, 46, 70]
    assert [row.map_size for row in rows] == [128, 64, 32, 31, 30]


@pytest.mark.parametrize("cell", [(0, 0), (29, 29), (15, 4), (2, 27)])
def test_box_of_a_cell_is_the_support_of_its_gradient(pipe, sketch, cell):
    column, row = cell
    left, top, right, bottom = patch_verdict(pipe, sketch).box(column, row)
    pixels = torch.randn(1, 6, 256, 256, requires_grad=True)
    pipe.discriminator.double()(pixels.double())[0, 0, row, column].backward()
    pipe.discriminator.float()
    seen = pixels.grad[0].abs().sum(0) > 0
    rows, columns = seen.any(1).nonzero().flatten(), seen.any(0).nonzero().flatten()
    assert (left, top, right - 1, bottom - 1) == (columns[0], rows[0], columns[-1], rows[-1])


def test_verdict_judges_the_picture_that_the_pipeline_paints(pipe, sketch):
    verdict = patch_verdict(pipe, sketch)
    assert verdict.logits.shape == (30, 30)
    assert verdict.picture.tobytes() == pipe(sketch).tobytes()
    condition = pipe.to_tensor(verdict.condition)
    pair = torch.cat([condition, pipe.generator(condition)], 1)
    statistics = pipe.discriminator.layers[3].running_mean.clone()
    logits = as_in_training(pipe.discriminator, pair)[0, 0].detach().numpy()
    np.testing.assert_allclose(verdict.logits, logits, atol=1e-3)
    assert torch.equal(pipe.discriminator.layers[3].running_mean, statistics)
    assert not pipe.discriminator.training
    assert np.ptp(verdict.logits) > 1, "a verdict too flat to test anything"
    assert ((verdict.probabilities > 0.5) == (verdict.logits > 0)).all()


def test_heat_map_colours_a_cell_in_the_middle_of_its_patch(pipe, sketch):
    verdict = patch_verdict(pipe, sketch)
    heat = np.asarray(verdict.heat_map(opacity=1))
    row, column = np.unravel_index(verdict.logits.argmax(), verdict.logits.shape)
    middle_x, middle_y = (verdict.layer.start + cell * 8 + 35 for cell in (column, row))
    assert tuple(heat[middle_y, middle_x]) == tuple(heat[middle_y - 4, middle_x - 4])
    assert tuple(heat[middle_y, middle_x]) == (24, 92, 158), "the most convincing cell is blue"
    assert (heat[:8] == np.asarray(verdict.picture)[:8]).all(), "no patch has its middle in the frame"


def test_scale_of_an_indifferent_discriminator_shows_no_pattern(sketch):
    pipe = make_pipe()
    torch.nn.init.zeros_(pipe.discriminator.layers[-1].weight)
    low, high = patch_verdict(pipe, sketch).limits
    assert high - low == pytest.approx(1)


def test_unknown_cell_and_missing_discriminator_are_named(pipe, sketch):
    with pytest.raises(DataError, match=r"no cell \(30, 0\).*0 to 29"):
        patch_verdict(pipe, sketch).box(30, 0)
    bare = Pix2PixPipeline(pipe.generator, device="cpu", name="bare")
    with pytest.raises(CheckpointError, match="bare has no discriminator"):
        patch_verdict(bare, sketch)


def test_unconditional_discriminator_judges_the_picture_alone(sketch):
    pipe = make_pipe()
    pipe.discriminator = PatchDiscriminator(input_nc=3, ndf=4)
    assert patch_verdict(pipe, sketch).logits.shape == (30, 30)


# ---- the generator


def test_no_level_cut_is_the_pipeline_itself(pipe, sketch):
    assert without_skips(pipe, sketch, set()).tobytes() == pipe(sketch).tobytes()


def test_every_level_carries_something(pipe, sketch):
    whole = pipe(sketch).tobytes()
    for level in range(len(skip_sizes(pipe))):
        assert without_skips(pipe, sketch, {level}).tobytes() != whole, f"level {level}"


def test_all_cut_only_the_bottleneck_is_left(pipe, sketch):
    """With every skip cut, the picture is a function of the innermost features alone."""
    features = pipe.generator.encode(pipe.to_tensor(sketch))
    others = pipe.generator.encode(torch.randn(1, 3, 256, 256))
    painted = pipe.generator.decode([*(torch.zeros_like(f) for f in others[:-1]), features[-1]])[0]
    assert without_skips(pipe, sketch, range(7)).tobytes() == pipe.to_image(painted).tobytes()


def test_outermost_skip_cut_level_below_is_untouched_by_it(pipe, sketch):
    """Cutting level 0 must not change what the encoder hands to the deeper levels."""
    features = pipe.generator.encode(pipe.to_tensor(sketch))
    painted = pipe.generator.decode([torch.zeros_like(features[0]), *features[1:]])[0]
    assert without_skips(pipe, sketch, {0}).tobytes() == pipe.to_image(painted).tobytes()


def test_the_innermost_level_is_no_skip(pipe, sketch):
    assert skip_sizes(pipe) == [128, 64, 32, 16, 8, 4, 2]
    with pytest.raises(DataError, match=r"no skip connection 7.*0 to 6"):
        without_skips(pipe, sketch, {3, 7})


def test_activations_go_down_and_up_the_u(pipe, sketch):
    found = activations(pipe, sketch)
    assert [(a.branch, a.level) for a in found] == [("down", i) for i in range(8)] + [("up", 7 - i) for i in range(8)]
    assert [a.height for a in found] == [128, 64, 32, 16, 8, 4, 2, 1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert [a.channels for a in found[:4]] == [4, 8, 16, 32]
    assert all(a.height == a.width for a in found)
    assert found[-1].thumbnail.tobytes() == pipe(sketch).tobytes()


def test_activations_of_another_depth():
    found = activations(make_pipe(num_downs=7), Image.new("RGB", (40, 30), "white"))
    assert len(found) == 14
    assert found[-1].thumbnail.size == (128, 128)


# ---- noise


def test_noise_repeats_with_its_seed_and_differs_between_seeds(pipe, sketch):
    drawn = noise(pipe, sketch, [5, 6, 5])
    assert drawn.pictures[0].tobytes() == drawn.pictures[2].tobytes()
    assert drawn.pictures[0].tobytes() != drawn.pictures[1].tobytes()
    assert drawn.deviation.shape == (256, 256)
    assert drawn.deviation.max() > 0
    expected = np.stack([np.asarray(p, float) for p in drawn.pictures]).std(0).mean(-1)
    np.testing.assert_allclose(drawn.deviation, expected, atol=1e-3)


def test_without_dropout_nothing_is_random(sketch):
    drawn = noise(make_pipe(use_dropout=False), sketch, [1, 2, 3])
    assert drawn.deviation.max() == 0
    assert np.ptp(np.asarray(drawn.heat_map()), axis=(0, 1)).max() == 0


def test_looking_leaves_the_pipeline_as_it_was(sketch):
    pipe = make_pipe()
    before = pipe(sketch).tobytes()
    noise(pipe, sketch, [1])
    patch_verdict(pipe, sketch)
    activations(pipe, sketch)
    assert pipe(sketch).tobytes() == before
    assert not pipe.generator.training


# ---- the training


def test_timeline_reads_the_snapshots_in_the_order_of_training(pipe, tmp_path):
    shot = Pix2PixPipeline(pipe.generator, device="cpu", folder=tmp_path)
    assert timeline(shot).snapshots == []
    folder = tmp_path / "snapshots"
    folder.mkdir()
    for count, grey in ((0, 10), (4000, 90), (12000, 200)):
        Image.new("RGB", (1024, 128), (grey,) * 3).save(folder / f"images_{count:07d}.webp", lossless=True)
    Image.new("RGB", (1024, 128), "white").save(folder / "inputs.webp")
    (folder / "images_latest.webp").write_bytes(b"")  # not one of ours
    found = timeline(shot)
    assert [(count, row.getpixel((0, 0))[0]) for count, row in found.snapshots] == [(0, 10), (4000, 90), (12000, 200)]
    assert found.inputs.size == (1024, 128)
    assert found.targets is None


def test_a_damaged_snapshot_is_named(pipe, tmp_path):
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "images_0000001.webp").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"images_0000001\.webp is not a readable image"):
        timeline(Pix2PixPipeline(pipe.generator, device="cpu", folder=tmp_path))


def test_a_pipeline_without_a_folder_has_no_timeline(pipe):
    assert timeline(pipe).snapshots == []
