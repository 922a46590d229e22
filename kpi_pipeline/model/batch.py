"""What the data layer hands to the state: changed intervals and their aggregates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kpi_pipeline.model.moment import Interval

Dims = tuple[str | None, ...]
"""Values of a metric's `group_by` columns, in their declared order; () if it has none."""


class Grain(StrEnum):
    """How long a bucket is. All but minutes follow the calendar of the business time zone."""

    MINUTE = "m"
    HOUR = "h"
    DAY = "d"
    MONTH = "mo"
    YEAR = "y"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One metric's rows of one bucket and one group, as aggregated by the source.

    Attributes:
        rows: Rows that passed the metric's filter.
        n: Rows whose expression is not null; equals `rows` where a metric counts rows.
        total, low, high: Exact sum, least and greatest value; None without a value.
        members: Distinct values, whole numbers or text, for distinct counts only.
        bins: How many values lie in each bin of a percentile; only for one, and where it has any.
    """

    bucket: datetime
    metric: str
    dims: Dims
    rows: int
    n: int
    total: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    members: tuple[str | int, ...] | None = None
    bins: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Buckets to read together: whole minutes, and whole local days for older history.

    Attributes:
        metrics: Whose values are read and replaced; None for all, others are left as they are.
    """

    minutes: tuple[Interval, ...] = ()
    days: tuple[Interval, ...] = ()
    metrics: frozenset[str] | None = None

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Everything that the slice replaces."""
        return (*self.days, *self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The aggregates of a slice, all read in one snapshot of the source.

    Attributes:
        rows: Source rows that the slice holds.
        newest: Event time of its newest row that is not in the future; None if it has none.
    """

    minutes: Sequence[Aggregate]
    days: Sequence[Aggregate]
    rows: int
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What may have changed in the source since a position.

    Attributes:
        position: Where this look ends; give it back to the next one.
        as_of: The source's clock at the look.
        changed: Minute buckets, as intervals, that hold rows not seen before.
        everything: Why the whole history must be folded again; None if it need not.
        guarantee: `exact`, or `bounded(15m)`: what this look promises to have found.
        restarted: Whether buckets changed, or may have, because the source was started anew.
    """

    position: str
    as_of: datetime
    changed: tuple[Interval, ...]
    everything: str | None
    guarantee: str
    restarted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What is worth telling about the source, beside its rows.

    Attributes:
        warnings: Sentences for a person, each with the statement that helps.
        undated: Rows whose event time is null or beyond the year 9999: no bucket can hold them.
    """

    warnings: tuple[str, ...]
    undated: int
