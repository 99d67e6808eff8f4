"""Pictures that would take all memory or hours, by every way on which pictures come in."""

import base64
import io
import json
import zlib

import httpx
import numpy as np
import pytest
import warm
from bombs import encoded, many_comments, many_runs, many_scans, many_tiles, overlapping_tags, png_with
from PIL import Image
from sketches import png, sketch
from strangers import ask, upload

from pix2pix import DataError
from pix2pix.imaging.rgb import LONGEST_SIDE, open_rgb
from pix2pix.imaging.unpack import Unpacker
from pix2pix.ui.pictures import decode

# --- memory -----------------------------------------------------------------------------------------------------------

# Runs what is asked for in a process that gets 1.2 GB more than it has, and prints how much of that it took.
BOUNDED = """
import base64, resource, sys
from pathlib import Path
from PIL import Image
from pix2pix import DataError, Pix2PixPipeline, UNetGenerator
from pix2pix.data.make_pairs import combine, outline_pairs
from pix2pix.data.pairs import PairedImages
from pix2pix.imaging.rgb import to_rgb
from pix2pix.imaging.trace_outline import outline
from pix2pix.ui.pictures import decode

def megabytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) >> 10

road, files = sys.argv[1], [Path(file) for file in sys.argv[2:]]
plain = Pix2PixPipeline(UNetGenerator(ngf=1), "cpu")
lines = Pix2PixPipeline(UNetGenerator(ngf=1), "cpu", config={"line_width": 3})
roads = {
    "translate": lambda file: plain(Image.open(file)),
    "translate lines": lambda file: lines(Image.open(file)),
    "trace": lambda file: outline(Image.open(file)),
    "train": lambda file: PairedImages(file.parent)[0, 0],
    "outline": lambda file: outline_pairs(file.parent, file.parent / "out", size=16),
    "combine": lambda file: combine(file.parent, file.parent, file.parent / "out"),
    "frame": lambda file: to_rgb(decode("data:image/png;base64," + base64.b64encode(file.read_bytes()).decode())),
}
limit = (megabytes("VmSize") << 20) + 1_200_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
before = megabytes("VmHWM")
for file in files:
    try:
        roads[road](file)
        print("done")
    except DataError as error:
        print(error)
print(megabytes("VmHWM") - before)
"""


def bounded(road: str, *files) -> tuple[list[str], int]:
    """What came of each file, and the megabytes that they took."""
    run = warm.run("-c", BOUNDED, road, *files)
    assert run.returncode == 0, run.stderr[-2000:]
    *said, taken = run.stdout.splitlines()
    return said, int(taken)


@pytest.mark.parametrize("road", ["translate", "translate lines", "trace", "train", "outline", "combine"])
def test_thin_pictures_take_little_memory(tmp_path, road):
    files = [tmp_path / name / "1.png" for name in "abc"]
    for file, size in zip(files, [(2, 64_000), (30_000, 8), (600_000, 1)], strict=True):
        file.parent.mkdir()
        Image.new("RGB", size).save(file)
    said, taken = bounded(road, *files)
    assert taken < 400
    assert said[:2] == ["done", "done"]
    assert said[2].endswith(f"the image is too long: 600000x1 pixels, at most {LONGEST_SIDE} a side")


def test_a_frame_of_the_canvas_unpacks_nothing_but_its_pixels(tmp_path):
    profile = b"x\0\0" + zlib.compress(bytes(2**20 - 10), 9)
    (tmp_path / "tags.png").write_bytes(png_with(b"eXIf", overlapping_tags()))
    (tmp_path / "profiles.png").write_bytes(png_with(b"iCCP", profile, 1400))
    said, taken = bounded("frame", tmp_path / "tags.png", tmp_path / "profiles.png")
    assert said == ["done", "done"]
    assert taken < 50


