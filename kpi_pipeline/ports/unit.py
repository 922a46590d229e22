"""What the use cases ask of one transaction on the state database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kpi_pipeline.compute.difference import Difference
from kpi_pipeline.compute.frames import Asked, Totals
from kpi_pipeline.compute.judgement import Episodes, Judgement
from kpi_pipeline.compute.past import Series
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.sliding import Bucket
from kpi_pipeline.model.batch import Batch, Dims, Slice
from kpi_pipeline.model.correction import Correction
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.state import Edges, PipelineState
from kpi_pipeline.model.surroundings import Surroundings


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

    def totals(
        self, asked: Sequence[Asked], kept: Retention, groups: Collection[Dims] | None = None
    ) -> Sequence[Totals]:
        """Merged partials of intervals, by metric and group; in the order asked.

        Args:
            asked: Intervals, each with the metrics that are wanted of it.
            kept: Which buckets are there.
            groups: Of these alone; None for all.
        """
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
