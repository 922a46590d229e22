"""Keeps the log short: what is wrong now is wrong again at the next attempt."""

import time

SECONDS = 60.0


class Seldom:
    """Says once a minute that it is time; to be asked when there is something to say."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._last: float | None = None

    def is_due(self) -> bool:
        """Whether nothing was said for so long; then it counts as said."""
        now = time.monotonic()
        due = self._last is None or now - self._last >= self._seconds
        self._last = now if due else self._last
        return due
