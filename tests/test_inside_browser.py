"""The tab "Inside pix2pix" in a real Chromium: every control, on a desktop and on a phone."""

import pytest
from conftest import DESKTOP, PHONE, leave_screenshot, pages, serious_findings
from easel import choose_model, picture

pytestmark = pytest.mark.browser

SECTIONS = ("eye", "skips", "layers", "time", "noise")


def open_tab(page, number: int):
    page.get_by_role("tab").nth(number).click()


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["1280", "390"])
def inside(browser, app_url, request):
    """The open tab, with a drawing. Its tests share the page: each goes to a section and leaves it as it was."""
    with pages(browser) as open_page:
        page = open_page(app_url, request.param)
        page.locator(".examples button").first.click()
        picture(page)
        open_tab(page, 1)
        yield page


def go_to(page, name: str):
    """Scrolls to a section by its button; returns the section."""
    page.locator(f"button[data-to=inside-{name}]").click()
    return page.locator(f"#inside-{name}")


def wait_until(page, script: str, *arguments):
    page.wait_for_function(f"([{', '.join('abc'[: len(arguments)])}]) => {script}", arg=list(arguments))


def sources(section, images: str) -> list[str]:
    """What the images of a section show."""
    section.locator(images).first.wait_for()
    return section.locator(images).evaluate_all("images => images.map((image) => image.src)")


def test_nothing_is_computed_before_it_is_looked_at(page):
    joined = []
    page.on("request", lambda request: joined.append(request.url) if "queue/join" in request.url else None)
    page.locator(".examples button").first.click()
    picture(page)
    assert joined == []
    open_tab(page, 1)
    page.locator("#inside-eye .stage").wait_for()
    assert joined
    assert page.locator("#inside-noise figure").count() == 0, "far below the window"
    go_to(page, "noise")
    page.locator("#inside-noise figure").first.wait_for()


def test_while_the_canvas_is_empty_an_example_is_looked_at(visit, app_url):
    for locale, words in (("en-US", "or from an example"), ("ja-JP", "見本を使います")):
        page = visit(app_url, locale=locale)
        open_tab(page, 1)
        page.get_by_text(words).wait_for()
        for name in ("skips", "layers", "noise"):
            go_to(page, name).locator("img").first.wait_for()
        go_to(page, "eye").get_by_text("%").first.wait_for()
        go_to(page, "time").locator("input[type=range]").wait_for()


def test_a_busy_page_that_hears_of_several_moves_at_once_shows_its_sections(visit, app_url):
    """The last of them counts: a section that left the screen and came back must not wait for ever."""
    page = visit(app_url)
    page.add_init_script("""
        window.IntersectionObserver = class extends IntersectionObserver {
            constructor(callback, options) {
                const before = (entry) => ({ isIntersecting: !entry.isIntersecting, target: entry.target });
                super((entries, self) => callback(entries.flatMap((entry) => [before(entry), entry]), self), options);
            }
        };
    """)
    page.reload()
    open_tab(page, 1)
    go_to(page, "time").locator("input[type=range]").wait_for()


def test_a_section_that_the_server_had_no_time_for_asks_again(visit, app_url):
    page = visit(app_url, outage=True)
    refused = []

    def full(route):
        refused.append(route.request.url)
        route.fulfill(status=503, json={"detail": "Queue is full."})

    page.route("**/queue/join*", full, times=1)
    open_tab(page, 1)
    page.locator("#inside-eye .stage").wait_for()
    assert refused


HOLD = """
const { decode } = HTMLImageElement.prototype;
const held = new Promise((go) => (window.release = go));
HTMLImageElement.prototype.decode = function () {
  window.decoding = true;
  return held.then(() => decode.call(this));
};
"""


def test_the_eye_is_shown_when_it_can_be_touched(visit, app_url):
    page = visit(app_url, before=HOLD)
    open_tab(page, 1)
    page.wait_for_function("window.decoding")
    stage = page.locator("#inside-eye .stage")
    assert stage.is_hidden()
    page.evaluate("release()")
    stage.click()
    assert "Column" in page.locator("#inside-eye .score").inner_text()


