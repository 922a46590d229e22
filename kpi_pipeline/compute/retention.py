"""Which buckets hold which history, as of a moment.

Three ranges meet at local midnights: whole days only, days with their minutes, and today with
its minutes alone, whose day bucket is made when the day is over.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.compute.windows import Bounds, minute_days
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import EARLIEST
from kpi_pipeline.model.spec import PipelineSpec


@dataclass(frozen=True, slots=True)
class Retention:
    """Where minutes begin and where days end.

    Attributes:
        minutes_from: Start of the oldest local day that keeps its minute buckets.
        today: Start of the local day that holds as-of; no day bucket from here on.
    """

    minutes_from: datetime
    today: datetime
    zone: ZoneInfo


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
        zone=zone,
    )


def segments(span: Bounds, kept: Retention) -> tuple[Segment, ...]:
    """The fewest buckets that together hold exactly the event times of the bounds.

    Whole days come as day buckets; the ragged ends, and today, as minutes.
    """
    start = span.start or EARLIEST
    first_day = start if span.start is None else _next_midnight(start, kept.zone)
    last_day = min(day_start(span.end, kept.zone), kept.today)
    if first_day >= last_day:
        return _filled(Segment(Grain.MINUTE, start, span.end))
    return _filled(
        Segment(Grain.MINUTE, start, first_day),
        Segment(Grain.DAY, first_day, last_day),
        Segment(Grain.MINUTE, last_day, span.end),
    )


def _next_midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    midnight = day_start(moment, zone)
    return moment if midnight == moment else day_start(moment, zone, shift=1)


def _filled(*parts: Segment) -> tuple[Segment, ...]:
    return tuple(part for part in parts if part.start < part.end)
