"""What the use cases ask of a source."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kpi_pipeline.compute.spelling import Apart, Statement
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Batch, Detection, Dims, Slice, SourceReport
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.moment import Interval

Listed = tuple[Sequence[str], Iterator[Sequence[object]]]
"""Names of columns, and rows."""


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
        self, metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart = None
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

    def rows(
        self, metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart, most: int
    ) -> AbstractContextManager[Listed]:
        """The rows behind a number, see `write`; at most so many, newest first.

        They come as they are read, within the time that a statement may take: whoever hands them
        to somebody slow reads them all first.

        Raises:
            SourceError: The source cannot answer; also while they are read.
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
