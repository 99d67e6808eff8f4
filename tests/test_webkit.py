"""The page in WebKit, the engine of Safari and of every browser on an iPhone."""

import os
import shutil
import subprocess

import pytest
from selenium.webdriver import ActionChains, WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("WebKitWebDriver"), reason="needs apt-get install webkit2gtk-driver xvfb"),
]
ERRORS = """
window.errors = [];
for (const kind of ['error', 'unhandledrejection'])
  addEventListener(kind, (event) => errors.push(String(event.message ?? event.reason)));
"""


@pytest.fixture
def webkit(monkeypatch):
    """A WebKit window, on a screen that nobody sees."""
    read, write = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x1000x24"], pass_fds=[write])
    os.close(write)
    with open(read) as number:
        monkeypatch.setenv("DISPLAY", f":{number.readline().strip()}")
    options = Options()
    options.add_argument("--automation")
    try:
        driver = WebKitGTK(options, Service(shutil.which("WebKitWebDriver")))
        yield driver
        driver.quit()
    finally:
        screen.terminate()
        screen.wait(10)


def test_webkit_draws_paints_and_shows_every_tab(webkit, app_url):
    wait = WebDriverWait(webkit, 60)

    def all_of(selector: str) -> list:
        return webkit.find_elements(By.CSS_SELECTOR, selector)

    def visit(tab: int) -> None:
        webkit.get(app_url)
        wait.until(lambda _: all_of(".easel[data-ready]"))
        webkit.execute_script(ERRORS)
        all_of("button[role=tab]")[tab].click()

    visit(0)
    (canvas,) = all_of("canvas.ink")
    side = canvas.size["width"]
    hand = ActionChains(webkit, duration=50).move_to_element(canvas).click_and_hold()
    for x, y in ((0.3, 0), (0, 0.3), (-0.3, 0), (0, -0.3)):
        hand.move_by_offset(round(x * side), round(y * side))
    hand.release().perform()
    wait.until(lambda _: all_of(".easel.painted[data-state=idle]"))
    assert webkit.execute_script("return errors") == []
    # Each tab on a page of its own: where the last call of one ends just as the first of the next begins, Gradio's
    # client may take the old stream of answers for open, and never hear the new one.
    visit(1)
    wait.until(lambda _: "% real" in webkit.find_element(By.ID, "inside-eye").text)
    assert webkit.execute_script("return errors") == []
    visit(2)
    wait.until(lambda _: all_of("#morph .film img"))
    assert webkit.execute_script("return errors") == []
