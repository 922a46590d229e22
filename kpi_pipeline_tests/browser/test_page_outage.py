"""The page when the server goes, comes back, is paused, or cannot stream."""

import re
import time

from playwright.sync_api import Route, expect

from kpi_pipeline_tests.browser.showroom import Showroom
from kpi_pipeline_tests.browser.visitor import Visitor, picture

ABOVE = "document.getElementById('tiles').offsetTop - document.getElementById('main').offsetTop"
"""How much stands over the numbers, in pixels."""


def test_numbers_stay_dimmed_while_the_server_is_away_and_go_on_with_all_it_has_when_it_is_back(
    visitor: Visitor, showroom: Showroom
) -> None:
    page = visitor.visit("live")
    number = page.locator('[data-metric="total_revenue"] .number')
    before = number.inner_text()

    showroom.close()
    expect(page.locator("#pill")).to_have_text("Disconnected")
    expect(page.locator("#notice")).to_contain_text("These are the last numbers it sent")
    expect(page.locator("#warned")).to_have_text("The page is Disconnected.")
    assert number.inner_text() == before
    assert page.locator("html").get_attribute("data-dim") == ""
    picture(page, "disconnected-light")
    showroom.sell()
    showroom.declare("later")
    showroom.open()

    expect(page.locator("#pill")).to_have_text("Live")
    expect(page.locator("option[value=later]")).to_have_count(1)
    expect(number).not_to_have_text(before)
    assert page.locator("html").get_attribute("data-dim") is None
    # A server that has just opened its door says 503 until it has read everything once.
    said = [text for text in visitor.complaints if "ERR_" not in text and "503" not in text]
    visitor.complaints.clear()
    assert said == []


def test_numbers_without_their_alerts_and_charts_are_called_incomplete_until_these_are_there(
    visitor: Visitor, showroom: Showroom
) -> None:
    page = visitor.window((1440, 1000), "light")
    number = page.locator('[data-metric="total_revenue"] .number')
    asked: list[Route] = []

    def refuse(route: Route) -> None:
        asked.append(route)
        route.abort()

    page.route("**/around.js", refuse)
    begun = time.monotonic()
    page.goto(f"{visitor.url}/?pipeline=firing")

    expect(number).to_contain_text("$")
    expect(page.locator("#pill")).to_have_text("Incomplete")
    expect(page.locator("#notice")).to_contain_text("Alerts and charts could not be loaded")
    picture(page, "incomplete-light")
    for _ in range(4):
        before = number.inner_text()
        showroom.sell()
        expect(number).not_to_have_text(before)
    # Every five seconds, however often a snapshot comes.
    assert len(asked) <= 2 + (time.monotonic() - begun) / 5
    page.unroute("**/around.js")

    expect(page.locator("#pill")).to_have_text("Live", timeout=20_000)
    expect(page.locator(".alerts li").first).to_be_attached()
    expect(page.locator(".tile canvas").first).to_be_attached()
    assert all("ERR_FAILED" in text for text in visitor.complaints)
    visitor.complaints.clear()


def test_alerts_and_charts_that_do_not_come_are_missed_and_move_no_number_when_they_do(
    visitor: Visitor,
) -> None:
    page = visitor.window((1440, 1000), "light")
    held: list[Route] = []
    page.route("**/around.js", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    page.clock.install()
    page.goto(f"{visitor.url}/?pipeline=firing")
    expect(page.locator("#pill")).to_have_text("Live")
    above = page.evaluate(ABOVE)

    for metric in ("transaction_count", "total_revenue"):
        page.locator(f'[data-metric="{metric}"] .name').click()
    page.clock.fast_forward(6_000)
    expect(page.locator("#pill")).to_have_text("Incomplete")
    page.get_by_role("button", name="Pause").click()
    held[0].continue_()

    expect(page.locator("dialog h2")).to_have_text(["Total revenue"])
    expect(page.locator("#timeline li").first).to_be_attached()
    expect(page.locator("#pill")).to_have_text("Paused")
    expect(page.locator(".alerts li")).to_have_count(3)
    assert abs(page.evaluate(ABOVE) - above) < 2


def test_a_page_whose_script_does_not_come_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.window((1440, 1000), "light")
    page.route("**/main.js", lambda route: route.abort())
    page.goto(f"{visitor.url}/?pipeline=live")

    expect(page.locator(".waiting")).to_be_hidden()
    expect(page.locator(".waiting")).to_be_visible()
    page.unroute("**/main.js")
    page.reload()

    expect(page.locator('[data-metric="total_revenue"] .number')).to_contain_text("$")
    expect(page.locator(".waiting")).to_be_hidden()
    assert all("ERR_FAILED" in text for text in visitor.complaints)
    visitor.complaints.clear()


def test_a_paused_page_stands_still_until_it_is_resumed(
    visitor: Visitor, showroom: Showroom
) -> None:
    page = visitor.visit("live")
    number = page.locator('[data-metric="total_revenue"] .number')
    before = number.inner_text()

    page.get_by_role("button", name="Pause").click()
    showroom.sell()
    expect(page.locator("#pill")).to_have_text("Paused")
    expect(page.locator("#notice")).to_contain_text("Paused for 1 s")
    assert number.inner_text() == before
    page.get_by_role("button", name="Resume").click()

    expect(number).not_to_have_text(before)
    expect(page.locator("#pill")).to_have_text("Live")


def test_a_page_asks_where_something_eats_streams(visitor: Visitor, showroom: Showroom) -> None:
    page = visitor.window((1440, 1000), "light")
    page.route(re.compile(r"/stream\?"), lambda route: route.abort())

    page.goto(f"{showroom.url}/?pipeline=quiet")

    expect(page.locator('[data-metric="total_revenue"] .number')).to_contain_text("$")
    expect(page.locator("#pill")).to_have_text("Quiet")
    assert all("ERR_FAILED" in text for text in visitor.complaints), visitor.complaints
    visitor.complaints.clear()
