"""A snapshot as the API gives it."""

from datetime import timedelta
from decimal import Decimal

from kpi_pipeline.compute.aggregation import error_of
from kpi_pipeline.compute.building import inputs_of
from kpi_pipeline.compute.windows import bounds
from kpi_pipeline.dashboard.plain import moment, moment_or_none, number
from kpi_pipeline.dashboard.reading import reading_body
from kpi_pipeline.dashboard.shapes import (
    BoundsShape,
    Kind,
    KpiShape,
    OffsetShape,
    OneKpiShape,
    SnapshotShape,
    WindowShape,
)
from kpi_pipeline.dashboard.standing import Standing
from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, RatioMetric
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold
from kpi_pipeline.model.window import Window

NOTHING = "0.0"
"""The id of what is shown before the first fold."""
KINDS: dict[type[Metric], Kind] = {
    RatioMetric: "ratio",
    DerivedMetric: "derived",
    CumulativeMetric: "cumulative",
}


def snapshot_id(snapshot: Snapshot | None) -> str:
    """The revision and the minute that windows end with: the same id, the same body."""
    if snapshot is None:
        return NOTHING
    minute = int(floor_minute(snapshot.as_of).timestamp()) // 60
    return f"{snapshot.revision}.{minute}"


def snapshot_body(spec: PipelineSpec, live: Live) -> SnapshotShape:
    """Every declared KPI over every window; without readings before the first fold."""
    found = live.snapshot
    standing = Standing.of(spec, live)
    filled = dict(found.filled) if found else {}
    by_metric: dict[str, list[Reading]] = {name: [] for name in spec.metrics}
    for reading in found.readings if found else ():
        by_metric.setdefault(reading.metric, []).append(reading)
    return {
        "schema": "kpi.snapshot/1",
        "pipeline": spec.name,
        "revision": found.revision if found else 0,
        "id": snapshot_id(found),
        "definition_hash": live.definition,
        "timezone": spec.timezone.key,
        "watermark": moment_or_none(found.watermark) if found else None,
        "as_of": moment(floor_minute(found.as_of)) if found else None,
        "computed_at": moment(found.computed_at) if found else None,
        "guarantee": found.guarantee if found else "",
        "backlog_minutes": found.backlog_minutes if found else 0,
        "future_rows": found.future_rows if found else 0,
        "building": filled,
        "windows": [_window(spec, item, found) for item in spec.windows.values()],
        "kpis": [
            _kpi(spec, item, by_metric[name], standing, filled.get(name))
            for name, item in spec.metrics.items()
        ],
    }


def one_kpi(body: SnapshotShape, metric: str) -> OneKpiShape:
    """One KPI of a snapshot, which must be there."""
    kpi = next(item for item in body["kpis"] if item["metric"] == metric)
    return {
        **kpi,
        "schema": "kpi.kpi/1",
        "pipeline": body["pipeline"],
        "id": body["id"],
        "as_of": body["as_of"],
        "watermark": body["watermark"],
    }


def relative_error(spec: PipelineSpec, metric: Metric) -> tuple[bool, Decimal | None]:
    """Whether a metric's values are exact, and how far off they may be where that is known."""
    error = error_of(metric)
    exact = all(error_of(spec.metrics[name]) is None for name in inputs_of(spec, metric.name))
    return exact, error


def _kpi(
    spec: PipelineSpec,
    metric: Metric,
    readings: list[Reading],
    standing: Standing,
    filled: int | None,
) -> KpiShape:
    exact, error = relative_error(spec, metric)
    rules = (rule for rule in spec.thresholds.values() if rule.metric == metric.name)
    return {
        "metric": metric.name,
        "type": KINDS.get(type(metric), "simple"),
        "unit": metric.unit,
        "description": metric.description,
        "group_by": list(metric.group_by),
        "exact": exact,
        "relative_error": number(error),
        "building_percent": filled,
        "readings": [reading_body(spec, reading, standing) for reading in readings],
        "bounds": [_bounds(rule) for rule in rules],
    }


def _bounds(rule: Threshold) -> BoundsShape:
    return {
        "rule": rule.name,
        "window": rule.window,
        "against": rule.against.value,
        "warn_below": number(rule.warn_below),
        "critical_below": number(rule.critical_below),
        "warn_above": number(rule.warn_above),
        "critical_above": number(rule.critical_above),
    }


def _window(spec: PipelineSpec, window: Window, found: Snapshot | None) -> WindowShape:
    span = bounds(window, found.as_of, spec.timezone) if found else None
    return {
        "window": window.name,
        "text": window.reach.text,
        "start": moment_or_none(span.start) if span else None,
        "end": moment(span.end) if span else None,
        "offset": _offset(window.offset),
    }


def _offset(offset: Span | None) -> OffsetShape | None:
    if offset is None:
        return None
    day = timedelta(days=1)
    minutes = timedelta(minutes=offset.minutes)
    whole = not offset.months and not minutes % day
    return {"text": offset.text, "days": offset.days + minutes // day if whole else None}
