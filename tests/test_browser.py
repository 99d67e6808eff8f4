"""The served app as people see it: a real Chromium draws on the live canvas.

Screenshots of every tab are left in the folder named by SCREENSHOTS, if that variable is set.
"""

import math

import pytest
from conftest import DESKTOP, PHONE, leave_screenshot, serious_findings
from easel import IDLE, PASTE, choose_model, drawing, on_a_desktop, picture, spot, stroke
from PIL import Image, ImageDraw, ImageOps

pytestmark = pytest.mark.browser


def test_the_picture_follows_the_pen(page):
    assert page.locator(".frame .hint").is_visible()
    assert not page.locator("img.picture").is_visible()
    page.evaluate("""() => {
        window.seen = new Set();
        const picture = document.querySelector('img.picture');
        new MutationObserver(() => seen.add(picture.src)).observe(picture, { attributeFilter: ['src'] });
    }""")
    page.mouse.move(*spot(page, 0.7, 0.5))
    page.mouse.down()
    for i in range(2000):  # round and round, until several pictures came with the pen still down
        page.mouse.move(*spot(page, 0.5 + 0.2 * math.cos(i / 9), 0.5 + (0.2 + i / 9000) * math.sin(i / 9)))
        if page.evaluate("seen.size") >= 4:
            break
    assert page.evaluate("seen.size") >= 4
    page.mouse.up()
    last = picture(page)
    assert page.locator("img.picture").is_visible()
    assert "ms" in page.locator(".figures").inner_text()
    page.mouse.move(*spot(page, 0.1, 0.1))  # no stroke without a pressed button
    assert picture(page) == last


def test_touch_draws_and_does_not_scroll(visit, app_url):
    page = visit(app_url, PHONE)
    assert page.locator("canvas.ink").bounding_box()["width"] > 0.9 * PHONE[0]
    start = [spot(page, 0.5, 0.2), spot(page, 0.5, 0.8)]
    scrolled = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    (x0, y0), (x1, y1) = start

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", (x0, y0))
    for i in range(1, 13):
        send("touchMove", (x0 + (x1 - x0) * i / 12, y0 + (y1 - y0) * i / 12))
    send("touchEnd")
    picture(page)
    assert page.evaluate("scrollY") == scrolled
    assert page.locator("[data-do=undo]").is_enabled()


@on_a_desktop
def test_the_keyboard_draws_too(page):
    """Arrow keys move the pen, Space lowers and lifts it, and so does leaving the paper."""
    paper = page.locator("canvas.ink")
    paper.focus()
    paper.press("ArrowLeft")  # the pen is up
    assert page.locator("[data-do=undo]").is_disabled()
    paper.press(" ")
    assert page.locator(".message").text_content() == "Pen down"
    for key in ["ArrowRight"] * 6 + ["ArrowDown"] * 4 + ["Shift+ArrowDown"]:
        paper.press(key)
    picture(page)
    paper.press(" ")
    assert page.locator(".message").text_content() == "Pen up"
    paper.press("ArrowUp")
    by_keys = drawing(page)
    paper.press("Control+z")
    page.locator("img.picture").wait_for(state="hidden")
    # From the middle less 12 to the right by 72 and down by 50, of 512: as the mouse draws it.
    stroke(page, (244 / 512, 256 / 512), (316 / 512, 256 / 512), (316 / 512, 306 / 512), steps=1)
    picture(page)
    assert drawing(page) == by_keys
    paper.press(" ")
    paper.press("ArrowRight")
    paper.press("Tab")  # half a stroke is a stroke
    assert page.locator(".nib.down").count() == 0
    assert drawing(page) != by_keys


@on_a_desktop
def test_undo_and_redo(page):
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    one = picture(page)
    stroke(page, (0.2, 0.5), (0.8, 0.5))
    two = picture(page)
    assert one != two
    page.keyboard.press("Control+z")
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=one)
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=two)
    page.locator("[data-do=undo]").click()
    page.locator("[data-do=undo]").click()
    page.locator("img.picture").wait_for(state="hidden")
    assert page.locator("[data-do=undo]").is_disabled()
    page.keyboard.press("Control+y")
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=one)
    page.locator("[data-do=clear]").click()
    page.locator("img.picture").wait_for(state="hidden")
    page.locator("[data-do=undo]").click()  # clearing can be undone
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=one)


def test_nothing_is_lost_when_tool_size_or_model_change(page):
    stroke(page, (0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
    with_handbags, code = picture(page), drawing(page)
    for control in (
        "[data-do=eraser]",
        "[data-colour=red]",
        "[data-do=mirror]",
        "[data-colour=ink]",
        "[data-do=mirror]",
    ):
        page.locator(control).click()
    page.locator(".width input").fill("30")
    assert drawing(page) == code
    choose_model(page, "shoes")
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('shoes')")
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=with_handbags)
    choose_model(page, "handbags")
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=with_handbags)
    size = page.viewport_size
    page.set_viewport_size({"width": size["width"] - 30, "height": size["height"] - 100})
    page.get_by_role("tab").nth(2).click()
    page.get_by_role("tab").nth(0).click()
    assert drawing(page) == code
    page.set_viewport_size(size)
    stroke(page, (0.2, 0.5), (0.5, 0.5))
    assert len(drawing(page)) > len(code)


