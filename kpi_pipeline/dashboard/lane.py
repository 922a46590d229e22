"""What slows down who tries tokens."""

import asyncio
from contextlib import suppress
from http import HTTPStatus

from kpi_pipeline.dashboard.problems import Refused

PENALTY_SECONDS = 0.5
LONGEST = 20


class Lane:
    """Wrong tokens wait here one after the other; who has the right one never does."""

    def __init__(self, seconds: float = PENALTY_SECONDS, longest: int = LONGEST) -> None:
        self.seconds = seconds
        self.longest = longest
        self._turn = asyncio.Lock()
        self._closed = asyncio.Event()
        self._waiting = 0

    async def wait(self) -> None:
        """Stand in line.

        Raises:
            Refused: It is too long.
        """
        if self._waiting >= self.longest:
            retry = {"Retry-After": str(round(self.longest * self.seconds) or 1)}
            said = "too many wrong tokens; try again later"
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, said, retry)
        self._waiting += 1
        try:
            async with self._turn:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closed.wait(), self.seconds)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let everybody go at once: the dashboard ends."""
        self._closed.set()
