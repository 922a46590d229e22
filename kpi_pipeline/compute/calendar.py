"""Local days in the business time zone, as intervals of UTC.

Day bounds are computed here alone, and sent to the databases as timestamps: so source, state
and snapshot agree on them even where their time zone tables differ.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kpi_pipeline.model.moment import Interval, union

FIRST_DAY = 2
"""January 2 of the year 1: the day before begins, in eastern zones, before time itself."""


def day_start(moment: datetime, zone: ZoneInfo, *, shift: int = 0) -> datetime:
    """The start of the local day that holds the moment, `shift` days later, in UTC."""
    ordinal = local_day(moment, zone).toordinal() + shift
    return start_of(date.fromordinal(max(ordinal, FIRST_DAY)), zone)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day whose start is the last one before the moment.

    Mostly what a wall calendar shows. Where clocks go back over midnight a calendar shows the
    old day again for a while; here a day, once begun, is not left again, so that days tile time.
    """
    shown = moment.astimezone(zone).date()
    if start_of(shown + timedelta(days=1), zone) <= moment:
        return shown + timedelta(days=1)
    return shown if start_of(shown, zone) <= moment else shown - timedelta(days=1)


@lru_cache(maxsize=4096)  # every bound of every bucket begins with it
def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day, in UTC, on a whole minute.

    A zone whose offset is not whole minutes (local mean time, before standard time) starts its
    day within a minute bucket; the bucket as a whole then belongs to the earlier day.
    """
    exact = datetime.combine(day, time(), zone).astimezone(UTC)
    whole = exact.replace(second=0, microsecond=0)
    return whole if whole == exact else whole + timedelta(minutes=1)


def whole_days(interval: Interval, zone: ZoneInfo) -> Interval:
    """The interval widened to whole local days."""
    last = interval.end - timedelta(microseconds=1)
    return Interval(day_start(interval.start, zone), day_start(last, zone, shift=1))


def days_in(intervals: tuple[Interval, ...], zone: ZoneInfo) -> list[Interval]:
    """Every local day that the intervals touch, oldest first."""
    days: list[Interval] = []
    for span in union(whole_days(item, zone) for item in intervals):
        start = span.start
        while start < span.end:
            end = day_start(start, zone, shift=1)
            days.append(Interval(start, end))
            start = end
    return days
