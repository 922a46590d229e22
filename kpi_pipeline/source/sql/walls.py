"""Which wall times a window of moments is, so that a statement counts what the data layer counts.

A shown minute means one minute of UTC, by `clock.py`. Read the other way, a window is mostly one
stretch of wall time; where its ends lie in an hour that clocks skip it is two, and an hour that
they show twice is in its first pass alone.
"""

from datetime import datetime

from kpi_pipeline.model.moment import MINUTE, utc
from kpi_pipeline.source.sql.clock import Wall, WallClock, joined


def walls(clock: WallClock, start: datetime, end: datetime) -> list[Wall]:
    """The wall times that mean a moment from the start up to but not including the end."""
    (start_low, start_high), (end_low, end_high) = clock.offsets(start), clock.offsets(end)
    first, last = utc(start).replace(tzinfo=None), utc(end).replace(tzinfo=None)
    core = (first + start_high, last + end_low)
    doubtful = [
        *_minutes(first + start_low, first + start_high),
        *_minutes(last + end_low, last + end_high),
    ]
    meant = [(at, at + MINUTE) for at in doubtful if start <= clock.moment(at) < end]
    return joined([*([core] if core[0] < core[1] else []), *meant])


def moved(clock: WallClock, start: datetime, end: datetime) -> bool:
    """Whether the clock is moved within a day of either end."""
    return bool(clock.slack(start) or clock.slack(end))


def _minutes(first: datetime, last: datetime) -> list[datetime]:
    return [first + k * MINUTE for k in range((last - first) // MINUTE)]
