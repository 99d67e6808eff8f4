"""Checkpoints of strangers: whatever config and tensors hold, the loader returns a network or says one sentence."""

import contextlib
import json
import math
import shutil
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import warm
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from pix2pix import (
    CheckpointError,
    DataError,
    DCGANGenerator,
    DigitPipeline,
    PatchDiscriminator,
    Pix2PixPipeline,
    UNetGenerator,
    checkpoint,
)
from pix2pix.anatomy.discriminator import patch_verdict
from pix2pix.anatomy.snapshots import timeline
from pix2pix.checkpoint.fetch import HubId
from pix2pix.pipelines.bounds import check_stranger

numbers = (
    st.integers()
    | st.floats(allow_subnormal=False)
    | st.sampled_from([0, 1, 3, 5, 8, 12, 28, 2**31, 10**400, -1, 1e300])
)
values = numbers | st.none() | st.booleans() | st.text(max_size=9) | st.lists(st.text(max_size=3) | numbers, max_size=3)
values |= st.dictionaries(st.text(max_size=3), numbers, max_size=2) | st.sampled_from(["batch", "instance"])
UNET = ["input_nc", "output_nc", "num_downs", "ngf", "norm", "use_dropout", "self", "training", "z_dim"]
DCGAN = ["image_size", "num_classes", "z_dim", "ngf", "n_extra_layers", "output_nc", "class_names"]
DTYPES = [torch.float16, torch.float64, torch.bfloat16, torch.int64, torch.uint8, torch.bool]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One small checkpoint of each kind: folder, keys of its config, pipeline."""
    folder = tmp_path_factory.mktemp("whole")
    torch.manual_seed(0)
    checkpoint.save(UNetGenerator(num_downs=5, ngf=2), folder / "bags")
    checkpoint.save(DCGANGenerator(ngf=2, z_dim=4), folder / "digits")
    return {"bags": (folder / "bags", UNET, paint), "digits": (folder / "digits", DCGAN, write)}


def paint(folder) -> Image.Image:
    pipe = Pix2PixPipeline.from_pretrained(folder, device="cpu")
    return pipe(Image.new("RGB", (9, 9), "white")) if pipe.image_size <= 512 else Image.new("RGB", (1, 1))


def write(folder) -> Image.Image:
    return DigitPipeline.from_pretrained(folder, device="cpu")([0])[0]


def assert_loads_or_says_why(use, folder) -> None:
    try:
        picture, why = use(folder), None
    except CheckpointError as error:
        picture, why = None, str(error)
    if picture:
        assert np.asarray(picture).dtype == np.uint8
    else:
        assert 20 < len(why) < 600
        assert "\n" not in why


def copy(folder, target, config: dict | None = None, tensors: dict | None = None) -> None:
    target.mkdir(exist_ok=True)
    config = json.loads((folder / "config.json").read_text()) if config is None else config
    (target / "config.json").write_text(json.dumps(config))
    save_file(load_file(folder / "model.safetensors") if tensors is None else tensors, target / "model.safetensors")


kinds = st.sampled_from(["bags", "digits"])


@given(kind=kinds, data=st.data())
def test_a_config_that_lies(whole, tmp_path_factory, kind, data):
    folder, keys, use = whole[kind]
    config = json.loads((folder / "config.json").read_text())
    config |= data.draw(st.dictionaries(st.sampled_from(keys) | st.text(max_size=5), values, max_size=3))
    for key in data.draw(st.lists(st.sampled_from(keys), max_size=2)):
        config.pop(key, None)
    target = tmp_path_factory.mktemp("lies")
    copy(folder, target, config)
    assert_loads_or_says_why(use, target)


@pytest.mark.parametrize("kind", ["bags", "digits"])
@pytest.mark.parametrize("value", ["text", 8.0, None, [], {}, 10**30, math.nan])
def test_a_number_of_a_network_is_one(whole, tmp_path, kind, value):
    """The sentence names it. Errors of Python's operators, such as "can only concatenate str", tell nothing."""
    folder, keys, use = whole[kind]
    config = json.loads((folder / "config.json").read_text())
    for key in (key for key in keys if type(config.get(key)) is int):
        copy(folder, tmp_path, config | {key: value})
        with pytest.raises(CheckpointError, match=f"has {key} '.*': expected a whole number$"):
            use(tmp_path)


def test_a_config_that_asks_for_a_billion_layers(whole, tmp_path):
    folder, _, use = whole["digits"]
    copy(folder, tmp_path, json.loads((folder / "config.json").read_text()) | {"n_extra_layers": 10**9})
    with pytest.raises(CheckpointError, match="n_extra_layers is 1000000000; expected 0 to 8"):
        use(tmp_path)


