"""A real Chromium, or a named skip; CI allows none."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def chromium() -> str:
    """Where it is; the test is skipped where it is nowhere."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        message = f"browser group skipped: no Chromium here; on Debian: apt-get install {NAMES[0]}"
        if os.environ.get("KPI_ALLOW_NO_SKIP"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser until the block ends; a second one at the same time is refused by playwright."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
