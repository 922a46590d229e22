"""Each state says what it is, in words, at any width and in both themes, for everybody."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from kpi_pipeline_tests.browser.showroom import Showroom
from kpi_pipeline_tests.browser.visitor import LARGE, PHONE, WALL, Visitor, kept, picture
from kpi_pipeline_tests.browser.windows import Windows

VIOLATIONS = {"resultTypes": ["violations"]}
WCAG = VIOLATIONS | {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
STATES = {
    "live": ("Live", ""),
    "quiet": ("Quiet", "Newest row 12m"),
    "late": ("Late", "Not up to date"),
    "late_backlog": ("Late", "wait"),
    "stalled": ("Stalled", "the last good numbers, checked 25 min ago"),
    "failing": ("Stalled", "connection refused"),
    "building": ("Building 7 %", "History is being filled"),
    "filling": ("Live", "unique_users 7 % is being filled. Every other number is up to date."),
    "empty": ("Empty", "the first look comes within a minute"),
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
    "firing": ".tile[data-metric=avg_order_value]:has-text('Last 60 min: Critical')",
    "firing_warn": ".alerts li[data-state=warn]",
    "firing_taken": ".alerts li[data-calm]:has-text('acknowledged')",
    "firing_muted": ".alerts li[data-calm]:has-text('by ada: deploy')",
    "groups": ".more:has-text('Show all 30')",
    "odd": ".tile[data-state=unknown]:has-text('No rows since 00:00')",
    "drift": "#proof[data-proof=drift]:has-text('Drift')",
    "unverified": "#proof:has-text('Not verified yet')",
    "building": ".tile .windows:has-text('building 42 %')",
    "filling": ".tile[data-metric=unique_users] .windows:has-text('building 7 %')",
    "empty": ".tile:has-text('No rows yet')",
}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = ["color-contrast", "link-in-text-block"]
COLOURS = VIOLATIONS | {"runOnly": {"type": "rule", "values": RULES}}
"""What a theme can break."""
READ_BY_ALL = ("firing", "stalled", "building", "odd")
AGAIN = {"exclude": [".activity"]}
"""What is the same in every scene is looked at in the first of them."""


@pytest.fixture(scope="module")
def stroll(windows: Windows, showroom: Showroom) -> Iterator[tuple[Visitor, Page]]:
    """Somebody who walks from scene to scene in one window."""
    visitor = Visitor(windows, showroom.url)
    page = visitor.window(LARGE, "light")
    yield visitor, page
    visitor.leave()


@pytest.mark.parametrize("scene", STATES)
def test_a_state_says_what_it_is_to_everybody_in_both_themes_and_on_a_phone(
    stroll: tuple[Visitor, Page], scene: str
) -> None:
    visitor, page = stroll
    page.goto("about:blank")  # what the last scene still asks for is not of this one
    visitor.complaints.clear()
    page.set_viewport_size({"width": LARGE[0], "height": LARGE[1]})
    visitor.go(page, scene)
    word, reason = STATES[scene]

    expect(page.locator("#pill")).to_have_text(word)
    expect(page.locator("#notice")).to_contain_text(reason)
    expect(page.locator(DISTINCT.get(scene, ".tile")).first).to_be_attached()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        picture(page, f"{scene}-{theme}")
        if scene in READ_BY_ALL:
            within = None if scene == READ_BY_ALL[0] else AGAIN
            assert problems(page, theme, within) == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    if kept():
        _more_pictures(visitor, page, scene)
    assert visitor.foreign == []
    # The API says 503 where the state database is away, and a browser writes that down.
    away = scene == "unreachable"
    assert [text for text in visitor.complaints if not (away and "503" in text)] == []


def _more_pictures(visitor: Visitor, page: Page, scene: str) -> None:
    """The phone, and the wall, which is a load more that people need alone."""
    for name, size, query in (("phone", PHONE, ""), ("wall", WALL, "&tv=1")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        visitor.go(page, scene, query)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            picture(page, f"{scene}-{name}-{theme}")


def test_dialogs_and_the_form_can_be_read_by_everybody(visitor: Visitor) -> None:
    page = visitor.visit("firing", trusted=True)
    found = problems(page, THEMES[0], {"include": ["#alerts"]})
    page.get_by_role("button", name="Avg order value", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("SELECT")
    found += _in_both_themes(page, "explained")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Mute").first.click()
    found += _in_both_themes(page, "mute")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Verified").click()
    found += _in_both_themes(page, "trust")
    page.goto(f"{visitor.url}/login")
    found += _in_both_themes(page, "login", "html")

    assert found == []


def _in_both_themes(page: Page, name: str, within: str = "dialog") -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        picture(page, f"{name}-{theme}")
        found += problems(page, theme, {"include": [within]})
    return found


def problems(page: Page, theme: str, within: dict[str, list[str]] | None = None) -> list[str]:
    """What axe finds, an entry a rule that is broken; of the second theme what differs."""
    options = WCAG if theme == THEMES[0] else COLOURS
    violations = Axe().run(page, within, options).response["violations"]
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in violations]
