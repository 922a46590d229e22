"""What a person sees on the live page, does there, and does without a mouse."""

import csv
import re
import time
from io import StringIO
from pathlib import Path

from playwright.sync_api import Page, expect

from kpi_pipeline_tests.browser.showroom import TOKEN, Showroom
from kpi_pipeline_tests.browser.visitor import PHONE, WALL, Visitor, picture


def _tile(page: Page, metric: str) -> str:
    return page.locator(f'[data-metric="{metric}"] .number').inner_text()


def test_the_first_number_is_there_at_once_and_the_header_says_how_far_it_holds(
    visitor: Visitor,
) -> None:
    page = visitor.window((1440, 1000), "light")
    begun = time.monotonic()
    page.goto(f"{visitor.url}/?pipeline=live", wait_until="commit")
    page.locator(".tile .number:not(:empty)").first.wait_for()
    print(f"first number {time.monotonic() - begun:.2f} s after the address was entered")

    assert _tile(page, "total_revenue").startswith("$")
    expect(page.locator("#pill")).to_have_text("Live")
    expect(page.locator("#zone")).to_have_text("America/New_York GMT-5")
    expect(page.locator("#through")).to_have_text("Data through 14:32:08")
    expect(page.locator("#checked")).to_contain_text("s ago")
    expect(page.locator("#proof")).to_contain_text("Verified")
    expect(page.locator(".tile canvas")).to_have_count(4)
    picture(page, "page")


def test_a_commit_changes_the_numbers_without_a_reload_and_groups_add_up_to_the_tile(
    visitor: Visitor, showroom: Showroom
) -> None:
    page = visitor.visit("live")
    before = _tile(page, "total_revenue")
    expect(page.locator(".groups tfoot th")).to_have_text("Total = Total revenue")
    page.get_by_role("button", name="PRODUCE").press("Enter")
    page.get_by_role("dialog").wait_for()

    showroom.sell()

    expect(page.locator('[data-metric="total_revenue"] .number')).not_to_have_text(before)
    total = page.locator(".groups tfoot td.main")
    assert total.inner_text().split("\n")[0] == _tile(page, "total_revenue")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="PRODUCE")).to_be_focused()


def test_a_number_is_explained_by_keyboard_and_its_rows_add_up_to_it(visitor: Visitor) -> None:
    page = visitor.visit("quiet")
    shown = int(_tile(page, "transaction_count").replace(",", ""))

    page.get_by_role("button", name="Transaction count", exact=True).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("SELECT")
    expect(dialog).to_contain_text("26 Nov 2026, 00:00 to")
    expect(dialog).to_contain_text("not yet in the number")
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Rows as CSV").click()
    rows = list(csv.DictReader(StringIO(Path(download.value.path()).read_text())))
    picture(page, "explained")
    page.keyboard.press("Escape")

    assert len(rows) == shown
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Transaction count", exact=True)).to_be_focused()


def test_tab_reaches_everything_a_chart_has_a_table_a_theme_is_kept_and_all_is_saved_as_csv(
    visitor: Visitor,
) -> None:
    page = visitor.visit("live")
    tile = page.locator('[data-metric="total_revenue"]')
    reached = [_next(page) for _ in range(20)]
    expect(tile.locator("canvas")).to_be_visible()
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    tile.get_by_role("button", name="as a table").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    page.locator("#theme").click()
    page.locator("#theme").click()

    assert reached[0] == "Skip to the numbers"
    proof = next(text for text in reached if text.startswith("Verified"))
    assert reached.index("TV") < reached.index(proof)  # as they stand on the page
    assert {"Total revenue", "Transaction count", "Avg order value", "Pause"} <= set(reached)
    expect(tile.locator("canvas")).to_be_hidden()
    expect(tile.locator("tbody tr")).to_have_count(24)
    expect(tile.locator("tbody tr").first).to_contain_text("00:00")
    assert "total_revenue" in Path(download.value.path()).read_text()
    expect(page.locator("#theme")).to_have_text("Theme: dark")
    assert light != page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert page.evaluate("localStorage.getItem('kpi-theme')") == "dark"


def _next(page: Page) -> str:
    page.keyboard.press("Tab")
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


def test_who_has_no_token_is_shown_the_way_to_it_and_no_buttons(visitor: Visitor) -> None:
    page = visitor.visit("firing")

    expect(page.get_by_role("link", name="Sign in")).to_have_attribute(
        "href", "/login?pipeline=firing"
    )
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)