def test_a_config_that_asks_for_a_billion_classes(whole, tmp_path):
    folder, _, use = whole["digits"]
    copy(folder, tmp_path, {"num_classes": 10**9})  # each would get a name, before any weight is compared
    with pytest.raises(CheckpointError, match="num_classes is 1000000000; expected 0 to 10000"):
        use(tmp_path)


@pytest.mark.parametrize(
    ("generator", "discriminator", "why"),
    [
        ({"input_nc": 6}, {}, "bags turns 6 channels into 3: expected 1 \\(grey\\) or 3 \\(colour\\)"),
        ({"output_nc": 5}, {}, "bags turns 3 channels into 5"),
        ({}, {"input_nc": 9}, "the discriminator of bags reads 9 channels: expected 3, or 6 with the condition"),
        ({"num_downs": 9}, {"n_layers": 0, "ndf": 200}, "the discriminator of bags is too wide: its ndf is 200"),
        ({}, {"n_layers": 4}, "the discriminator of bags has too many layers for pictures of 32 pixels"),
    ],
)
def test_networks_that_are_no_pair_for_pictures(tmp_path, generator, discriminator, why):
    folder = tmp_path / "bags"
    checkpoint.save(UNetGenerator(**{"num_downs": 5, "ngf": 1} | generator), folder)
    checkpoint.save(PatchDiscriminator(**{"ndf": 1, "n_layers": 1} | discriminator), folder / "discriminator")
    with pytest.raises(CheckpointError, match=why):
        patch_verdict(Pix2PixPipeline.from_pretrained(folder, device="cpu"), Image.new("RGB", (9, 9), "white"))


@pytest.mark.parametrize("ndf", [0, -1])
def test_a_discriminator_of_any_width(tmp_path, ndf):
    checkpoint.save(PatchDiscriminator(ndf=1, n_layers=1), tmp_path)
    tensors = {
        key: tensor[:0, :0] if tensor.dim() > 1 else tensor[:0]
        for key, tensor in load_file(tmp_path / "model.safetensors").items()
        if tensor.dim()
    }
    copy(tmp_path, tmp_path, {"input_nc": 6, "ndf": ndf, "n_layers": 1}, tensors)
    with pytest.raises(CheckpointError, match=f"ndf is {ndf}; expected 1 or more"):
        checkpoint.load(PatchDiscriminator, tmp_path)


@pytest.mark.parametrize("n_layers", [-1, 6, 10**9])
def test_a_discriminator_of_any_depth(tmp_path, n_layers):
    checkpoint.save(PatchDiscriminator(ndf=1, n_layers=1), tmp_path)
    copy(tmp_path, tmp_path, json.loads((tmp_path / "config.json").read_text()) | {"n_layers": n_layers})
    with pytest.raises(CheckpointError, match=f"n_layers is {n_layers}; expected 0 to 5"):
        checkpoint.load(PatchDiscriminator, tmp_path)


@pytest.mark.parametrize(
    ("size", "kind", "why"),
    [
        ((1025, 1024), "WEBP", "images_1.webp has 1025x1024 pixels: expected 1048576 at most"),
        ((650, 10), "WEBP", "images_1.webp has 650x10 pixels: expected 1048576 at most, in 64 squares"),
        ((8, 8), "PNG", "images_1.webp is not a readable image"),  # so no other reader of PIL is reached either
        ((20000, 20000), "PNG", "images_1.webp is not a readable image"),
    ],
)
def test_snapshots_that_are_none(whole, tmp_path, size, kind, why):
    copy(whole["bags"][0], tmp_path)
    (tmp_path / "snapshots").mkdir()
    Image.new("1", size).save(tmp_path / "snapshots" / "images_1.webp", kind)
    with pytest.raises(DataError, match=f"^snapshots/{why}"):
        timeline(Pix2PixPipeline.from_pretrained(tmp_path, device="cpu"))


@given(kind=kinds, data=st.data())
def test_tensors_of_any_shape_and_type(whole, tmp_path_factory, kind, data):
    folder, _, use = whole[kind]
    tensors = load_file(folder / "model.safetensors")
    for key in data.draw(st.lists(st.sampled_from(sorted(tensors)), min_size=1, max_size=3, unique=True)):
        tensor = tensors.pop(key)
        match data.draw(st.sampled_from(["missing", "shape", "type", "number", "name"])):
            case "shape":
                tensors[key] = torch.zeros(data.draw(st.lists(st.integers(0, 5), max_size=5)))
            case "type":
                tensors[key] = tensor.to(data.draw(st.sampled_from(DTYPES)))
            case "number":
                number = data.draw(st.sampled_from([math.nan, math.inf, -math.inf, 3e38, 1e-40]))
                tensors[key] = tensor.float().flatten().index_fill(0, torch.tensor([0]), number).view(tensor.shape)
            case "name":
                tensors[data.draw(st.text(max_size=30))] = tensor
    target = tmp_path_factory.mktemp("tensors")
    copy(folder, target, tensors=tensors)
    assert_loads_or_says_why(use, target)


