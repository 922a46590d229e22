"""Corrections: numbers that people had already seen, and that changed afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kpi_pipeline.model.batch import Dims, Grain


class Why(StrEnum):
    """What made an already shown bucket change."""

    LATE = "late rows"
    UPDATE = "update"
    DELETE = "delete"
    REWIND = "rewind"
    SOURCE = "source replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One metric and group of one bucket that a snapshot had already shown whole.

    Attributes:
        rows_before, rows_after: Rows that passed the metric's filter.
        before, after: The metric's value over the bucket alone.
        lateness: From the bucket's end to the look that found the change.
        at: As-of of that look.
    """

    grain: Grain
    bucket: datetime
    metric: str
    dims: Dims
    why: Why
    rows_before: int
    rows_after: int
    before: Decimal | None
    after: Decimal | None
    lateness: timedelta
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The corrections of one metric that one look made for one reason, together.

    Attributes:
        at: As-of of the look.
        buckets: How many changed.
        gap: Of the one that changed most, what it gained; None where it had, or has, no value.
    """

    at: datetime
    why: Why
    metric: str
    buckets: int
    gap: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How late rows came, measured over the ledger.

    Attributes:
        since: Where the event times begin that this is about.
        rows: Rows dated since then.
        late: Of these, rows that came after their minute had been shown.
        half, most, nearly_all, latest: Lateness of the 50th, 90th and 99th percentile of late
            rows, and the greatest; None without a late row.
    """

    since: datetime
    rows: int
    late: int
    half: timedelta | None
    most: timedelta | None
    nearly_all: timedelta | None
    latest: timedelta | None
