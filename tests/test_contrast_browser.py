"""Contrast themes (forced colours): they drop shadows and replace backgrounds, and the page has to tell as much."""

import io

import numpy as np
import pytest
from conftest import DESKTOP, PHONE, leave_screenshot
from easel import picture
from PIL import Image

pytestmark = pytest.mark.browser


def shot(locator) -> np.ndarray:
    """(H, W, 3) of what is seen there."""
    with Image.open(io.BytesIO(locator.screenshot(animations="disabled"))) as image:
        return np.asarray(image.convert("RGB"), int)


def middle(pixels: np.ndarray) -> list[int]:
    return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].tolist()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_a_contrast_theme_shows_colours_states_and_frames(visit, app_url, size, scheme):
    page = visit(app_url, size, forced_colors="active", color_scheme=scheme)
    red = page.locator("[data-colour=red]")
    assert middle(shot(red)) == [0xD9, 0x32, 0x2E]
    for control in (red, page.locator("[data-do=mirror]"), page.locator("[data-do=eraser]")):
        before = shot(control)
        control.click()
        page.mouse.move(0, 0)
        assert (shot(control) != before).any(axis=2).mean() > 0.05, "a pressed tool looks pressed"
    page.locator("[data-colour=red]").click()
    assert middle(shot(page.locator(".dot"))) == [0xD9, 0x32, 0x2E]
    page.locator(".examples button").first.click()
    picture(page)
    for sheet in page.locator(".sheet").all():
        sheet.scroll_into_view_if_needed()
        box = sheet.bounding_box()
        clip = {"x": box["x"] - 4, "y": box["y"] + 60, "width": 8, "height": 2}
        with Image.open(io.BytesIO(page.screenshot(clip=clip))) as edge:
            assert np.ptp(np.asarray(edge.convert("L"), int)) > 60, "one sees where the paper ends"
    for tab in page.get_by_role("tab").all()[:2]:
        before = shot(tab)
        tab.click()
        page.mouse.move(0, 0)
        leave_screenshot(page, f"{size[0]}-{scheme}-contrast")
    assert (shot(page.get_by_role("tab").nth(1)) != before).any(), "the tab that is open looks open"
