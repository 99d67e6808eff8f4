"""The page around the easel: what language it declares, and what it says where its scripts can't run."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("browsers", "ours"), [("de-DE", "en"), ("ar", "en"), ("ja-JP", "ja")])
def test_the_language_of_the_page_is_that_of_its_texts(visit, app_url, browsers, ours):
    page = visit(app_url, locale=browsers)
    assert page.evaluate("document.documentElement.lang") == ours


SANDBOX = "<iframe sandbox='allow-scripts allow-popups {more}' src='{url}' width=1200 height=700></iframe>"


def test_a_frame_without_an_origin_says_so_and_leads_out(visit, app_url):
    page = visit(app_url, outage=True)  # the browser tells of the modules that it does not load
    page.set_content(SANDBOX.format(more="", url=app_url), wait_until="commit")
    frame = page.frame_locator("iframe")
    frame.get_by_text("sandboxed frame").wait_for()
    with page.expect_popup() as own:
        frame.get_by_role("link").click()
    assert own.value.url.rstrip("/") == app_url
    page.set_content(SANDBOX.format(more="allow-same-origin", url=app_url), wait_until="commit")
    frame.locator(".easel[data-ready]").wait_for()
    assert frame.get_by_text("sandboxed frame").count() == 0


def test_a_browser_without_scripts_is_told_so(browser, app_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(app_url)
    assert "needs JavaScript" in page.locator("body").inner_text()
    context.close()
