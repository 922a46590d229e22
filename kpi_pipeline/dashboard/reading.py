"""One reading as the API gives it."""

from kpi_pipeline.dashboard.plain import group, moment, moment_or_none, number, percent
from kpi_pipeline.dashboard.shapes import CompareShape, ReadingShape
from kpi_pipeline.dashboard.standing import Standing
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec


def reading_body(spec: PipelineSpec, reading: Reading, standing: Standing) -> ReadingShape:
    """One KPI over one window and group."""
    window = spec.windows.get(reading.window)
    return {
        "window": reading.window,
        "dims": group(reading.dims),
        "value": number(reading.value),
        "n": reading.rows,
        "start": moment_or_none(reading.start),
        "end": moment(reading.end),
        "compare": _compare(reading, window.offset if window else None),
        "state": standing.state(reading),
        "building": reading.building,
        "refolding": reading.refolding,
    }


def _compare(reading: Reading, offset: Span | None) -> CompareShape | None:
    if offset is None:
        return None
    return {
        "offset": offset.text,
        "value": number(reading.baseline),
        "delta_pct": percent(reading.delta_percent),
    }
