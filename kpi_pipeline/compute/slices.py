"""How much of the backlog one step takes: the newest days first, a bounded piece at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kpi_pipeline.compute.calendar import day_start, local_day, start_of, whole_days
from kpi_pipeline.compute.refill import next_refill
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.moment import EARLIEST, MINUTE, Interval, union
from kpi_pipeline.model.state import Dirty

MOST_INTERVALS = 64
"""More scattered intervals than this make a query that no planner enjoys."""

FOREVER = datetime.max.replace(tzinfo=UTC)


def next_slice(
    backlog: Sequence[Dirty],
    kept: Retention,
    days: int,
    known: frozenset[str],
    barred: frozenset[str] = frozenset(),
) -> Slice:
    """Take the newest part of what concerns all metrics; where there is none, of a refill.

    Args:
        backlog: What waits.
        kept: Which days keep their minutes.
        days: See `newest_slice`.
        known: Every metric that is folded.
        barred: Metrics that the slice leaves out, because the source cannot compute them.
    """
    live = union(item.interval for item in backlog if item.live)
    if live:
        return replace(newest_slice(live, kept, days), metrics=known - barred if barred else None)
    metrics, spans = next_refill(backlog, barred)
    return replace(newest_slice(spans, kept, days), metrics=metrics if spans else None)


def newest_slice(backlog: tuple[Interval, ...], kept: Retention, days: int) -> Slice:
    """Take the newest part of a backlog: what is dirty today, and whole days before it.

    Days are counted as dirty days, not as distance: else a minute that is written again and again
    would hide all history behind it. What lies after today is taken last, with the oldest day: it
    counts in no window yet, and a row of the year 9999 must not keep today waiting.

    Args:
        backlog: Sorted, disjoint intervals of whole minutes.
        kept: Which days keep their minutes.
        days: How many dirty days before today to take, one or more.

    Returns:
        Minutes for the days that keep them, whole days for older history. Empty only for an
        empty backlog.
    """
    tomorrow = day_start(kept.today, kept.zone, shift=1)
    taken: list[Interval] = []
    for item in reversed(_clipped(backlog, EARLIEST, tomorrow)):
        if days <= 0 or len(taken) == MOST_INTERVALS:
            return slice_of(tuple(reversed(taken)), kept)
        last = local_day(item.end - MINUTE, kept.zone)
        cut = item.start
        if item.start < kept.today:
            recent = min(last, local_day(kept.today - MINUTE, kept.zone))
            # Shifted by the calendar, which ends at the first day: the year 1 is a fair start.
            first = day_start(start_of(recent, kept.zone), kept.zone, shift=1 - days)
            cut = max(item.start, first)
            days -= (recent - local_day(cut, kept.zone)).days + 1
        taken.append(Interval(cut, item.end))
        if cut > item.start:
            return slice_of(tuple(reversed(taken)), kept)
    return slice_of((*reversed(taken), *_clipped(backlog, tomorrow, FOREVER)), kept)


def _clipped(
    intervals: tuple[Interval, ...], start: datetime, end: datetime
) -> tuple[Interval, ...]:
    return tuple(part for item in intervals if (part := item.clip(start, end)) is not None)


def slice_of(taken: tuple[Interval, ...], kept: Retention) -> Slice:
    """Minutes where minutes are kept, whole days where they are not."""
    minutes = [m for t in taken if (m := t.clip(kept.minutes_from, t.end)) is not None]
    older = [o for t in taken if (o := t.clip(t.start, kept.minutes_from)) is not None]
    return Slice(
        minutes=union(minutes),
        days=union(whole_days(item, kept.zone) for item in older),
    )
