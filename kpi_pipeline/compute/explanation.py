"""An explanation: what a published number means, and how to get it from the source again."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.explain import metric_sql, sides
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.spelling import Statement, Write
from kpi_pipeline.compute.windows import Bounds, baseline_bounds, bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.group import LONGEST_GROUP, is_other
from kpi_pipeline.model.metric import Metric, RatioMetric, SimpleMetric
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec, SourceTable
from kpi_pipeline.model.window import Window

NULL = "(null)"
"""How a person names the group of rows without a value."""


class UnknownNameError(KpiError):
    """No metric, window or group has that name; the message gives the nearest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything behind one metric over one window.

    Attributes:
        parts: The simple metrics that a ratio divides; of another metric, itself.
        group: The one group asked for; None where the readings are of all groups.
        span: The window's bounds, as published.
        baseline: Bounds of what it is compared with; None without a comparison.
        readings: As published: one, or one a group; none where the window holds no group.
        watermark, as_of, computed_at, guarantee: Of the snapshot.
        sql: Gives the same from the source.
        before: Statements to run first in the same session; '' where none is needed.
        notes: Sentences on what the numbers of the statement rest on.
    """

    source: SourceTable
    metric: Metric
    parts: tuple[SimpleMetric, ...]
    group: Dims | None
    window: Window
    timezone: ZoneInfo
    span: Bounds
    baseline: Bounds | None
    readings: tuple[Reading, ...]
    watermark: datetime | None
    as_of: datetime
    computed_at: datetime
    guarantee: str
    sql: str
    before: str = ""
    notes: tuple[str, ...] = ()


def explanation(
    spec: PipelineSpec,
    snapshot: Snapshot,
    metric: str,
    window: str,
    *,
    group: Dims = (),
    write: Write | None = None,
) -> Explanation:
    """Explain a published number.

    Args:
        spec: The declaration that it was published for.
        snapshot: Where it was published.
        metric: Name of a metric.
        window: Name of a window.
        group: One value a `group_by` column; a group that is not there may name a missing value
            `(null)`. Empty means every group.
        write: Writes the source's statement; None for PostgreSQL's with no types known.

    Raises:
        UnknownNameError: There is no such metric, window or group.
    """
    found = spec.metrics.get(metric)
    if found is None:
        raise UnknownNameError(f"unknown metric {metric!r}{did_you_mean(metric, spec.metrics)}")
    declared = spec.windows.get(window)
    if declared is None:
        raise UnknownNameError(f"unknown window {window!r}{did_you_mean(window, spec.windows)}")
    readings = snapshot.find(metric, window)
    apart = _apart(readings)
    chosen = _chosen(found, readings, group) if group else None
    if chosen is not None:
        readings = (chosen,)
    dims = chosen.dims if chosen else None
    span = bounds(declared, snapshot.as_of, spec.timezone)
    if readings:  # as published, should the declaration have changed since
        span = Bounds(readings[0].start, readings[0].end)
    if write is None:
        statement = Statement(sql=metric_sql(spec, found, span, group=dims, apart=apart))
    else:
        statement = write(found, span, dims, apart)
    return Explanation(
        source=spec.source,
        metric=found,
        parts=sides(spec, found) if isinstance(found, RatioMetric) else (found,),
        group=dims,
        window=declared,
        timezone=spec.timezone,
        span=span,
        baseline=baseline_bounds(declared, snapshot.as_of, spec.timezone),
        readings=readings,
        watermark=snapshot.watermark,
        as_of=snapshot.as_of,
        computed_at=snapshot.computed_at,
        guarantee=snapshot.guarantee,
        sql=statement.sql,
        before=statement.before,
        notes=statement.notes,
    )


def _apart(readings: tuple[Reading, ...]) -> tuple[Dims, ...] | None:
    """The groups that are published by name, where others are summed together."""
    names = tuple(reading.dims for reading in readings if not is_other(reading.dims))
    return names if len(names) < len(readings) else None


def _chosen(metric: Metric, readings: tuple[Reading, ...], group: Dims) -> Reading:
    columns = metric.group_by if isinstance(metric, SimpleMetric) else ()
    if len(group) != len(columns):
        wanted = f"one for each of {', '.join(columns)}" if columns else "it has no groups"
        raise UnknownNameError(f"{metric.name} takes {len(columns)} group values: {wanted}")
    cut = tuple(value and value[:LONGEST_GROUP] for value in group)
    by_dims = {reading.dims: reading for reading in readings}
    missing = tuple(None if value == NULL else value for value in cut)
    found = by_dims.get(cut) or by_dims.get(missing)
    if found is None:
        text = group_text(cut)
        hint = did_you_mean(text, map(group_text, by_dims)) or " (it has no groups there)"
        raise UnknownNameError(f"no group {text!r} of {metric.name} in that window{hint}")
    return found
