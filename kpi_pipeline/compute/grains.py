"""Grains: buckets of one length tile those of the next, so that a long window is a few buckets.

A year is twelve months, a month its days, a day its hours, an hour its minutes. Hours are counted
from the start of the local day, so that they tile days in every zone; the last one of a day may be
shorter.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import day_start, local_day, start_of
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute, union

LADDER = (
    (Grain.HOUR, Grain.MINUTE),
    (Grain.DAY, Grain.HOUR),
    (Grain.MONTH, Grain.DAY),
    (Grain.YEAR, Grain.MONTH),
)
"""Each grain, and the one that its buckets are made of; from the finest up."""
HOUR = timedelta(hours=1)
FOREVER = datetime.max.replace(tzinfo=UTC)


def floor(moment: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """The start of the bucket that holds the moment, in UTC."""
    if grain is Grain.MINUTE:
        return floor_minute(moment)
    midnight = day_start(moment, zone)
    if grain is Grain.DAY:
        return midnight
    if grain is Grain.HOUR:
        return midnight + (moment - midnight) // HOUR * HOUR
    day = local_day(moment, zone).replace(day=1)
    # The year 1 begins, in eastern zones, before time itself.
    first = day if grain is Grain.MONTH else day.replace(month=1)
    return midnight if first.toordinal() == 1 else start_of(first, zone)


def end_of(start: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """Where the bucket that starts here ends; the last of the calendar never does."""
    if grain is Grain.MINUTE:
        return start + MINUTE
    if grain is Grain.HOUR:
        return min(start + HOUR, day_start(start, zone, shift=1))
    if grain is Grain.DAY:
        return day_start(start, zone, shift=1)
    first = local_day(start, zone).replace(day=1)
    months = first.year * 12 + (first.month if grain is Grain.MONTH else 12)
    year, month = divmod(months, 12)
    return FOREVER if year > date.max.year else start_of(date(year, month + 1, 1), zone)


def ceiling(moment: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """The start of the first bucket that begins at the moment or later."""
    start = floor(moment, grain, zone)
    return start if start == moment else end_of(start, grain, zone)


def buckets_in(intervals: Iterable[Interval], grain: Grain, zone: ZoneInfo) -> list[Interval]:
    """Every bucket that the intervals touch, oldest first."""
    found: list[Interval] = []
    for span in union(intervals):
        start = floor(span.start, grain, zone)
        if found and start < found[-1].end:
            start = found[-1].end
        while start < span.end:
            end = end_of(start, grain, zone)
            found.append(Interval(start, end))
            start = end
    return found
