"""Read an interval: sums per segment in SQL, segments merged by the partials' own law."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from kpi_pipeline.compute.partial import ZERO, Partial, merge
from kpi_pipeline.compute.retention import Retention, segments
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims

SEGMENT_SQL = text("""
SELECT s.metric, s.dims, p.* FROM (
  SELECT series_id, sum(rows) AS rows, sum(n) AS n, sum(total) AS total,
         min(low) AS low, max(high) AS high,
         array_agg(sketch) FILTER (WHERE sketch IS NOT NULL) AS sketches
  FROM kpi.partial
  WHERE pipeline_id = :id AND grain = :grain AND bucket >= :start AND bucket < :end
  GROUP BY series_id
) AS p JOIN kpi.series AS s ON s.id = p.series_id
WHERE s.definition = ANY(CAST(:definitions AS text[]))
""")


def read_totals(
    connection: Connection,
    id_: int,
    definitions: Mapping[str, str],
    span: Bounds,
    kept: Retention,
) -> dict[tuple[str, Dims], Partial]:
    """Merged partials of an interval, by metric and group, for the present definitions."""
    found: dict[tuple[str, Dims], Partial] = {}
    for segment in segments(span, kept):
        bounds = {"grain": segment.grain.value, "start": segment.start, "end": segment.end}
        wanted = {"id": id_, "definitions": sorted(set(definitions.values())), **bounds}
        for row in connection.execute(SEGMENT_SQL, wanted):
            if definitions.get(row.metric) is not None:
                key = (row.metric, tuple(row.dims))
                found[key] = merge(found.get(key, ZERO), _partial(row))
    return found


def _partial(row: Any) -> Partial:  # noqa: ANN401 - a database row
    return Partial(
        rows=int(row.rows),
        n=int(row.n),
        total=row.total,
        low=row.low,
        high=row.high,
        sketch=None if row.sketches is None else sketch.unite(row.sketches),
    )
