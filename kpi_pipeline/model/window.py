"""Windows: which event times a KPI looks at, as of a moment."""

from dataclasses import dataclass
from enum import StrEnum

from kpi_pipeline.model.span import Span


class ToDate(StrEnum):
    """Calendar periods that a window can run from the start of, in business time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far back a window begins, wherever it ends.

    Attributes:
        grain_to_date: At the start of this period; None otherwise.
        trailing: This much before its end; None otherwise.
            Neither means from ever.
    """

    grain_to_date: ToDate | None = None
    trailing: Span | None = None

    @property
    def text(self) -> str:
        """As a person says it."""
        if self.trailing is not None:
            return f"the last {self.trailing.text}"
        return "all of history" if self.grain_to_date is None else f"{self.grain_to_date} to date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A named window that ends with the minute that holds as-of.

    Attributes:
        grain_to_date, trailing: See `Reach`.
        offset: Compare with the same local clock time this much before.
    """

    name: str
    grain_to_date: ToDate | None = None
    trailing: Span | None = None
    offset: Span | None = None

    @property
    def reach(self) -> Reach:
        """How far back it begins."""
        return Reach(grain_to_date=self.grain_to_date, trailing=self.trailing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A window moved back on the calendar: what one figure is read over.

    Attributes:
        shifts: How far back, one step after the other.
    """

    reach: Reach = Reach()
    shifts: tuple[Span, ...] = ()

    def moved(self, offset: Span | None) -> "Frame":
        """The same frame an offset earlier."""
        return self if offset is None else Frame(reach=self.reach, shifts=(*self.shifts, offset))

    @property
    def most_days(self) -> int:
        """Days before as-of that it never begins before, where its start is no midnight."""
        trailing = self.reach.trailing
        length = 0 if trailing is None else trailing.most_days
        return length + sum(shift.most_days for shift in self.shifts)
