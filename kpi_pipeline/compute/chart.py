"""The buckets of a chart, and over which frame a metric is read for each."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.compute.grains import end_of, floor
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.errors import RangeError
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import Frame, Reach, ToDate

FIVE = "five_minutes"
FIVE_MINUTES = timedelta(minutes=5)
GRAINS = {
    "minute": Grain.MINUTE,
    FIVE: Grain.MINUTE,
    "hour": Grain.HOUR,
    "day": Grain.DAY,
    "month": Grain.MONTH,
}
"""By name, the finest buckets of the state that one of them may be made of."""
FINE = frozenset({Grain.MINUTE, Grain.HOUR})
"""Kept for some days only."""
TO_DATE = {Grain.DAY: ToDate.DAY, Grain.MONTH: ToDate.MONTH}
MOST_POINTS = 1500


def buckets_of(grain: str, since: datetime, until: datetime, zone: ZoneInfo) -> list[Interval]:
    """From the bucket that holds `since` to the one before `until`, oldest first.

    Raises:
        RangeError: They are too many for one chart.
    """
    found: list[Interval] = []
    for bucket in _buckets(grain, since, until, zone):
        if len(found) == MOST_POINTS:
            raise RangeError(
                f"more than {MOST_POINTS:,} points of grain {grain}; ask for a coarser grain, or "
                "for less time"
            )
        found.append(bucket)
    return found


def frame_of(grain: str, bucket: Interval, as_of: datetime) -> tuple[datetime, Frame]:
    """As of when, and over what, a metric is read for a bucket; of one that is not over, so far.

    Days and months by the calendar, so that what a formula takes from before is a day or month
    too, however long it was.
    """
    end = min(bucket.end, floor_minute(as_of) + MINUTE)
    to_date = TO_DATE.get(GRAINS[grain])
    length = None if to_date else Span(minutes=(end - bucket.start) // MINUTE)
    return end - MINUTE, Frame(reach=Reach(grain_to_date=to_date, trailing=length))


def _buckets(grain: str, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Interval]:
    start = _floor(grain, since, zone)
    while start < until:
        end = _end(grain, start, zone)
        yield Interval(start, end)
        start = end


def _floor(grain: str, moment: datetime, zone: ZoneInfo) -> datetime:
    if grain != FIVE:
        return floor(moment, GRAINS[grain], zone)
    midnight = day_start(moment, zone)
    return midnight + (moment - midnight) // FIVE_MINUTES * FIVE_MINUTES


def _end(grain: str, start: datetime, zone: ZoneInfo) -> datetime:
    if grain != FIVE:
        return end_of(start, GRAINS[grain], zone)
    return min(start + FIVE_MINUTES, day_start(start, zone, shift=1))
