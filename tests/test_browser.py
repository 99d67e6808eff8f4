"""The served app as people see it: a real Chromium draws on the live canvas.

Screenshots of every tab are left in the folder named by SCREENSHOTS, if that variable is set.
"""

import json
import math
import re
import shutil

import pytest
from conftest import DESKTOP, PHONE, Server, leave_screenshot, serious_findings
from loopback_hub import environment, serve
from PIL import Image, ImageDraw

pytestmark = pytest.mark.browser

FRAMES = re.compile("component_server")  # where the canvas sends its drawings
IDLE = ".easel.painted[data-state=idle]"


def spot(page, x: float, y: float) -> tuple[float, float]:
    """Fractions of the canvas -> pixels of the window."""
    canvas = page.locator("canvas.ink")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def stroke(page, *points, steps=6):
    page.mouse.move(*spot(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*spot(page, *point), steps=steps)
    page.mouse.up()


def drawing(page) -> str:
    """The drawing as the share link encodes it."""
    page.locator("[data-do=share]").click()
    page.wait_for_function("document.querySelector('.message').textContent && location.hash.startsWith('#d=')")
    code = page.evaluate("location.hash")
    page.evaluate(
        "history.replaceState(null, '', location.pathname); document.querySelector('.message').textContent = ''"
    )
    return code


def picture(page) -> str:
    page.wait_for_selector(IDLE)
    return page.locator("img.picture").get_attribute("src")


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


def test_nothing_queues_and_the_newest_is_the_last(visit, app_url):
    page = visit(app_url)
    flying, most, sent = set(), [], []

    def is_frame(request):
        return "component_server" in request.url

    def started(request):
        if is_frame(request):
            flying.add(request)
            most.append(len(flying))
            sent.append(request.post_data)

    page.on("request", started)
    page.on("requestfinished", lambda request: flying.discard(request))
    stroke(page, *[(0.5 + 0.3 * math.cos(i / 3), 0.5 + 0.3 * math.sin(i / 3)) for i in range(20)], steps=4)
    shown = picture(page)
    assert max(most[:-1]) <= 2  # the second leaves when the server should be done with the first
    assert most[-1] <= 3  # the frame of the pen that goes up overtakes those on their way
    before = len(sent)
    page.reload()  # the restored drawing, painted anew, is what the last frame had shown
    page.wait_for_selector(IDLE)
    assert len(sent) > before
    assert picture(page) == shown


def test_on_a_long_way_two_frames_are_on_the_road_and_the_last_overtakes_them(visit, app_url):
    page = visit(app_url)
    stroke(page, (0.2, 0.2), (0.8, 0.2))  # its answer says how long the server takes
    held = []
    page.route(FRAMES, lambda route: held.append(route))
    page.mouse.move(*spot(page, 0.2, 0.5))
    page.mouse.down()
    more = 30  # moves, each a frame of the screen, in which no third request may leave
    for i in range(2000):
        page.mouse.move(*spot(page, 0.5 + 0.3 * math.cos(i / 9), 0.5))
        more -= len(held) >= 2
        if not more:
            break
    assert len(held) == 2
    page.mouse.up()
    while len(held) < 3:
        page.evaluate("0")  # so that the requests are heard of
    turns = [json.loads(route.request.post_data)["data"]["turn"] for route in held]
    assert turns[0] == turns[1] < turns[2]
    page.evaluate("""() => {
        const picture = document.querySelector('img.picture');
        window.seen = new Set();
        new MutationObserver(() => seen.add(picture.src)).observe(picture, { attributeFilter: ['src'] });
    }""")
    for route in reversed(held):  # as a bad line may bring them
        with page.expect_response(FRAMES):
            route.continue_()
    page.wait_for_selector(IDLE)
    shown = picture(page)
    assert page.evaluate("[...seen]") == [shown]
    page.unroute(FRAMES)
    page.reload()
    page.wait_for_selector(IDLE)
    assert picture(page) == shown


def test_an_answer_of_a_cleared_drawing_is_dropped_and_the_next_stroke_is_painted_while_it_grows(visit, app_url):
    page = visit(app_url)
    held = []
    page.route(FRAMES, lambda route: held.append(route))
    with page.expect_request(FRAMES):
        stroke(page, (0.3, 0.3), (0.7, 0.7))
    page.locator("[data-do=clear]").click()
    for route in held:
        with page.expect_response(FRAMES):
            route.continue_()
    page.wait_for_selector(".easel[data-state=idle]")
    assert not page.locator("img.picture").is_visible()
    page.unroute(FRAMES)
    page.mouse.move(*spot(page, 0.3, 0.3))
    page.mouse.down()
    for i in range(10):
        page.mouse.move(*spot(page, 0.3 + i / 50, 0.5))
    page.wait_for_selector(".easel.painted")  # with the pen still down
    page.mouse.up()


def test_a_crowded_server_is_asked_again_with_the_newest_drawing(visit, app_url):
    page = visit(app_url)
    full = [True]
    page.route(FRAMES, lambda route: route.fulfill(json={"error": "frame_busy"}) if full else route.continue_())
    stroke(page, (0.2, 0.3), (0.8, 0.3))
    page.get_by_text("Many people are drawing").wait_for()
    stroke(page, (0.2, 0.6), (0.8, 0.6))
    full.clear()
    page.wait_for_selector(IDLE)
    assert page.locator("img.picture").is_visible()
    assert not page.get_by_text("Many people are drawing").is_visible()


def test_touch_draws_and_does_not_scroll(visit, app_url):
    page = visit(app_url, PHONE)
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


def choose_model(page, name):
    page.locator("#model input").click()
    page.get_by_role("option", name=name).click()


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


def test_an_unknown_model_is_refused_with_a_sentence(page):
    page.locator("#model input").fill("no such model")
    page.keyboard.press("Enter")
    page.get_by_text("neither in the list nor a Hugging Face id").wait_for()
    page.wait_for_function("document.querySelector('#model input').value === 'handbags'")


def test_a_model_of_the_hub_is_typed_in_and_paints(visit, checkpoints, tmp_path):
    shutil.copytree(checkpoints / "shoes", tmp_path / "models" / "maker" / "boots")
    with serve(tmp_path) as (hub, _):
        server = Server(checkpoints, **environment(hub, tmp_path / "cache")).start()
        page = visit(server.url)
        stroke(page, (0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
        code = drawing(page)
        for name, why in (("maker/none", "no such repository"), ("maker/private", "it is private")):
            page.locator("#model input").fill(name)
            page.keyboard.press("Enter")
            page.get_by_text(why).last.wait_for()
            page.wait_for_function("document.querySelector('#model input').value === 'handbags'")
        page.locator("#model input").fill("maker/boots")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('.where').textContent.startsWith('maker/boots')")
        assert picture(page)
        assert drawing(page) == code
        page.context.close()
        assert "Traceback" not in server.stop()


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
    photo = Image.new("RGB", (300, 300), (240, 240, 235))
    ImageDraw.Draw(photo).ellipse([80, 90, 220, 240], fill=(150, 40, 30))
    photo.save(tmp_path / "photo.jpg")
    chooser.value.set_files(tmp_path / "photo.jpg")
    page.wait_for_function("src => document.querySelector('img.picture').src !== src", arg=before)
    for what, size in (("picture", (256, 256)), ("outline", (1024, 1024)), ("both", (512, 256))):
        page.locator(".save summary").click()
        with page.expect_download() as download:
            page.locator(f"[data-save={what}]").click()
        with Image.open(download.value.path()) as image:
            assert image.size == size


def test_compare_slider_uncovers_the_drawing(page):
    page.locator(".examples button").first.click()
    picture(page)
    page.locator(".compare").focus()
    page.keyboard.press("End")
    assert "100%" in page.locator(".frame").get_attribute("style")


def test_the_drawing_survives_a_lost_server(visit, own_server):
    page = visit(own_server.url, outage=True)
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    first = picture(page)
    own_server.stop()
    stroke(page, (0.2, 0.5), (0.8, 0.5))
    page.wait_for_selector(".easel[data-state=offline]")
    assert page.get_by_text("your drawing is safe").is_visible()
    stroke(page, (0.2, 0.8), (0.8, 0.8))  # one can go on drawing
    code = drawing(page)
    own_server.start()
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_function("src => document.querySelector('img.picture')?.src !== src", arg=first)
    page.wait_for_selector(IDLE)
    assert drawing(page) == code


def test_digits_fill_a_gallery(page):
    page.get_by_role("tab").nth(2).click()
    page.wait_for_selector("#gallery img")
    assert page.locator("#gallery img").count() == 16
    first = page.locator("#gallery img").first.get_attribute("src")
    page.locator("#digit input").click()
    page.get_by_role("option", name="7").click()
    page.wait_for_function("src => document.querySelector('#gallery img').src !== src", arg=first)
    seven = page.locator("#gallery img").first.get_attribute("src")
    page.locator("#seed-roll").click()
    page.wait_for_function("src => document.querySelector('#gallery img').src !== src", arg=seven)
    page.locator("#count input[type=number]").fill("5")
    page.locator("#write").click()
    page.wait_for_function("document.querySelectorAll('#gallery img').length === 5")
    with page.expect_download() as download:
        page.locator("#gallery button").click()
    with Image.open(download.value.path()) as sheet:
        assert sheet.width == 5 * 30 - 2


def source(page, selector: str) -> str:
    page.wait_for_selector(selector)
    return page.locator(selector).first.get_attribute("src")


CHANGED = "([selector, src]) => document.querySelector(selector).getAttribute('src') !== src"


def test_a_number_is_written_and_saved(page):
    page.get_by_role("tab").nth(2).click()
    image = "#number-picture img"
    first = source(page, image)
    page.get_by_label("Text").fill("314")
    page.wait_for_function(CHANGED, arg=[image, first])
    assert page.locator(image).get_attribute("width") == str(3 * 28)
    with page.expect_download() as download:
        page.locator("#number-picture a").click()
    assert download.value.suggested_filename == "314.png"
    with Image.open(download.value.path()) as picture:
        assert picture.size == (3 * 28, 28)
    page.get_by_label("Text").fill("3x")
    page.get_by_text("Type 1 to 32 of these characters: 0 1 2").wait_for()
    page.locator(image).wait_for(state="hidden")


def test_styles_stand_in_rows(page):
    page.get_by_role("tab").nth(2).click()
    first = source(page, "#styles img")
    assert [row.locator("img").count() for row in page.locator("#styles .cells").all()] == [10] * 4
    assert page.locator("#styles .cells").first.locator("img").nth(3).get_attribute("alt") == "3 (1)"
    page.locator("#styles-seed-roll").click()
    page.wait_for_function(CHANGED, arg=["#styles img", first])
    with page.expect_download() as download:
        page.locator("#styles button").click()
    with Image.open(download.value.path()) as sheet:
        assert sheet.size == (10 * 30 - 2, 4 * 30 - 2)


def test_the_morph_slider_moves_without_the_server(page):
    page.get_by_role("tab").nth(2).click()
    frame = "#morph .frame"
    seen = {source(page, frame)}
    asked = []
    page.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
    slider = page.get_by_role("slider", name="Between the two")
    for _ in range(3):
        slider.press("ArrowRight")
        seen.add(source(page, frame))
    assert len(seen) == 4
    slider.press("End")
    assert "100 %" in page.locator(frame).get_attribute("alt")
    page.locator("#morph .film img").nth(0).click()
    assert "0 %" in page.locator(frame).get_attribute("alt")
    assert not [url for url in asked if "/queue/join" in url]
    first = source(page, frame)
    page.locator("#morph-seed-roll").click()
    page.wait_for_function(CHANGED, arg=[frame, first])
    with page.expect_download() as download:
        page.locator("#morph a").click()
    assert download.value.suggested_filename == "3-8.gif"
    with Image.open(download.value.path()) as animation:
        assert animation.n_frames == 2 * 24 - 2


def test_texts_follow_the_browser(visit, app_url):
    page = visit(app_url, locale="ja-JP")
    assert page.get_by_role("tab", name="描く").is_visible()
    assert page.get_by_text("ここにバッグを描いてください").is_visible()
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
