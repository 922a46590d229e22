"""A real Chromium, or a named skip; CI allows none."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kpi_pipeline_tests.browser.showroom import Showroom
from kpi_pipeline_tests.browser.visitor import Visitor
from kpi_pipeline_tests.dev import Dev
from kpi_pipeline_tests.notify.slack_peer import SlackPeer

NAMES = ("chromium", "chromium-browser", "google-chrome")
SLOW = 15_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        message = "browser group skipped: no Chromium here; on Debian: apt-get install chromium"
        if os.environ.get("KPI_ALLOW_NO_SKIP"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="module")
def dev(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    assert chromium
    with SlackPeer() as peer, Dev(tmp_path_factory.mktemp("browser"), peer) as running:
        yield running


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser.new_page(viewport={"width": 1440, "height": 1300})
        browser.close()


@pytest.fixture(scope="module")
def showroom() -> Iterator[Showroom]:
    room = Showroom()
    room.open()
    yield room
    room.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        expect.set_options(timeout=SLOW)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser, showroom: Showroom) -> Iterator[Visitor]:
    """Somebody who has seen nothing wrong by the end, and no other host."""
    visitor = Visitor(browser, showroom.url)
    yield visitor
    visitor.leave()

    assert visitor.foreign == []
    assert visitor.complaints == []
