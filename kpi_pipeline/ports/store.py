"""What the use cases ask of the state database of one pipeline."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kpi_pipeline.compute.difference import Difference
from kpi_pipeline.compute.frames import Asked, Totals
from kpi_pipeline.compute.judgement import Episodes, Judgement
from kpi_pipeline.compute.past import Series
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.sliding import Bucket
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.correction import Correction, Lateness
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.snapshot import Published, Snapshot
from kpi_pipeline.model.state import Dirty, Edges, PipelineState
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.ports.desk import Desk


class UnitOfWork(Protocol):
    """One transaction on the state database; everything in it commits together or not.

    Attributes:
        warnings: Sentences for a person, about what `save` could not do beside the state.
    """

    warnings: tuple[str, ...]

    def state(self) -> PipelineState:
        """The pipeline's state as of this transaction's snapshot."""
        ...

    def replace(self, piece: Slice, batch: Batch, kept: Retention) -> list[Difference]:
        """Put the batch in the place of all that the slice's buckets held; return what changed.

        Raises:
            StateConflictError: Somebody else replaced one of these buckets meanwhile.
        """
        ...

    def compare(self, piece: Slice, batch: Batch, kept: Retention) -> tuple[int, list[Difference]]:
        """How many values a slice of whole days holds, and which the source gives otherwise."""
        ...

    def note(self, interval: Interval | None, why: str) -> None:
        """Write down why a range is folded again."""
        ...

    def correct(self, found: Sequence[Correction]) -> None:
        """Write corrections into the ledger."""
        ...

    def save(self, state: PipelineState) -> int:
        """Write the pipeline's row and dirty ranges; return the new revision."""
        ...

    def now(self) -> datetime:
        """The state database's clock."""
        ...

    def totals(self, asked: Sequence[Asked], kept: Retention) -> Sequence[Totals]:
        """Merged partials of intervals, by metric and group; in the order asked."""
        ...

    def edges(self, as_of: datetime) -> Edges:
        """Where the buckets begin and end, as of a moment."""
        ...

    def episodes(self) -> Episodes:
        """Alert state by rule and group."""
        ...

    def past(
        self, definitions: Mapping[str, str], minutes_from: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Bucket]]:
        """Every bucket of some metrics up to a moment, by metric and group, oldest first.

        Args:
            definitions: Present definition by metric, of those that are wanted.
            minutes_from: Days before it, minutes from there on.
            until: Where to stop.
        """
        ...

    def surroundings(self, now: datetime) -> Surroundings:
        """What people silenced, as of a moment, and what the newest audit found."""
        ...

    def record(self, snapshot: Snapshot, judgement: Judgement) -> None:
        """Write the snapshot, the episodes and their log, and the outbox rows."""
        ...


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

    def rewind(self, interval: Interval | None, since: datetime | None, why: str) -> None:
        """Record a rewind and queue its range, if there is one, to be folded again."""
        ...

    def enqueue(self, ranges: Sequence[Dirty]) -> None:
        """Queue ranges to be folded again."""
        ...

    def purge(self, most: int) -> int:
        """Drop up to so many rows of definitions and alerts that are out of use for long."""
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

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        ...
