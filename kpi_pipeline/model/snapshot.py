"""A snapshot: every KPI over every window, as of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One KPI over one window and one group.

    Attributes:
        value: Exact; None where there is nothing to say (an average of no rows).
        rows: Rows that the value rests on.
        start, end: The window, half open; no start means from ever.
        baseline: The value over the window that it is compared with, if there is one.
        building: The window's history is still being filled for the first time.
        refolding: Some of what it is read from waits to be folded again.
    """

    metric: str
    window: str
    dims: Dims
    value: Decimal | None
    rows: int
    unit: str | None
    start: datetime | None
    end: datetime
    baseline: Decimal | None
    building: bool
    refolding: bool = False

    @property
    def delta_percent(self) -> Decimal | None:
        """Change against the baseline in percent; None without a finite, non-zero one."""
        if self.value is None or self.baseline is None:
            return None
        if not self.value.is_finite() or not self.baseline.is_finite() or not self.baseline:
            return None
        return (self.value - self.baseline) / abs(self.baseline) * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What readers see; written in the same transaction as the buckets it is read from.

    Attributes:
        revision: Version of the pipeline's state; grows with every commit.
        watermark: Event time of the newest row folded ("data through").
        as_of: The source's clock at the last successful look ("checked at").
        position: Where the source was read to; the data layer's own words.
        computed_at: The state database's clock ("computed at").
        backlog_minutes: Minute buckets still to be folded.
        refill_minutes: Those of them that wait for new or changed metrics alone; never stored.
        future_rows: Rows folded whose event time has not come yet.
        filled: Percent of its history that is filled, by metric that is still being built.
        absent: What a group without any rows would read, of each grouped metric over each
            window; with no `dims`, and never stored.
    """

    pipeline: str
    revision: int
    watermark: datetime | None
    as_of: datetime
    computed_at: datetime
    guarantee: str
    position: str
    backlog_minutes: int
    future_rows: int
    readings: tuple[Reading, ...]
    filled: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[Reading, ...] = field(default=(), compare=False)
    refill_minutes: int = field(default=0, compare=False)

    def find(self, metric: str, window: str) -> tuple[Reading, ...]:
        """All groups of one metric over one window."""
        return tuple(r for r in self.readings if r.metric == metric and r.window == window)


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot with the verdicts that were reached on it."""

    snapshot: Snapshot
    verdicts: tuple[Verdict, ...]