def test_the_eye_looks_through_the_window_of_a_cell(inside):
    section = go_to(inside, "eye")
    stage = section.locator(".stage")
    stage.wait_for()

    def touch(x: float, y: float):
        """Clicks a point of the picture, in its 256 pixels."""
        side = stage.bounding_box()["width"]
        act = stage.tap if inside.viewport_size["width"] < 500 else stage.click
        act(position={"x": x / 256 * side, "y": y / 256 * side})

    def window() -> list[int]:
        box = section.locator("rect.window")
        return [int(box.get_attribute(name)) for name in ("x", "y", "width", "height")]

    def views() -> list[str]:
        return section.locator("canvas").evaluate_all("views => views.map((view) => view.toDataURL())")

    def score() -> str:
        return section.locator(".score").inner_text()

    touch(132, 132)  # in the middle of cell 15 of 0 ... 29
    assert score().startswith("Column 16, row 16: ")
    assert window() == [97, 97, 70, 70]
    assert "x 97–166, y 97–166" in section.locator(".where").inner_text()
    before = views()
    for key, spot, box in (
        ("ArrowRight", "Column 17, row 16", [105, 97, 70, 70]),
        ("ArrowDown", "Column 17, row 17", [105, 105, 70, 70]),
        ("ArrowLeft", "Column 16, row 17", [97, 105, 70, 70]),
        ("ArrowUp", "Column 16, row 16", [97, 97, 70, 70]),
    ):
        stage.press(key)
        assert score().startswith(spot)
        assert window() == box
        assert (views() == before) == (key == "ArrowUp")
    touch(3, 3)  # the frame has no cell; the nearest one counts
    assert window() == [0, 0, 47, 47], "what lies in the padding is cut off"
    stage.press("ArrowLeft")
    assert score().startswith("Column 1, row 1: ")
    scores = {score().split(": ")[1]}
    for _ in range(29):
        stage.press("ArrowRight")
        scores.add(score().split(": ")[1])
    assert score().startswith("Column 30, row 1: ")
    assert len(scores) > 1
    assert section.locator("table tr").last.inner_text().split("\t")[3:] == ["46 + 3 × 8 = 70", "30²"]


def test_the_verdict_can_be_taken_off_the_picture(inside):
    section = go_to(inside, "eye")
    covered, checkbox = sources(section, ".stage img"), section.get_by_label("Show the verdict over the picture")
    checkbox.uncheck()
    assert sources(section, ".stage img") != covered
    checkbox.check()
    assert sources(section, ".stage img") == covered


def test_every_skip_connection_has_a_switch(inside):
    section = go_to(inside, "skips")
    whole, chosen = sources(section, ".two img")
    assert whole == chosen
    switches = section.locator("input[type=checkbox]")
    assert switches.count() == 7

    def painted(off: int) -> str:
        section.get_by_text(f"your choice: {off} off").wait_for()
        return sources(section, ".two img")[1]

    seen = {whole}
    for switch in switches.all():
        switch.uncheck()
        seen.add(painted(off=1))
        switch.check()
        assert painted(off=0) == whole
    assert len(seen) == 8, "every level carries something of its own"
    singles = sources(section, ".many img")
    assert set(singles) == seen - {whole}
    assert section.locator(".many figcaption").all_inner_texts() == [f"{2**n} × {2**n}" for n in range(7, 0, -1)]
    section.get_by_role("button", name="All off").click()
    assert painted(off=7) not in seen
    assert not any(switch.is_checked() for switch in switches.all())
    section.get_by_role("button", name="All on").click()
    assert painted(off=0) == whole
    assert all(switch.is_checked() for switch in switches.all())


def test_layers_show_their_sizes(inside):
    section = go_to(inside, "layers")
    assert len(set(sources(section, ".u img"))) == 17  # the outline, 8 levels down, 8 up
    section.locator(".u img").evaluate_all("images => Promise.all(images.map((image) => image.decode()))")
    written = section.locator(".u figcaption").all_inner_texts()
    sides, channels = [2**n for n in range(7, 0, -1)], [8, 16, 32, 64, 64, 64, 64]
    expected = ["3 × 256 × 256"] * 2
    for side, down, up in zip(sides, channels, [8, 16, 32, 64, 64, 64, 64], strict=True):
        expected += [f"{down} × {side} × {side}", f"{up} × {side} × {side}"]
    assert written == [*expected, "64 × 1 × 1, bottleneck"]


