"""Window arithmetic: from a declared window and a moment to an interval of event time.

Days, weeks, months and years are counted on the local clock; hours and minutes are elapsed time.
A local time that never was, because clocks went forward, is read as the hour before the change
would have counted on (02:30 becomes 03:30); of one that was twice, the first is meant. Both is
what Python's zoneinfo does where `fold` is 0.
"""

import calendar
from dataclasses import dataclass
from datetime import MINYEAR, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import FIRST_DAY, local_day, start_of
from kpi_pipeline.model.moment import EARLIEST, MINUTE, floor_minute, utc
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame, Reach, ToDate, Window


@dataclass(frozen=True, slots=True)
class Bounds:
    """A half-open interval of event time; no start means from ever."""

    start: datetime | None
    end: datetime


def bounds(window: Window, as_of: datetime, zone: ZoneInfo) -> Bounds:
    """The interval that the window covers as of a moment; see `frame_bounds`."""
    return frame_bounds(Frame(reach=window.reach), as_of, zone)


def baseline_bounds(window: Window, as_of: datetime, zone: ZoneInfo) -> Bounds | None:
    """The same window at the same local clock time, its offset before; None without one."""
    if window.offset is None:
        return None
    return frame_bounds(Frame(reach=window.reach).moved(window.offset), as_of, zone)


def frame_bounds(frame: Frame, as_of: datetime, zone: ZoneInfo) -> Bounds:
    """The interval that a frame covers as of a moment.

    It ends with the minute that holds the moment, or the moment that its shifts lead back to.
    `today` starts at local midnight; trailing windows are whole minutes.
    """
    moment = earlier(as_of, frame.shifts, zone)
    end = floor_minute(moment) + MINUTE
    start = _start(frame.reach, moment, end, zone)
    return Bounds(start, end)


def earlier(moment: datetime, spans: tuple[Span, ...], zone: ZoneInfo) -> datetime:
    """The moment so much before, one step after the other; the end of a month clamps.

    Never before time itself begins.
    """
    elapsed = timedelta(minutes=sum(span.minutes for span in spans))
    if all(span.minutes for span in spans):
        return _since(moment, elapsed)
    shown = _since(moment, elapsed).astimezone(zone).replace(tzinfo=None, fold=0)
    day = shown.date()
    for span in spans:
        day = _day_before(day, span)
    return utc(datetime.combine(day, shown.time(), zone))


def _since(moment: datetime, elapsed: timedelta) -> datetime:
    return moment - min(elapsed, moment - EARLIEST)


def _day_before(day: date, span: Span) -> date:
    months = day.year * 12 + day.month - 1 - span.months
    year, month = divmod(months, 12)
    if year < MINYEAR:
        return date.fromordinal(FIRST_DAY)
    last = calendar.monthrange(year, month + 1)[1]
    first = date(year, month + 1, min(day.day, last))
    return date.fromordinal(max(first.toordinal() - span.days, FIRST_DAY))


def _start(reach: Reach, moment: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    if reach.trailing is not None:
        start = earlier(end, (reach.trailing,), zone)
        whole = floor_minute(start)
        # Local mean times have seconds; the minute then belongs to what was before, as with days.
        # And of a day that never was, the calendar still leaves the minute that holds as-of.
        return min(whole if whole == start else whole + MINUTE, end - MINUTE)
    if reach.grain_to_date is ToDate.HOUR:
        return utc(floor_minute(moment).astimezone(zone).replace(minute=0))
    if reach.grain_to_date is not None:
        return start_of(_period_start(local_day(moment, zone), reach.grain_to_date), zone)
    return None


def minute_days(spec: PipelineSpec) -> int:
    """How many days of minute buckets are kept: what was declared, or what some window needs.

    Each day more is up to 1,440 rows a series, which a catch-up writes and the state holds.
    """
    needs = [
        frame.most_days + 2 for window in spec.windows.values() for frame in _read(spec, window)
    ]
    return max([spec.keep_minutes.days, *needs])


def _read(spec: PipelineSpec, window: Window) -> set[Frame]:
    """Every frame that some metric looks at for a window, or for what it is compared with."""
    now = Frame(reach=window.reach)
    own = {now, now.moved(window.offset)}
    terms = (Term(name, frame) for name in spec.metrics for frame in own)
    return own | {leaf.frame for term in terms for leaf in leaves_of(spec.metrics, term)}


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
