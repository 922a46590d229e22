"""Window arithmetic: from a declared window and a moment to an interval of event time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import local_day, start_of
from kpi_pipeline.model.moment import MINUTE, floor_minute, utc
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.window import ToDate, Window

LEAST_MINUTE_DAYS = 35
"""Minute buckets are kept at least this many days; older history is whole days."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A half-open interval of event time; no start means from ever."""

    start: datetime | None
    end: datetime


def bounds(window: Window, as_of: datetime, zone: ZoneInfo) -> Bounds:
    """The interval that the window covers as of a moment.

    It ends with the minute that holds the moment. `today` starts at local midnight; trailing
    windows are whole minutes long.
    """
    end = floor_minute(as_of) + MINUTE
    if window.trailing is not None:
        return Bounds(end - window.trailing, end)
    if window.grain_to_date is ToDate.HOUR:
        hour = floor_minute(as_of).astimezone(zone).replace(minute=0)
        return Bounds(utc(hour), end)
    if window.grain_to_date is not None:
        first = _period_start(local_day(as_of, zone), window.grain_to_date)
        return Bounds(start_of(first, zone), end)
    return Bounds(None, end)


def baseline_bounds(window: Window, as_of: datetime, zone: ZoneInfo) -> Bounds | None:
    """The same window at the same local clock time, its offset before; None without one."""
    if window.offset_days is None:
        return None
    local = as_of.astimezone(zone)
    before = (local.replace(tzinfo=None) - timedelta(days=window.offset_days)).replace(tzinfo=zone)
    return bounds(window, before, zone)


def minute_days(spec: PipelineSpec) -> int:
    """How many days of minute buckets the declared windows need."""
    needs = [LEAST_MINUTE_DAYS]
    for window in spec.windows.values():
        length = -(-(window.trailing or timedelta(0)) // timedelta(days=1))
        needs.append(length + (window.offset_days or 0) + 2)
    return max(needs)


def _period_start(day: date, period: ToDate) -> date:
    if period is ToDate.WEEK:
        return day - timedelta(days=day.weekday())
    if period is ToDate.MONTH:
        return day.replace(day=1)
    if period is ToDate.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    if period is ToDate.YEAR:
        return day.replace(month=1, day=1)
    return day
