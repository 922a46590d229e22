"""A bell without a database."""

import threading
from collections.abc import Iterator

from kpi_pipeline.model.errors import StateError


class GalleryBell:
    """Rings when it is told to."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rung: list[frozenset[str]] = []
        self.away = False

    def ring(self, *names: str) -> None:
        """Something was committed of these pipelines."""
        with self._changed:
            self._rung.append(frozenset(names))
            self._changed.notify_all()

    def rings(self, patience: float) -> Iterator[frozenset[str]]:
        """See the port; it has one listener."""
        if self.away:
            raise StateError("the state database: connection refused")
        yield frozenset()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rung or self.away, patience)
                rung, self._rung = self._rung, []
            if self.away:
                raise StateError("the state database: the server closed the connection")
            yield frozenset().union(*rung)