@on_a_desktop
def test_colour_never_covers_a_line(page):
    stroke(page, (0.1, 0.5), (0.9, 0.5))
    page.locator("[data-colour=yellow]").click()
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    middle = """() => { const c = document.querySelector('canvas.ink'), s = c.width;
        return [...c.getContext('2d').getImageData(s / 2, s / 2, 1, 1).data]; }"""
    assert page.evaluate(middle) == [0, 0, 0, 255]
    page.locator("[data-do=eraser]").click()
    stroke(page, (0.4, 0.5), (0.6, 0.5))
    assert page.evaluate(middle)[3] == 0


def test_every_example_loads_with_one_click(page):
    assert page.locator(".examples button").count() >= 12
    seen = set()
    for button in page.locator(".examples button").all():
        button.click()
        seen.add(drawing(page))
    assert len(seen) == page.locator(".examples button").count()
    picture(page)


def test_a_link_restores_the_drawing(page, visit, app_url):
    page.locator(".examples button").nth(4).click()
    page.locator("[data-colour=red]").click()
    stroke(page, (0.4, 0.6), (0.6, 0.7))
    code = drawing(page)
    assert len(code) < 1000
    other = visit(app_url + "/" + code)
    other.wait_for_selector(IDLE)
    assert drawing(other) == code


def test_surprise_offers_four_versions(page):
    page.locator(".examples button").first.click()
    plain = picture(page)
    page.locator("[data-do=surprise]").click()
    page.wait_for_selector(".versions button:nth-child(4) img")
    page.locator(".versions button").nth(2).click()
    assert page.locator(".versions").is_hidden()
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=plain)
    page.locator("[data-do=undo]").click()
    page.wait_for_function("src => document.querySelector('img.picture').src === src", arg=plain)


def test_files_come_in_and_go_out(page, tmp_path):
    outline = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(outline).rectangle([60, 60, 240, 160], outline="black", width=4)
    outline.save(tmp_path / "outline.png")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "outline.png")
    picture(page)
    (tmp_path / "notes.png").write_text("no image")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
    page.get_by_text("not an image that the browser can read").wait_for()
    page.locator(".open summary").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-open=photo]").click()
    before = picture(page)
    photo = Image.new("RGB", (400, 300), (170, 170, 165))  # neither square nor on white
    ImageDraw.Draw(photo).ellipse([130, 90, 270, 240], fill=(150, 40, 30))
    photo.save(tmp_path / "photo.jpg")
    chooser.value.set_files(tmp_path / "photo.jpg")
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=before)
    for what, size in (("picture", (1024, 1024)), ("outline", (1024, 1024)), ("both", (512, 256))):
        page.locator(".save summary").click()
        with page.expect_download() as download:
            page.locator(f"[data-save={what}]").click()
        with Image.open(download.value.path()) as image:
            assert image.size == size
            if what == "outline":  # of the ellipse: the photo itself has none
                left, top, right, bottom = ImageOps.invert(image.convert("L")).getbbox()
                assert 300 < left < right < 724
                assert 300 < top < bottom < 770


def test_a_pasted_image_is_a_drawing_and_a_photo_is_told_from_one(page):
    page.evaluate(PASTE)
    picture(page)
    page.get_by_text("Is this a photo?").wait_for()
    page.locator("[data-do=clear]").click()
    page.locator(".examples button").first.click()
    picture(page)
    assert page.get_by_text("Is this a photo?").count() == 0


def test_compare_slider_uncovers_the_drawing(page):
    page.locator(".examples button").first.click()
    picture(page)
    page.locator(".compare").focus()
    page.keyboard.press("End")
    assert "--cut: 1" in page.locator(".frame").get_attribute("style")


def test_texts_follow_the_browser(visit, app_url):
    page = visit(app_url, locale="ja-JP")
    assert page.get_by_role("tab", name="描く").is_visible()
    assert page.get_by_text("ここにバッグを描いてください", exact=True).is_visible()
    assert "消しゴム" in page.locator("[data-do=eraser]").get_attribute("aria-label")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_every_tab_is_accessible(visit, app_url, size, scheme):
    page = visit(app_url, size, color_scheme=scheme)
    page.locator(".examples button").nth(7).click()
    picture(page)
    for number, tab in enumerate(page.get_by_role("tab").all()):
        tab.click()
        if number == 2:
            page.wait_for_selector("#morph .film img")
        assert serious_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], "the page scrolls sideways"
        leave_screenshot(page, f"{size[0]}-{scheme}-tab{number}")
