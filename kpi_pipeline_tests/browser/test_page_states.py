"""Each state says what it is, in words, at any width and in both themes, for everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from kpi_pipeline_tests.browser.showroom import Showroom
from kpi_pipeline_tests.browser.visitor import LARGE, PHONE, Visitor, overflow, picture

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
STATES = {
    "live": ("Live", ""),
    "quiet": ("Quiet", "no new row"),
    "late": ("Late", "Not up to date"),
    "late_backlog": ("Late", "wait"),
    "stalled": ("Stalled", "Last checked 25 min ago"),
    "failing": ("Stalled", "connection refused"),
    "building": ("Building 7 %", "History is being filled"),
    "empty": ("Empty", "Nothing was folded yet"),
    "unreachable": ("Unreachable", "These are the last good numbers"),
    "firing": ("Live", ""),
    "firing_warn": ("Live", ""),
    "firing_taken": ("Live", ""),
    "firing_muted": ("Live", ""),
    "groups": ("Live", ""),
    "odd": ("Live", ""),
    "drift": ("Live", ""),
    "unverified": ("Live", ""),
    "many": ("Live", ""),
}
DISTINCT = {
    "firing": ".alerts li[data-state=critical]",
    "firing_warn": ".alerts li[data-state=warn]",
    "firing_taken": ".alerts li:has-text('acknowledged')",
    "firing_muted": ".alerts li:has-text('muted until')",
    "groups": ".more:has-text('Show all 30')",
    "odd": ".tile[data-state=unknown]:has-text('No rows since 00:00')",
    "drift": "#proof[data-proof=drift]:has-text('Drift')",
    "unverified": "#proof:has-text('Not verified yet')",
    "building": ".tile .windows:has-text('building 42 %')",
    "empty": ".tile:has-text('No rows yet')",
}
READ_BY_ALL = ("live", "firing", "stalled", "building", "empty", "odd")


@pytest.mark.parametrize("scene", STATES)
def test_a_state_says_what_it_is_and_fits_a_phone(
    browser: Browser, showroom: Showroom, scene: str
) -> None:
    visitor = Visitor(browser, showroom.url)
    page = visitor.visit(scene, size=PHONE)
    word, reason = STATES[scene]

    expect(page.locator("#pill")).to_have_text(word)
    expect(page.locator("#notice")).to_contain_text(reason)
    if scene in DISTINCT:
        expect(page.locator(DISTINCT[scene]).first).to_be_attached()
    assert overflow(page) <= 0
    assert visitor.foreign == []
    # The API says 503 where the state database is away, and a browser writes that down.
    assert all("503" in text for text in visitor.complaints)
    picture(page, f"{scene}-phone")
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scene", READ_BY_ALL)
def test_a_state_can_be_read_by_everybody(visitor: Visitor, scene: str, theme: str) -> None:
    page = visitor.visit(scene, theme=theme, size=LARGE)
    expect(page.locator(".tile canvas").first).to_be_attached()
    picture(page, f"{scene}-{theme}")

    found = Axe().run(page, options=WCAG)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_the_form_can_be_read_by_everybody(visitor: Visitor, theme: str) -> None:
    page = visitor.visit("firing", theme=theme, trusted=True)
    problems = []
    page.get_by_role("button", name="Avg order value", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("SELECT")
    picture(page, f"explained-{theme}")
    problems.append(Axe().run(page, options=WCAG).generate_report())
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Mute").first.click()
    picture(page, f"mute-{theme}")
    problems.append(Axe().run(page, options=WCAG).generate_report())
    page.goto(f"{visitor.url}/login")
    picture(page, f"login-{theme}")
    problems.append(Axe().run(page, options=WCAG).generate_report())

    assert all("Found 0 accessibility violations" in text for text in problems), problems
