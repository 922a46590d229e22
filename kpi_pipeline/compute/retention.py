"""Which buckets hold which history, as of a moment.

Minutes and hours are kept for some days, days and what is made of them for ever. A bucket that is
made of finer ones exists once it is over: the present hour is minutes alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.compute.grains import LADDER, ceiling, floor
from kpi_pipeline.compute.windows import Bounds, minute_days
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import EARLIEST
from kpi_pipeline.model.spec import PipelineSpec


@dataclass(frozen=True, slots=True)
class Retention:
    """Where minutes begin and where days end.

    Attributes:
        minutes_from: Start of the oldest local day that keeps its minute buckets.
        today: Start of the local day that holds as-of.
        made: Buckets that end by then are made of their finer ones.
    """

    minutes_from: datetime
    today: datetime
    made: datetime
    zone: ZoneInfo

    def rolled(self, until: datetime | None) -> "Retention":
        """What is there now; after a quiet hour its bucket is not made yet. None: only minutes."""
        return replace(self, made=min(self.made, until or EARLIEST))


@dataclass(frozen=True, slots=True)
class Segment:
    """Buckets of one grain, `start <= bucket < end`."""

    grain: Grain
    start: datetime
    end: datetime


def retention(spec: PipelineSpec, as_of: datetime) -> Retention:
    """The retention of a pipeline as of a moment."""
    zone = spec.timezone
    return Retention(
        minutes_from=day_start(as_of, zone, shift=-minute_days(spec)),
        today=day_start(as_of, zone),
        made=floor(as_of, Grain.HOUR, zone),
        zone=zone,
    )


COARSEST_FIRST = tuple(parent for parent, _ in reversed(LADDER))
SHORTEST = {
    Grain.YEAR: timedelta(days=180),
    Grain.MONTH: timedelta(days=14),
    Grain.DAY: timedelta(hours=2),
    Grain.HOUR: timedelta(minutes=2),
}
"""Less than any bucket of the calendar: a shorter interval need not be asked for one."""


def segments(span: Bounds, kept: Retention) -> tuple[Segment, ...]:
    """The fewest buckets that together hold exactly the event times of the bounds.

    The longest that are made lie in the middle, ever finer ones towards the ragged ends.
    """
    return tuple(_covered(span.start, span.end, COARSEST_FIRST, kept))


def _covered(
    start: datetime | None, end: datetime, grains: Sequence[Grain], kept: Retention
) -> Iterator[Segment]:
    if start is not None and start >= end:
        return
    if not grains:
        yield Segment(Grain.MINUTE, start or EARLIEST, end)
        return
    grain, *finer = grains
    if start is not None and end - start < SHORTEST[grain]:
        yield from _covered(start, end, finer, kept)
        return
    first = None if start is None else ceiling(start, grain, kept.zone)
    last = floor(min(end, kept.made), grain, kept.zone)
    if (first or EARLIEST) >= last:
        yield from _covered(start, end, finer, kept)
        return
    if start is not None and first is not None:
        yield from _covered(start, first, finer, kept)
    yield Segment(grain, first or EARLIEST, last)
    yield from _covered(last, end, finer, kept)