def test_the_slider_goes_through_the_training(inside):
    section = go_to(inside, "time")
    slider, films = section.locator("input[type=range]"), section.locator(".films")
    section.get_by_text("after 12,000 training images").wait_for()  # opens on the last one
    assert films.locator("div").count() == 8
    assert films.locator("span").count() == 3 * 8  # outline, painting and photo

    def rows() -> list[str]:
        names = ("inputs", "painted", "targets")
        return [films.evaluate("(films, name) => films.style.getPropertyValue(name)", f"--{name}") for name in names]

    inputs, last, targets = rows()
    slider.fill("0")
    section.get_by_text("after 0 training images").wait_for()
    first = rows()
    assert (first[0], first[2]) == (inputs, targets)
    slider.press("ArrowRight")
    section.get_by_text("after 4,000 training images").wait_for()
    assert slider.get_attribute("aria-valuetext") == "after 4,000 training images"
    assert len({first[1], rows()[1], last, inputs, targets}) == 5
    slider.press("End")
    assert rows() == [inputs, last, targets]


def test_noise_draws_again(inside):
    section = go_to(inside, "noise")
    before = sources(section, ".draws img")
    assert len(set(before)) == 6  # five draws and their deviation
    section.get_by_role("button", name="Sample again").click()
    wait_until(inside, "document.querySelector('#inside-noise .draws img').src !== a", before[0])
    assert not set(before) & set(sources(section, ".draws img"))
    assert "of 255 on average" in section.locator("figcaption").last.inner_text()


def test_another_drawing_or_model_shows_at_once(inside):
    def looks() -> dict[str, str]:
        return {name: sources(go_to(inside, name), images)[0] for name, images in shown.items()}

    def differ(before: dict[str, str]):
        """Waits until every section shows something else."""
        for name, images in shown.items():
            go_to(inside, name)
            wait_until(inside, "(document.querySelector(a)?.src ?? b) !== b", f"#inside-{name} {images}", before[name])

    shown = {"eye": ".stage img", "skips": ".two img", "layers": ".u .bottom img", "noise": ".draws img"}
    first = looks()
    open_tab(inside, 0)
    inside.locator(".examples button").nth(1).click()
    picture(inside)
    open_tab(inside, 1)
    differ(first)
    second = looks()
    open_tab(inside, 0)
    choose_model(inside, "shoes")
    open_tab(inside, 1)
    go_to(inside, "eye").get_by_text("This checkpoint has no discriminator").wait_for()
    assert inside.locator("#inside-eye .stage").is_hidden()
    go_to(inside, "time").get_by_text("This checkpoint has no snapshots").wait_for()
    del shown["eye"]
    differ(second)
    open_tab(inside, 0)
    choose_model(inside, "handbags")
    wait_until(inside, "document.querySelector('.where').textContent.startsWith(a)", "handbags")  # its drawing is back
    inside.locator(".examples button").first.click()
    open_tab(inside, 1)
    inside.locator("#inside-eye .stage").wait_for()
    go_to(inside, "time").locator("input[type=range]").wait_for()
    wait_until(inside, "document.querySelector(a).src === b", "#inside-eye .stage img", first["eye"])
    for name in ("skips", "layers"):
        go_to(inside, name)
        wait_until(inside, "document.querySelector(a).src === b", f"#inside-{name} {shown[name]}", first[name])


def test_all_sections_are_accessible(inside):
    for name in SECTIONS:
        go_to(inside, name).locator("figure, .films").first.wait_for()
    for scheme in ("light", "dark"):
        inside.emulate_media(color_scheme=scheme)
        wait_until(inside, "document.body.classList.contains('dark') === a", scheme == "dark")
        wait_until(
            inside, "!document.getAnimations().some((each) => each instanceof CSSTransition)"
        )  # colours fade over
        assert serious_findings(inside) == []
        leave_screenshot(inside, f"{inside.viewport_size['width']}-{scheme}-inside")
    assert inside.evaluate("document.documentElement.scrollWidth") <= inside.viewport_size["width"]


@pytest.mark.parametrize("page", [(768, 1024)], indirect=True, ids=["768"])
def test_nothing_is_cut_off_on_a_tablet(page):
    open_tab(page, 1)
    for name in ("eye", "layers"):
        go_to(page, name).locator("img, table").first.wait_for()
    wide = "() => [...document.querySelectorAll('.inside-panel *')].map((e) => e.getBoundingClientRect().right)"
    assert max(page.evaluate(wide)) <= 768
