"""The SQL that lists the source's rows behind a number, for a person to add up."""

from kpi_pipeline.compute.explain import PostgresSpelling
from kpi_pipeline.compute.spelling import Apart, Spelling
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.compute.writer import Writer
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec

VALUE = "value"
AT_ONCE = 500
"""Rows that are held in memory while they are handed on."""


def rows_sql(
    spec: PipelineSpec,
    metric: SimpleMetric,
    span: Bounds,
    most: int,
    *,
    group: Dims | None = None,
    apart: Apart = None,
    spelling: Spelling | None = None,
) -> tuple[tuple[str, ...], str]:
    """Names of the columns, and one statement: the rows that `metric_sql` aggregates.

    The key if there is one, the event time, what is aggregated unless rows are counted, and the
    groups; newest first. See `metric_sql` for the arguments.
    """
    writer = Writer(spec, spelling or PostgresSpelling())
    named, name = writer.named(metric, apart), writer.spelling.name
    keys = [] if spec.source.key is None else [spec.source.key]
    columns = {place: name(place) for place in (*keys, spec.source.event_time)}
    order = ", ".join(f"{place} DESC" for place in range(len(columns), 0, -1))
    selected = [*columns.items()]
    if (value := writer.value(metric)) is not None:
        selected.append((VALUE, value))
    selected += zip(metric.group_by, writer.shown(metric, apart), strict=True)
    lines = [
        "SELECT " + ",\n       ".join(sql for _, sql in selected),
        *writer.rows(metric, span, group or (), named),
        f"ORDER BY {order}",
        f"LIMIT {most:d}",
    ]
    return tuple(label for label, _ in selected), "\n".join(lines)
