"""Requests to stop, counted."""

import signal


class Signals:
    """Counts the requests to stop: one means soon, two mean now."""

    def __init__(self) -> None:
        self.count = 0

    def listen(self) -> None:
        """Take SIGINT, SIGTERM and SIGHUP over for the rest of this process."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, *_: object) -> None:
        self.count += 1

    def stop(self) -> bool:
        """Whether anybody asked to stop."""
        return self.count > 0

    def hurry(self) -> bool:
        """Whether anybody asked twice."""
        return self.count > 1
