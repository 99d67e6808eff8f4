"""Frames of the live canvas on their way: which leave, which come back, which are shown, and what an outage does."""

import json
import math

import pytest
from easel import FRAMES, IDLE, drawing, picture, spot, stroke

pytestmark = pytest.mark.browser


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
    (left, y), (right, _) = spot(page, 0.2, 0.5), spot(page, 0.8, 0.5)
    page.mouse.move(left, y)
    page.mouse.down()
    # Moves, each a frame of the screen, in which no third request may leave. Few, for after 20 seconds the page asks
    # again, and a busy machine takes half a second for each.
    more = 10
    for i in range(2000):
        page.mouse.move(left + (right - left) * (1 + math.cos(i / 9)) / 2, y)
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
