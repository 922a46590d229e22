"""The page when the server goes, comes back, is paused, or cannot stream."""

import re

from playwright.sync_api import expect

from kpi_pipeline_tests.browser.showroom import Showroom
from kpi_pipeline_tests.browser.visitor import Visitor, picture


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
    visitor: Visitor,
) -> None:
    page = visitor.window((1440, 1000), "light")
    page.route("**/around.js", lambda route: route.abort())
    page.goto(f"{visitor.url}/?pipeline=firing")

    expect(page.locator('[data-metric="total_revenue"] .number')).to_contain_text("$")
    expect(page.locator("#pill")).to_have_text("Incomplete")
    expect(page.locator("#notice")).to_contain_text("Alerts and charts could not be loaded")
    picture(page, "incomplete-light")
    page.unroute("**/around.js")

    expect(page.locator("#pill")).to_have_text("Live", timeout=20_000)
    expect(page.locator(".alerts li").first).to_be_attached()
    expect(page.locator(".tile canvas").first).to_be_attached()
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