def test_more_rows_than_a_file_holds_are_said_before_it_is_saved(visitor: Visitor) -> None:
    page = visitor.visit("quiet")
    box = page.locator('[data-metric="transaction_count"] .number').bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.get_by_label("Lifetime").click()
    link = page.get_by_role("link", name="rows as CSV")

    expect(link).to_have_text(re.compile(r"Newest 100,000 of [\d,]{7,} rows as CSV"))
    expect(link).to_have_attribute("href", re.compile("limit=100000$"))


def test_a_person_acknowledges_and_mutes_what_fires_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.visit("firing", trusted=True)
    line = page.locator('.alerts li[data-rule="aov_low"]')
    mute = line.get_by_role("button", name="Mute aov_low", exact=True)

    line.get_by_role("button", name="Acknowledge").press("Enter")
    expect(line).to_contain_text("acknowledged")
    expect(mute).to_be_focused()
    first = page.locator(".alerts li").first
    expect(first).to_have_attribute("data-rule", "aov_low")  # it stays while somebody is at it
    mute.press("Enter")
    expect(page.get_by_label("1 hour")).to_be_focused()
    page.get_by_label("Why").fill("a deploy")
    page.get_by_label("Why").press("Enter")

    expect(line.locator(".what")).to_have_text("aov_lowAvg order value, Last 60 min$18.20below $20")
    expect(line).to_contain_text("by dashboard: a deploy")
    expect(line.get_by_role("link", name="Runbook")).to_be_visible()
    expect(line.get_by_role("button", name="Unmute")).to_be_focused()
    line.get_by_role("button", name="Unmute").press("Enter")
    expect(mute).to_be_focused()


def test_whoever_has_signed_in_can_sign_out(visitor: Visitor) -> None:
    page = visitor.window(PHONE, "light")
    page.goto(f"{visitor.url}/login?pipeline=live")
    page.locator("[name=token]").fill(TOKEN)
    page.locator("[name=token]").press("Enter")

    page.wait_for_url("**/?pipeline=live")
    page.get_by_role("button", name="Sign out").click()

    page.wait_for_url("**/login?pipeline=live")
    visitor.go(page, "live")
    expect(page.locator("#pill")).to_have_text("Live")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_nobody_has_to_scroll_a_wall_and_what_it_has_no_room_for_is_said(visitor: Visitor) -> None:
    page = visitor.window(WALL, "light")

    for scene, tiles, lowest in (("firing", 4, 80), ("many", 18, 48)):
        visitor.go(page, scene, "&tv=1")
        expect(page.locator(".tile canvas")).to_have_count(tiles)
        assert _lowest_chart(page) >= lowest
    picture(page, "wall-many")
    expect(page.locator(".omitted")).to_contain_text(
        "6 of 25 KPIs are not shown, none of them past"
    )


def test_the_wall_has_no_controls_and_larger_type(visitor: Visitor) -> None:
    page = visitor.visit("live", size=WALL, theme="dark", query="&tv=1")
    expect(page.locator(".tile canvas")).to_have_count(4)
    picture(page, "wall")

    assert _lowest_chart(page) >= 200
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 20
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def _lowest_chart(page: Page) -> int:
    """Its height, on a page that nobody has to scroll."""
    page.wait_for_function("document.documentElement.scrollHeight <= innerHeight")
    heights: list[int] = page.locator(".plot").evaluate_all("all => all.map((p) => p.clientHeight)")
    return min(heights)


def test_the_address_chooses_kpis_and_the_page_a_pipeline_where_there_are_several(
    visitor: Visitor,
) -> None:
    page = visitor.visit("live", size=PHONE, query="&kpis=unique_users,revenue_by_type")
    part = page.locator(".omitted")

    expect(page.locator(".tile h2")).to_have_text(["Unique users"])
    expect(part).to_contain_text("2 of 5 KPIs are shown")
    all_of_them = part.get_by_role("link", name="Show all")
    expect(all_of_them).to_have_attribute("href", "/?pipeline=live")
    page.get_by_label("Pipeline").select_option("quiet")
    expect(page.locator("#pill")).to_have_text("Quiet")

    page.evaluate("location.search = '?pipeline=quite'")
    expect(page.locator("#pill")).to_have_text("Not found")
    expect(page.locator(".notice")).to_contain_text("did you mean 'quiet'")
    assert all("404" in text for text in visitor.complaints)  # the browser's own word for it
    visitor.complaints.clear()
