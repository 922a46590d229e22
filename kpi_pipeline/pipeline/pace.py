"""Pace: how many days of history a step asks of the source at once."""

from kpi_pipeline.model.errors import SourceTimeoutError

MOST_DAYS = 36_600
BRISK = 1.0
"""Seconds: a step faster than this takes twice the days next time, a slow one half."""


class Pace:
    """Starts with one day, speeds up while steps are brisk, yields to a source that is slow."""

    def __init__(self) -> None:
        self.days = 1
        self._most = MOST_DAYS

    def went(self, seconds: float) -> None:
        """A step took so long."""
        if seconds < BRISK:
            self.days = min(self.days * 2, self._most)
        elif seconds > 4 * BRISK:
            self.days = max(self.days // 2, 1)

    def timed_out(self, error: SourceTimeoutError) -> None:
        """A step took too long for the source.

        Raises:
            SourceTimeoutError: It was a single day, which cannot be made smaller.
        """
        if self.days == 1:
            raise error
        self.days = self._most = max(self.days // 4, 1)
