"""The choice of a model, in a real Chromium."""

import shutil

import pytest
from conftest import Server
from easel import choose_model, drawing, model_field, on_a_desktop, picture, stroke
from loopback_hub import environment, serve

pytestmark = pytest.mark.browser


@on_a_desktop
def test_an_unknown_model_is_refused_with_a_sentence(page):
    model_field(page).fill("no such model")
    page.keyboard.press("Enter")
    page.get_by_text("neither in the list nor a Hugging Face id").wait_for()
    page.wait_for_function("document.querySelector('#model input').value === 'handbags'")


@on_a_desktop
def test_an_emptied_model_field_changes_nothing(page):
    choose_model(page, "shoes")
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('shoes')")
    model_field(page).fill("")
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('#model input').value === 'shoes'")
    assert page.locator(".toast-wrap > *").count() == 0


def test_a_model_that_never_saw_hints_has_no_coloured_pens(page):
    red, surprise = page.locator("[data-colour=red]"), page.locator("[data-do=surprise]")
    red.click()
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    code = drawing(page)
    choose_model(page, "shoes")
    red.wait_for(state="hidden")
    assert not surprise.is_visible()
    assert page.locator("[data-colour=ink]").get_attribute("aria-pressed") == "true"
    assert "Coloured strokes" not in page.locator("#easel").inner_text()
    assert drawing(page) == code, "the drawing stays"
    page.locator("[data-do=eraser]").click()
    page.keyboard.press("b")
    assert page.locator("[data-colour=ink]").get_attribute("aria-pressed") == "true"
    choose_model(page, "handbags")
    red.wait_for()
    assert surprise.is_visible()
    assert "Coloured strokes are hints" in page.locator("#easel").inner_text()


@on_a_desktop
def test_while_a_model_loads_the_easel_is_not_faded(page):
    held = []
    page.route("**/queue/data*", lambda route: held.append(route))
    with page.expect_request("**/queue/data*"):
        choose_model(page, "shoes")
    page.locator("#model .progress-text").wait_for()
    assert page.locator("#easel .pending").count() == 0
    held[0].continue_()
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('shoes')")


def test_a_page_on_another_model_does_not_speak_of_bags(visit, checkpoints):
    server = Server(checkpoints, "--pix2pix", str(checkpoints / "shoes")).start()
    page = visit(server.url)
    page.get_by_text("Draw here").wait_for()
    assert page.locator(".foretaste").is_hidden()
    preview = page.locator("meta[property='og:title']").get_attribute("content")
    assert "bag" not in page.title() + preview
    page.context.close()
    server.stop()


def test_a_model_of_the_hub_is_typed_in_and_paints(visit, checkpoints, tmp_path):
    shutil.copytree(checkpoints / "shoes", tmp_path / "models" / "maker" / "boots")
    with serve(tmp_path) as (hub, _):
        server = Server(checkpoints, **environment(hub, tmp_path / "cache")).start()
        page = visit(server.url)
        stroke(page, (0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
        code = drawing(page)
        for name, why in (("maker/none", "no such public"), ("maker/private", "no such public")):
            model_field(page).fill(name)
            page.keyboard.press("Enter")
            page.get_by_text(why).last.wait_for()
            page.locator("[data-do=share]").scroll_into_view_if_needed()
            message, share = (page.locator(part).last.bounding_box() for part in (".toast-wrap", "[data-do=share]"))
            assert message["y"] >= share["y"] + share["height"], "the message lies over no button"
            page.wait_for_function("document.querySelector('#model input').value === 'handbags'")
        model_field(page).fill("maker/boots")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('.where').textContent.startsWith('maker/boots')")
        assert picture(page)
        assert drawing(page) == code
        page.context.close()
        assert "Traceback" not in server.stop()
