"""Series, the timeline and the last ticks as the API gives them."""

from collections.abc import Sequence

from kpi_pipeline.dashboard.away import plainly
from kpi_pipeline.dashboard.past import (
    EventShape,
    PointShape,
    SeriesShape,
    TickShape,
    TicksShape,
    TimelineShape,
)
from kpi_pipeline.dashboard.plain import group, moment, moment_or_none, number
from kpi_pipeline.model.live import Event, Point, Series, Tick
from kpi_pipeline.model.spec import PipelineSpec


def series_body(spec: PipelineSpec, found: Series) -> SeriesShape:
    """A metric by bucket."""
    return {
        "schema": "kpi.series/1",
        "pipeline": spec.name,
        "metric": found.metric,
        "dims": group(found.dims),
        "unit": spec.metrics[found.metric].unit,
        "grain": found.grain,  # type: ignore[typeddict-item]  # one of those that were asked for
        "points": [_point(item) for item in found.points],
        "before": [_point(item) for item in found.before],
    }


def timeline_body(spec: PipelineSpec, events: Sequence[Event]) -> TimelineShape:
    """What happened, newest first."""
    found = [_event(item) for item in events]
    return {"schema": "kpi.timeline/1", "pipeline": spec.name, "events": found}


def ticks_body(spec: PipelineSpec, ticks: Sequence[Tick]) -> TicksShape:
    """The last ticks, newest first."""
    found = [_tick(item) for item in ticks]
    return {"schema": "kpi.ticks/1", "pipeline": spec.name, "ticks": found}


def _point(item: Point) -> PointShape:
    return {"start": moment(item.start), "value": number(item.value), "n": item.rows}


def _event(item: Event) -> EventShape:
    return {
        "at": moment(item.at),
        "kind": item.kind.value,
        "level": item.level.value,
        "text": plainly(item.text),
    }


def _tick(item: Tick) -> TickShape:
    known = item.as_of is not None and item.watermark is not None
    lag = (item.as_of - item.watermark).total_seconds() if known else None  # type: ignore[operator]
    return {
        "at": moment_or_none(item.at),
        "kind": item.kind.value,
        "rows": item.rows,
        "lag_seconds": lag,
        "reason": plainly(item.reason),
    }
