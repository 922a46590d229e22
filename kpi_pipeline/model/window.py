"""Windows: which event times a KPI looks at, as of a moment."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ToDate(StrEnum):
    """Calendar periods that a window can run from the start of, in business time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A named window that ends with the minute that holds as-of.

    Attributes:
        grain_to_date: Run from the start of this period; None otherwise.
        trailing: Run over this many whole minutes; None otherwise.
            Neither means lifetime.
        offset_days: Compare with the same local clock time this many days before.
    """

    name: str
    grain_to_date: ToDate | None = None
    trailing: timedelta | None = None
    offset_days: int | None = None
