"""One browser for the tests of this folder, and a showroom for each file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from kpi_pipeline_tests.browser.chromium import browsing
from kpi_pipeline_tests.browser.showroom import Showroom
from kpi_pipeline_tests.browser.visitor import Visitor
from kpi_pipeline_tests.browser.windows import Windows

SLOW = 15_000


@pytest.fixture(scope="module")
def showroom() -> Iterator[Showroom]:
    room = Showroom()
    room.open()
    yield room
    room.close()


@pytest.fixture(scope="package")
def windows() -> Iterator[Windows]:
    """Of the package and not of the session: its event loop would be in the way of other tests."""
    with browsing() as browser:
        expect.set_options(timeout=SLOW)
        yield Windows(browser)


@pytest.fixture
def visitor(windows: Windows, showroom: Showroom) -> Iterator[Visitor]:
    """Somebody who has seen nothing wrong by the end, and no other host."""
    visitor = Visitor(windows, showroom.url)
    yield visitor
    visitor.leave()

    assert visitor.foreign == []
    assert visitor.complaints == []
