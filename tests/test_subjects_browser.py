"""Subjects to choose from, above the easel: each has its own drawing, and links name it."""

import pytest
from conftest import DESKTOP, PHONE, Server, leave_screenshot
from easel import drawing, on_a_desktop, picture, spot, stroke
from towns import WATER, save_towns

from pix2pix.ui import models
from pix2pix.ui.draw.choices import choices
from pix2pix.ui.models import Models

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def both_url(checkpoints, tmp_path_factory):
    folder = tmp_path_factory.mktemp("both")
    for name in ("handbags", "digits"):
        (folder / name).symlink_to(checkpoints / name)
    save_towns(folder / "towns")
    server = Server(folder).start()
    yield server.url
    assert "Traceback" not in server.stop()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["1280", "390"])
def page(visit, both_url, request):
    return visit(both_url, request.param)


def choose(page, title: str) -> None:
    page.locator(".subjects button", has_text=title).click()
    page.locator(".subjects button[aria-pressed=true]", has_text=title).wait_for()


def test_a_switch_in_the_middle_of_a_stroke_keeps_each_drawing(page):
    page.mouse.move(*spot(page, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.5, 0.5), steps=3)
    page.evaluate("document.querySelectorAll('.subjects button')[1].click()")
    page.locator(".easel.labelled").wait_for()
    page.mouse.move(*spot(page, 0.8, 0.2), steps=3)
    page.mouse.up()
    assert page.locator("[data-do=undo]").is_disabled()
    page.locator(".paper").get_by_text("Draw a <u>town</u>").wait_for()
    page.locator(".examples button").click()
    picture(page)
    leave_screenshot(page, f"subjects-{page.viewport_size['width']}")
    town = drawing(page)
    assert town.endswith("&of=towns")
    choose(page, "Bags")
    picture(page)
    assert page.locator(".easel.labelled").count() == 0
    assert page.locator("[data-colour=ink]").get_attribute("aria-pressed") == "true"
    bag = drawing(page)
    assert "&of=" not in bag
    page.locator("[data-do=undo]").click()
    page.locator(".easel:not(.inked)").wait_for()
    assert page.locator("[data-do=undo]").is_disabled()  # one stroke, and nothing of the town
    choose(page, "Towns")
    picture(page)
    assert drawing(page) == town


@pytest.mark.parametrize(
    ("language", "bags", "towns"),
    [
        ("en-US", "Draw a bag here. A network paints", "Draw a <u>town</u>. A network paints"),
        ("ja-JP", "ここにバッグを描いてください。描いている", "町を描こう！描いている"),
    ],
    ids=["en", "ja"],
)
def test_the_head_of_the_page_speaks_of_the_subject(visit, both_url, language, bags, towns):
    page = visit(both_url, locale=language)
    head = page.locator(".masthead")
    head.get_by_text(bags).wait_for()
    title = page.title()
    page.locator(".subjects button").nth(1).click()
    head.get_by_text(towns).wait_for()
    assert page.title() == "pix2pix: Towns"
    page.locator(".subjects button").nth(0).click()
    head.get_by_text(bags).wait_for()
    assert page.title() == title


@on_a_desktop
def test_a_link_to_what_is_not_offered_says_so(page, visit, both_url):
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    bag = drawing(page)
    page.evaluate("hash => { location.hash = hash }", f"{bag}&of=user%2F<b>moons</b>")
    page.locator(".message").get_by_text("for “user/<b>moons</b>”, which this page does not offer").wait_for()
    assert "opened with handbags" in page.locator(".message").inner_text()
    assert drawing(page) == bag


def test_a_link_of_each_opens_on_its_subject(page, visit, both_url):
    size = (page.viewport_size["width"], page.viewport_size["height"])
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    bag = drawing(page)
    choose(page, "Towns")
    page.locator(f"[data-colour='{WATER}']").click()
    stroke(page, (0.1, 0.6), (0.9, 0.6))
    town = drawing(page)
    other = visit(f"{both_url}/{town}", size)
    other.locator(".easel.labelled.painted").wait_for()
    assert drawing(other) == town
    other.evaluate("hash => { location.hash = hash }", bag)
    other.locator(".easel:not(.labelled).painted").wait_for()
    assert drawing(other) == bag
    old = visit(f"{both_url}/{bag}", size)
    picture(old)
    assert drawing(old) == bag


@on_a_desktop
def test_a_reload_brings_back_the_subject_and_all_drawings(page):
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    bag = drawing(page)
    choose(page, "Towns")
    page.locator(".examples button").click()
    town = drawing(page)
    page.reload()
    page.locator(".easel.labelled.painted").wait_for()
    assert drawing(page) == town
    choose(page, "Bags")
    picture(page)
    assert drawing(page) == bag


@on_a_desktop
def test_other_tabs_follow_and_examples_come_with_their_subject(page, both_url):
    assert "River" not in page.request.get(f"{both_url}/config").text()
    choose(page, "Towns")
    assert page.locator(".examples button").count() == 1
    page.wait_for_function("[...document.querySelectorAll('.subjects img')].every((img) => img.naturalWidth)")
    page.get_by_role("tab").nth(1).click()
    page.locator("#inside-eye").get_by_text("This checkpoint has no discriminator").wait_for()


def test_one_model_leaves_nothing_to_choose(checkpoints, tmp_path, monkeypatch):
    for name in ("handbags", "digits"):
        (tmp_path / name).symlink_to(checkpoints / name)
    monkeypatch.setattr(models, "CHECKPOINTS", tmp_path)
    assert choices(Models(device="cpu")) == []
    given = Models(device="cpu", more=[str(save_towns(tmp_path.parent / "given" / "villages"))])
    assert [choice["title"]["en"] for choice in choices(given)] == ["Bags", "Towns"]
    assert list(given.loaded) == ["handbags"]
    assert given.get("villages").labels
