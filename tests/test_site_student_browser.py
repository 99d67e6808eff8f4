"""The page without a server where there is no graphics card: a small network paints, on quick devices the whole one."""

import pytest
import torch
from conftest import alike
from easel import picture, stroke
from test_device_browser import ANOTHER, SAVE_DATA, pixels
from test_site_browser import DRAWN, NO_CARD, of_pipeline, save_loud, served, who_paints

from pix2pix import DataError, Pix2PixPipeline
from pix2pix.site import make

pytest.importorskip("onnxscript")
pytestmark = pytest.mark.browser
SMALL = "with the small network"
QUICK = "const now = performance.now.bind(performance); performance.now = () => now() / 1000;"


@pytest.fixture(scope="module")
def bags(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "bags"
    torch.manual_seed(0)
    save_loud(folder, {"line_width": 2}, num_downs=5, ngf=8)
    save_loud(folder / "student", {"line_width": 2}, num_downs=5, ngf=4)
    return folder


@pytest.fixture(scope="module")
def host(bags, tmp_path_factory):
    folder = tmp_path_factory.mktemp("host")
    make(folder, [str(bags)])
    with served(folder) as host:
        yield f"http://127.0.0.1:{host.server_port}/"


def painted_by(page, folder) -> bool:
    pipe = Pix2PixPipeline.from_pretrained(folder, device="cpu")
    return alike(pixels(picture(page)), of_pipeline(pipe, page.evaluate(DRAWN)))


def test_on_mobile_data_the_small_network_paints(visit, host, bags):
    page = visit(host, before=NO_CARD + SAVE_DATA, bypass_csp=True)
    page.locator(".arrival button").click()
    who_paints(page, SMALL)
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    assert painted_by(page, bags / "student")
    assert not painted_by(page, bags)


def test_a_quick_processor_goes_over_to_the_whole_network(visit, host, bags):
    page = visit(host, before=NO_CARD + QUICK, bypass_csp=True)
    stroke(page, (0.2, 0.3), (0.8, 0.7))
    page.wait_for_function("document.querySelector('.where').textContent.endsWith('your processor')")
    before = picture(page)
    stroke(page, (0.2, 0.7), (0.8, 0.3))
    page.wait_for_function(ANOTHER, arg=before)
    assert painted_by(page, bags)


def test_a_student_of_something_else_is_refused(bags, tmp_path):
    save_loud(tmp_path / "bags", num_downs=5, ngf=8)
    save_loud(tmp_path / "bags" / "student", {"line_width": 3}, num_downs=5, ngf=4)
    with pytest.raises(DataError, match="the student of bags reads other drawings or styles than its teacher"):
        make(tmp_path / "site", [str(tmp_path / "bags")])
    assert not (tmp_path / "site").exists()