@pytest.mark.parametrize(
    ("name", "shape"),
    [(f"model.model.{'1' * 5000}.weight", [1]), ("down.0.0.weight", [2**63, 0])],
    ids=["name", "shape"],
)
def test_names_and_shapes_beyond_numbers(whole, tmp_path, name, shape):
    folder, _, use = whole["bags"]
    copy(folder, tmp_path)
    with_hole(tmp_path / "model.safetensors", name, "F32", shape, 4 if shape == [1] else 0)
    assert_loads_or_says_why(use, tmp_path)


@given(kind=kinds, file=st.sampled_from(["config.json", "model.safetensors"]), data=st.data())
def test_files_that_are_cut_or_scratched(whole, tmp_path_factory, kind, file, data):
    folder, _, use = whole[kind]
    target = tmp_path_factory.mktemp("cut")
    copy(folder, target)
    content = bytearray((target / file).read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, min(len(content) - 1, 3000)))] = data.draw(st.integers(0, 255))
    (target / file).write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    assert_loads_or_says_why(use, target)


names = st.integers() | st.sampled_from(
    ["model.model.0.weight", "model.model.1.model.1.weight", "model.model.3.bias", "net.0.weight"]
)
tensors = st.lists(st.integers(0, 4), max_size=5).map(torch.zeros)


@given(thing=st.dictionaries(names | st.text(max_size=5), tensors | values, max_size=5) | values)
def test_pth_files_of_any_content(tmp_path_factory, thing):
    file = tmp_path_factory.mktemp("pth") / "latest_net_G.pth"
    torch.save(thing, file)
    assert_loads_or_says_why(paint, file)


def test_an_overflowing_network_paints_all_the_same(tmp_path):
    """Weights that are numbers, but whose products are none."""
    network = UNetGenerator(num_downs=5, ngf=2)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.data.fill_(3e38)
    checkpoint.save(network, tmp_path)
    assert_loads_or_says_why(paint, tmp_path)


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "\u202eabc", "\ud800", 7, None, ["a"], "\0"])
def test_classes_have_short_printable_names(whole, tmp_path, name):
    folder, _, use = whole["digits"]
    copy(folder, tmp_path, json.loads((folder / "config.json").read_text()) | {"class_names": [*"012345678", name]})
    with pytest.raises(CheckpointError, match=r"a class is called .*: expected a name of 1 to 64 printable characters"):
        use(tmp_path)


def test_class_names_are_a_list(whole, tmp_path):
    folder, _, use = whole["digits"]
    copy(folder, tmp_path, json.loads((folder / "config.json").read_text()) | {"class_names": "0123456789"})
    with pytest.raises(CheckpointError, match="class_names"):
        use(tmp_path)


def test_a_snapshot_with_a_large_file_is_refused(whole, tmp_path):
    copy(whole["bags"][0], tmp_path)
    (tmp_path / "snapshots").mkdir()
    file = tmp_path / "snapshots" / "images_1.webp"
    Image.new("RGB", (8, 8)).save(file)
    file.write_bytes(file.read_bytes() + bytes(5 * 2**20))
    with pytest.raises(DataError, match=r"^snapshots/images_1.webp is too large: expected 5 MB at most"):
        timeline(Pix2PixPipeline.from_pretrained(tmp_path, device="cpu"))


# ---- memory ------------------------------------------------------------------------------------------------------

BOUNDED = """
import resource, sys
from pathlib import Path
from pix2pix import CheckpointError, Pix2PixPipeline
small, *sources = sys.argv[1:]
Pix2PixPipeline.from_pretrained(small, device="cpu")
taken = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmSize")) * 1024
resource.setrlimit(resource.RLIMIT_AS, (taken + 300 * 2**20,) * 2)
for source in sources:
    try:
        Pix2PixPipeline.from_pretrained(source, device="cpu")
    except CheckpointError as error:
        print(str(error).replace(source, "SOURCE"))
"""


