"""Wall time to UTC, for columns that hold no time zone.

A wall clock shows some times twice and skips others. Here every shown minute has exactly one
minute of UTC: one that is shown twice means its first pass (`fold=0`), one that is skipped means
what the clock would have shown had it not been moved. Databases only ever group by what the clock
showed; this module alone says which minute of UTC that was, so that detection and aggregation
cannot disagree and no row is in two buckets or in none.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute

DAY = timedelta(days=1)
FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
"""Offsets are asked for between these: beyond, a zone would leave the calendar."""

Wall = tuple[datetime, datetime]
"""What the clock showed: naive, from the first up to but not including the second."""


class WallClock:
    """The clock of one time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def moment(self, shown: datetime) -> datetime:
        """The moment in UTC that a naive wall time means."""
        minute = shown.replace(second=0, microsecond=0, fold=0, tzinfo=self.zone)
        return (shown - _whole(minute.utcoffset())).replace(tzinfo=UTC)

    def read(self, text: str) -> datetime:
        """The moment in UTC that a wall time means, or the first characters of one.

        Raises:
            SourceError: No calendar has it.
        """
        return self.moment(parsed(text))

    def offsets(self, moment: datetime) -> tuple[timedelta, timedelta]:
        """The least and the greatest offset within a day of a moment; mostly the same."""
        near = (moment - DAY, moment, moment + DAY) if FIRST < moment < LAST else ()
        asked = near or (min(max(moment, FIRST), LAST),)
        found = [_whole(at.astimezone(self.zone).utcoffset()) for at in asked]
        return min(found), max(found)

    def shown(self, interval: Interval) -> Wall:
        """Wall times that hold all of an interval, and an hour more where clocks are moved."""
        low, high = self.offsets(interval.start)[0], self.offsets(interval.end)[1]
        return _naive(interval.start) + low, _naive(interval.end) + high

    def holding(self, first: str, last: str) -> Interval:
        """Whole minutes of UTC that hold everything between two wall times."""
        low, high = floor_minute(self.read(first)), floor_minute(self.read(last)) + MINUTE
        return Interval(low - self.slack(low), high + self.slack(high))

    def slack(self, moment: datetime) -> timedelta:
        """How much earlier than now a row that is written now may count: the second pass."""
        low, high = self.offsets(moment)
        return high - low


def parsed(text: str) -> datetime:
    """The naive wall time that a text means.

    Raises:
        SourceError: No calendar has it.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise SourceError(
            f"source.agg_time_dimension: it holds {text!r}, which no calendar has"
        ) from None


def joined(walls: Iterable[Wall]) -> list[Wall]:
    """The same wall times without overlap, so that no row is read twice."""
    merged: list[Wall] = []
    for low, high in sorted(walls):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _whole(offset: timedelta | None) -> timedelta:
    """Up to a whole minute: offsets before standard time have seconds, buckets have not."""
    return -((-(offset or timedelta())) // MINUTE) * MINUTE
