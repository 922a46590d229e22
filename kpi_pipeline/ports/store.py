"""What the use cases ask of the state database of one pipeline."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.correction import Correction, Lateness
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.state import Dirty, PipelineState
from kpi_pipeline.ports.desk import Desk
from kpi_pipeline.ports.unit import UnitOfWork
from kpi_pipeline.ports.watch import Records, Watch


class Store(Protocol):
    """The state database of one pipeline.

    Every method raises `StateError` where the database cannot be used.

    Attributes:
        links: Label and address, for the messages of alerts: dashboard, run. Set by whoever
            knows them.
    """

    links: tuple[tuple[str, str], ...]

    def exclusive(self) -> AbstractContextManager[bool]:
        """Try to be the only one that folds; False if another process is at it."""
        ...

    def busy(self) -> bool:
        """Whether some process folds right now."""
        ...

    def load(self) -> PipelineState:
        """The pipeline's state; a blank one before the first commit."""
        ...

    def begin(self, state: PipelineState) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction on top of a state.

        Raises:
            StateConflictError: Somebody else committed meanwhile.
        """
        ...

    def begin_history(self, state: PipelineState) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction that replaces buckets beside the folds, and saves no state."""
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction that is rolled back: for looking only."""
        ...

    def watch(self) -> AbstractContextManager[Watch]:
        """The same, with what a dashboard shows besides."""
        ...

    def rewind(self, interval: Interval | None, since: datetime | None, why: str) -> None:
        """Record a rewind and queue its range, if there is one, to be folded again."""
        ...

    def enqueue(self, ranges: Sequence[Dirty]) -> None:
        """Queue ranges to be folded again."""
        ...

    def purge(self, most: int) -> int:
        """Drop up to so many rows of metrics that were removed or changed long ago."""
        ...

    def save_audit(self, audit: Audit) -> None:
        """Write an audit down."""
        ...

    def audit(self, *, all_history: bool = False) -> Audit | None:
        """The newest audit; or the newest of all history, complete or not."""
        ...

    def corrections(self, since: datetime, most: int) -> tuple[int, tuple[Correction, ...]]:
        """How many corrections there are since a moment, and the newest of them."""
        ...

    def lateness(self, since: datetime, metric: str) -> Lateness:
        """How late rows dated since a moment came, by a metric that counts every row."""
        ...

    def latest(self) -> Published | None:
        """What the last commit published; None before the first."""
        ...

    def desk(self) -> Desk:
        """The alerts, for people."""
        ...

    def records(self) -> Records:
        """What was written down, for people."""
        ...

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        ...