def deflated(file) -> None:
    """400 MB in 400 kB."""
    plain = file.with_name("plain")
    torch.save({"down.0.0.weight": torch.zeros(10**8)}, plain)
    with zipfile.ZipFile(plain) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as small:
        for part in parts.namelist():
            with parts.open(part) as here, small.open(part, "w") as there:
                shutil.copyfileobj(here, there)
    plain.unlink()


def with_hole(file, key: str, dtype: str, shape: list[int], size: int) -> None:
    """Safetensors with one tensor, all zeros, which take no room on the disk."""
    header = json.dumps({key: {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}}).encode()
    with open(file, "wb") as out:
        out.write(len(header).to_bytes(8, "little") + header)
        out.truncate(8 + len(header) + size)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux, to count a process' memory")
def test_what_does_not_fit_takes_no_memory(whole, tmp_path):
    small, _, _ = whole["bags"]
    deflated(tmp_path / "deflated.pth")
    half = torch.zeros(1, dtype=torch.half)
    views = {"down.0.0.weight": (64, 3, 4, 4), "up.0.1.weight": (128, 3, 4, 4), "x": (10**8,), "down.4.1.weight": (1,)}
    torch.save({name: half.expand(shape) for name, shape in views.items()}, tmp_path / "views.pth")
    for name in ("wordy", "eight", "large", "header", "hole"):
        copy(small, tmp_path / name)
    (tmp_path / "wordy" / "config.json").write_text('{"num_downs": 5, "x": [' + "[]," * 10**7 + "[]]}")
    with_hole(tmp_path / "eight" / "model.safetensors", "down.0.0.weight", "F8_E4M3", [10**8], 10**8)
    with_hole(tmp_path / "large" / "model.safetensors", "down.0.0.weight", "F16", [5 * 10**7], 10**8)
    with_hole(tmp_path / "hole" / "model.safetensors", "x", "F16", [10**10], 2 * 10**10)
    (tmp_path / "header" / "model.safetensors").write_bytes((10**8).to_bytes(8, "little") + b" " * 10**8)
    names = ["deflated.pth", "views.pth", "wordy", "eight", "large", "header", "hole"]
    run = warm.run("-c", BOUNDED, small, *(tmp_path / name for name in names))
    said = run.stdout.splitlines()
    assert len(said) == len(names), run.stderr
    assert said[0].startswith("SOURCE is compressed, which PyTorch does not do")
    assert said[1].startswith("SOURCE holds tensors that repeat their numbers")
    assert said[2].startswith("SOURCE/config.json is larger than 1000000 bytes")
    assert said[3].startswith("SOURCE/model.safetensors holds down.0.0.weight as F8_E4M3: expected F64")
    assert said[4].startswith("SOURCE/model.safetensors does not fit its configuration")
    assert said[5].startswith("SOURCE/model.safetensors is damaged or cut (its header has 100000000 bytes")
    assert said[6].startswith("SOURCE/model.safetensors is damaged or cut (")


def test_a_discriminator_counts_too_and_its_maps_are_bounded(tmp_path):
    folder = tmp_path / "bags"
    checkpoint.save(UNetGenerator(num_downs=9, ngf=1), folder)
    checkpoint.save(PatchDiscriminator(ndf=1), folder / "discriminator")
    for config, why in (
        ({"ndf": 400}, "bags has 1[0-9]* million parameters: this app takes 64 million at most"),
        ({"ndf": 600, "n_layers": 1}, "the discriminator of bags is too wide: its ndf is 600"),
    ):
        copy(folder / "discriminator", folder / "discriminator", {"input_nc": 6} | config)
        pipe = Pix2PixPipeline._load(folder, "cpu", "bags", partial(check_stranger, HubId("bags")))
        with pytest.raises(CheckpointError, match=why):
            patch_verdict(pipe, Image.new("RGB", (9, 9), "white"))


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"num_downs": 8, "ngf": 64, "smooth": 3, "style_dim": 16, "noise_nc": 4}, None),
        ({"num_downs": 9, "ngf": 32, "smooth": 3, "style_dim": 16, "noise_nc": 4}, None),
        ({"num_downs": 9, "ngf": 60}, "bags takes 21 billion multiplications a picture"),
        ({"num_downs": 8, "ngf": 75}, "bags has 75 million parameters"),
        ({"num_downs": 10, "ngf": 1}, "bags paints 1024 pixels"),
    ],
)
def test_what_a_picture_of_a_strangers_network_costs_is_bounded(config, why):
    with torch.device("meta"):
        generator = UNetGenerator(**config)
    with pytest.raises(CheckpointError, match=why) if why else contextlib.nullcontext():
        check_stranger(HubId("bags"), generator)