def test_large_pictures_come_to_the_app_in_half_their_size():
    """A few whole ones would fill its memory. A thin line stays dark, and hints have the size of their drawing."""
    drawing = Image.new("L", (4002, 4001), 255)
    drawing.paste(0, (1000, 0, 1001, 4001))
    files = []
    for image in (drawing, Image.new("RGBA", drawing.size)):
        files.append(io.BytesIO())
        image.save(files[-1], "PNG", compress_level=1)
    unpack = Unpacker(processes=1)
    lines, hints = unpack(files[0].getvalue()), unpack(files[1].getvalue(), alpha=True)
    assert lines.size == hints.size == (2001, 2001)
    assert lines.getpixel((500, 1000)) <= (128, 128, 128)
    assert hints.mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_frame_looks_as_its_png_does(mode):
    image = sketch((60, 40), "RGBA").rotate(9) if mode == "P" else Image.new(mode, (60, 40), 1)
    options = {"transparency": 1} if mode in ("L", "P") else {}
    buffer = io.BytesIO()
    (image.convert("P") if mode == "P" else image).save(buffer, "PNG", **options)
    frame = decode("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode())
    with Image.open(buffer) as expected:
        assert np.array_equal(frame.convert("RGBA"), expected.convert("RGBA"))


# --- time -------------------------------------------------------------------------------------------------------------

SLOW = {
    "JPEG": lambda: many_scans(3000),
    "GIF": lambda: many_comments(40_000),
    "BMP": lambda: many_runs(3_000_000),
    "TIFF": lambda: many_tiles(700),
    "PNG": lambda: png_with(b"tEXt", b"a\0b", 400_000),
}


@pytest.fixture(scope="module")
def unpack():
    """One process, so that a second picture meets what the first has left."""
    return Unpacker(seconds=0.2, processes=1)


@pytest.mark.parametrize("kind", SLOW)
def test_a_picture_that_takes_for_ever_is_given_up(unpack, kind):
    with pytest.raises(DataError, match="takes too much time or memory to unpack"):
        unpack(SLOW[kind]())
    assert unpack(png()).size == (256, 256)


def test_a_picture_that_would_fill_the_memory_is_refused(unpack):
    with pytest.raises(DataError, match=r"not an image|too much time or memory"):
        unpack(overlapping_tags(size=15_000_000))
    assert unpack(png()).size == (256, 256)


def test_a_hostile_picture_holds_nobody_up(http, functions, app_url):
    """Through the app, by upload and by MCP."""
    done, answer = ask(http, functions["translate"], [upload(http, many_scans(50_000), "a.jpg"), None, None])
    assert (done, answer) == (
        False,
        "The image takes too much time or memory to unpack: save it anew, as a PNG or JPEG.",
    )
    assert ask(http, functions["translate"], [upload(http, png()), None, None])[0]
    thin = base64.b64encode(encoded("PNG", (600_000, 1))).decode()
    call = {"name": "translate", "arguments": {"image": f"data:image/png;base64,{thin}"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    answer = httpx.post(app_url + "/gradio_api/mcp/", content=json.dumps(body), headers=headers, timeout=60)
    assert "too long: 600000x1 pixels" in answer.text


# --- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF"])
def test_formats_that_people_have_are_read(tmp_path, kind):
    (tmp_path / "a.png").write_bytes(encoded(kind, (60, 40), "RGB"))
    assert open_rgb(tmp_path / "a.png").size == (60, 40)


@pytest.mark.parametrize("kind", ["EPS", "PCX", "TGA", "ICO", "SGI", "JPEG2000", "DDS", "PDF"])
def test_other_formats_are_not(tmp_path, kind):
    (tmp_path / "a.png").write_bytes(encoded(kind, (64, 64), "RGB"))
    with pytest.raises(DataError, match=r"a\.png can't be read as an image"):
        open_rgb(tmp_path / "a.png")


def test_a_scratched_picture_is_named(tmp_path):
    """Its header is whole. The reader of AVIF ends in an error of its own kind."""
    whole = encoded("AVIF", (60, 40), "RGB")
    start = whole.index(b"mdat") + 8
    (tmp_path / "a.avif").write_bytes(whole[:start] + bytes(len(whole) - start))
    with pytest.raises(DataError, match=r"a\.avif can't be read as an image"):
        open_rgb(tmp_path / "a.avif")
