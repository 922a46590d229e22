"""Somebody who looks at the page, and notes what a good page never does."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from kpi_pipeline_tests.browser.windows import Windows

LARGE, PHONE, WALL = (1440, 1000), (375, 812), (1920, 1080)
PATIENCE = 15_000


class Visitor:
    """Opens scenes in windows of its own.

    Attributes:
        foreign: Addresses of other hosts that a page asked for.
        complaints: Errors and warnings of the console, policy violations among them.
    """

    def __init__(self, windows: Windows, url: str) -> None:
        self.windows = windows
        self.url = url
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self._pages: list[Page] = []

    def visit(
        self,
        scene: str,
        *,
        size: tuple[int, int] = LARGE,
        theme: str = "light",
        query: str = "",
        trusted: bool = False,
    ) -> Page:
        """The page of one scene, once its first numbers are there."""
        page = self.window(size, theme, trusted=trusted)
        self.go(page, scene, query)
        return page

    def go(self, page: Page, scene: str, query: str = "") -> None:
        """Another scene in the same window."""
        page.goto(f"{self.url}/?pipeline={scene}{query}")
        page.locator(".tile .number:not(:empty)").first.wait_for(timeout=PATIENCE)

    def window(self, size: tuple[int, int], theme: str, *, trusted: bool = False) -> Page:
        """An empty window; trusted is who has the token."""
        page = self.windows.open(size, theme, trusted=trusted)
        self._pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        return page

    def leave(self) -> None:
        """Close every window."""
        for page in self._pages:
            self.windows.close(page)

    def _note(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.url).netloc:
            self.foreign.append(address)


def kept() -> str | None:
    """Where pictures are kept, if they are."""
    return os.environ.get("KPI_SCREENSHOTS")


def picture(page: Page, name: str) -> None:
    """Keep how it looks where `KPI_SCREENSHOTS` says, if it does."""
    folder = kept()
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(600)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
