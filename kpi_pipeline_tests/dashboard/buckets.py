"""The buckets of a chart, by the gallery's clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import local_day, start_of
from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.model.errors import RangeError
from kpi_pipeline.model.moment import MINUTE, floor_minute

MOST_POINTS = 1500
GRAINS = {
    "minute": timedelta(minutes=1),
    "five_minutes": timedelta(minutes=5),
    "hour": timedelta(hours=1),
}


def starts(zone: ZoneInfo, grain: str, since: datetime, until: datetime) -> Iterator[datetime]:
    """Where the buckets begin, and where the last one ends.

    Raises:
        UnknownNameError: There is no such grain.
        RangeError: Too many buckets.
    """
    if grain not in {*GRAINS, "day", "month"}:
        raise UnknownNameError(f"unknown grain {grain!r}")
    at, count = _floor(zone, grain, since), 0
    while at < until:
        yield at
        count += 1
        if count > MOST_POINTS:
            raise RangeError(f"more than {MOST_POINTS:,} points; ask for a coarser grain")
        at = at + GRAINS[grain] if grain in GRAINS else _next(zone, grain, at)
    yield at


def _floor(zone: ZoneInfo, grain: str, moment: datetime) -> datetime:
    if grain in GRAINS:
        minutes = int(GRAINS[grain] / MINUTE)
        floor = floor_minute(moment)
        return floor - timedelta(minutes=floor.minute % minutes)
    day = local_day(moment, zone)
    return start_of(day.replace(day=1) if grain == "month" else day, zone)


def _next(zone: ZoneInfo, grain: str, at: datetime) -> datetime:
    day = local_day(at, zone)
    later = day + timedelta(days=32 if grain == "month" else 1)
    return start_of(later.replace(day=1) if grain == "month" else later, zone)
