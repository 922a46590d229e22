"""Windows of two people, who has the token and who has not; what they loaded once they keep."""

from playwright.sync_api import Browser, BrowserContext, Page

from kpi_pipeline_tests.browser.showroom import TOKEN


class Windows:
    """Opens windows that share a cache for each of the two: a cold one costs a second a window."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[bool, BrowserContext] = {}

    def open(self, size: tuple[int, int], theme: str, *, trusted: bool) -> Page:
        """An empty window of somebody who has neither signed in nor chosen a theme."""
        page = self._context(trusted=trusted).new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        return page

    def close(self, page: Page) -> None:
        """Close it and forget what it was told to keep."""
        page.evaluate("try { localStorage.clear() } catch {}")
        page.context.clear_cookies()
        page.close()

    def _context(self, *, trusted: bool) -> BrowserContext:
        if trusted not in self._contexts:
            self._contexts[trusted] = self._browser.new_context(
                locale="en-US",
                timezone_id="Asia/Tokyo",
                reduced_motion="reduce",
                extra_http_headers={"Authorization": f"Bearer {TOKEN}"} if trusted else {},
            )
        return self._contexts[trusted]
