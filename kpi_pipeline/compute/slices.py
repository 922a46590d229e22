"""How much of the backlog one step takes: the newest days first, a bounded piece at a time."""

from kpi_pipeline.compute.calendar import day_start, whole_days
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.moment import MINUTE, Interval, union

MOST_INTERVALS = 64
"""More scattered intervals than this make a query that no planner enjoys."""


def newest_slice(backlog: tuple[Interval, ...], kept: Retention, days: int) -> Slice:
    """Take the newest part of a backlog, as whole local days counted back from its end.

    Args:
        backlog: Sorted, disjoint intervals of whole minutes.
        kept: Which days keep their minutes.
        days: How many local days the slice may reach back from the backlog's newest moment.

    Returns:
        Minutes for the days that keep them, whole days for older history. Empty only for an
        empty backlog.
    """
    if not backlog:
        return Slice()
    newest = backlog[-1]
    cut = day_start(newest.end - MINUTE, kept.zone, shift=1 - days)
    taken = [part for item in backlog if (part := item.clip(cut, newest.end)) is not None]
    return _by_grain(tuple(taken[-MOST_INTERVALS:]), kept)


def _by_grain(taken: tuple[Interval, ...], kept: Retention) -> Slice:
    minutes = [m for t in taken if (m := t.clip(kept.minutes_from, t.end)) is not None]
    older = [o for t in taken if (o := t.clip(t.start, kept.minutes_from)) is not None]
    return Slice(
        minutes=union(minutes),
        days=union(whole_days(item, kept.zone) for item in older),
    )
