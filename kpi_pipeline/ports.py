"""What the use cases ask of the world: a source, a store and notifiers."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from kpi_pipeline.compute.difference import Difference
from kpi_pipeline.compute.judgement import Episodes, Judgement
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.snapshot import Totals
from kpi_pipeline.compute.spelling import Apart, Statement
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.batch import Batch, Detection, Dims, Slice, SourceReport
from kpi_pipeline.model.correction import Correction, Lateness
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import Delivery, Queued
from kpi_pipeline.model.snapshot import Published, Snapshot
from kpi_pipeline.model.state import Dirty, PipelineState


class Source(Protocol):
    """The data layer: finds what changed and aggregates it; keeps nothing.

    Every method raises `SourceError` where the source cannot answer.
    """

    def detect(self, position: str | None, *, sweep: bool = False) -> Detection:
        """Find the minute buckets that may hold rows not seen at `position`.

        Args:
            position: Where an earlier look ended; None for the first.
            sweep: Look at all of history, not only where rows are expected; finds updates of
                old rows. Sources that cannot tell old rows apart look as far as ever.
        """
        ...

    def aggregate(self, piece: Slice, as_of: datetime) -> Batch:
        """Aggregate the buckets of a slice, all in one snapshot of the source."""
        ...

    def extent(self) -> Interval | None:
        """From the oldest to just past the newest row, in whole minutes; None if empty."""
        ...

    def inspect(self) -> SourceReport:
        """Look at the table itself: what is missing, what no bucket can hold."""
        ...

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        ...


class Answers(Protocol):
    """Writes and runs the statement that explains a number."""

    def write(
        self, metric: Metric, span: Bounds, group: Dims | None, apart: Apart = None
    ) -> Statement:
        """The statement for a metric over a window; a source that is away is no error.

        Args:
            metric: Of the pipeline.
            span: The window's bounds.
            group: Values of the metric's `group_by` columns; None for every group.
            apart: Where groups are summed together, those that are not.
        """
        ...

    def ask(self, sql: str) -> Sequence[Sequence[object]]:
        """The rows of one SELECT; nothing can be written.

        Raises:
            SourceError: The source cannot answer.
        """
        ...


class Checkup(Protocol):
    """Looks a database over: what is missing, what is dangerous."""

    def examine(self) -> tuple[Finding, ...]:
        """Every check's findings; a database that is away is one of them, not an error."""
        ...

    def now(self) -> datetime:
        """The database's clock.

        Raises:
            SourceError, StateError: The database is away, or has no clock of its own.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class UnitOfWork(Protocol):
    """One transaction on the state database; everything in it commits together or not."""

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

    def totals(self, span: Bounds, kept: Retention) -> Totals:
        """Merged partials of an interval, by metric and group."""
        ...

    def rows_from(self, moment: datetime) -> int:
        """How many rows lie in minute buckets from a moment on."""
        ...

    def newest_until(self, moment: datetime) -> datetime | None:
        """Start of the newest minute bucket that holds rows and is over by the moment."""
        ...

    def history_from(self) -> datetime | None:
        """Start of the oldest bucket that holds rows."""
        ...

    def episodes(self) -> Episodes:
        """Alert state by rule and group."""
        ...

    def record(self, snapshot: Snapshot, judgement: Judgement) -> None:
        """Write the snapshot, the episodes and their log, and the outbox rows."""
        ...


class Store(Protocol):
    """The state database of one pipeline.

    Every method raises `StateError` where the database cannot be used.
    """

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

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        ...


class Outbox(Protocol):
    """Messages that were decided and committed, on their way out.

    Every method raises `StateError` where the database cannot be used.
    """

    def due(self, lease: timedelta) -> int:
        """How many messages could be tried now."""
        ...

    def claim(self, lease: timedelta) -> Queued | None:
        """Take the next due message; a claim older than the lease is up for another."""
        ...

    def settle(self, queued: Queued, delivery: Delivery) -> None:
        """Write down how the attempt ended."""
        ...


class Notifier(Protocol):
    """Delivers one notice over one channel."""

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list, such as `slack`."""
        ...

    @property
    def description(self) -> str:
        """Where messages go, for people, without secrets: `Slack #ops`, `the log`."""
        ...

    def deliver(self, notice: Notice) -> str:
        """Send the notice and return the channel's reference to it ('' if it gives none).

        Raises:
            DeliveryError: The channel did not take it; says whether to try again, and when.
        """
        ...

    def find(self, notice: Notice) -> str | None:
        """Look for a notice that may have been sent before a crash.

        Returns:
            Its reference if the channel holds it, None if it does not or can never tell.

        Raises:
            DeliveryError: The channel cannot be asked now; sending again might double it.
        """
        ...
