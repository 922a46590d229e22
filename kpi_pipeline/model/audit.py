"""An audit: the state held against the source, bucket by bucket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from kpi_pipeline.model.batch import Dims, Grain
from kpi_pipeline.model.moment import Interval

MOST_DRIFTS = 200
"""Drifts that an audit keeps one by one; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlan:
    """When the state is held against the source by itself.

    Attributes:
        every: How often the recent hours are compared.
        recent: How many hours these are.
        at: Business time of day of the audit of all history.
        share: At most this share of history is read a day; the next day goes on from there.
        repeat, owner, runbook, notify: Of the rule that fires while the newest audit finds
            values that differ; see `Threshold`.
    """

    every: timedelta = timedelta(minutes=10)
    recent: timedelta = timedelta(hours=48)
    at: time = time(3, 30)
    share: float = 1.0
    repeat: timedelta | None = None
    owner: str | None = None
    runbook: str | None = None
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One metric and group of one bucket that the source gives otherwise.

    Attributes:
        state, source: The metric's value over the bucket alone.
        end: Where the bucket ends.
    """

    grain: Grain
    bucket: datetime
    end: datetime
    metric: str
    dims: Dims
    state: Decimal | None
    source: Decimal | None
    state_rows: int
    source_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found.

    Attributes:
        at: The source's clock.
        interval: What was compared, newest first from its end; None if there was nothing.
        complete: Whether all that was asked for was compared, newest to oldest; False when time
            ran out, and for an audit that went on from where an earlier one stopped.
        all_history: Whether everything was asked for; False of an audit that then failed.
        buckets: Metric and group values compared.
        rows: Source rows read.
        pending: Minutes that changed meanwhile, and will be folded anyway.
        drifted: Values that differ; the first of them are in `drifts`.
        difference: State less source by metric, for the metrics that add up, where they differ.
        queued: Minutes queued to be folded again.
    """

    at: datetime
    interval: Interval | None
    complete: bool
    all_history: bool
    buckets: int
    rows: int
    pending: int
    drifted: int
    drifts: tuple[Drift, ...]
    difference: Mapping[str, Decimal]
    queued: int = 0

    @property
    def reconciles(self) -> bool:
        """Whether the state equals the source wherever it was compared."""
        return not self.drifted
