"""Read windows: all of them in one statement, each from the fewest buckets that hold it."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from kpi_pipeline.compute.frames import Asked, Totals
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.retention import Retention, segments
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.model.batch import Dims

# OFFSET 0 has the planner look up each segment's buckets first, and join afterwards.
TOTALS = """
SELECT t.place, s.metric, s.dims, t.rows, t.n, t.total, t.low, t.high, t.sketches
FROM (
  SELECT p.place, p.series_id, sum(p.rows) AS rows, sum(p.n) AS n, sum(p.total) AS total,
         min(p.low) AS low, max(p.high) AS high,
         array_agg(p.sketch) FILTER (WHERE p.sketch IS NOT NULL) AS sketches
  FROM (
    SELECT g.place, g.metrics, held.*
    FROM unnest(CAST(:places AS int[]), CAST(:grains AS text[]), CAST(:starts AS timestamptz[]),
                CAST(:ends AS timestamptz[]), CAST(:metrics AS text[]))
      AS g(place, grain, first, last, metrics)
    CROSS JOIN LATERAL (
      SELECT series_id, rows, n, total, low, high, sketch FROM kpi.partial
      WHERE pipeline_id = :id AND grain = g.grain AND bucket >= g.first AND bucket < g.last
      OFFSET 0
    ) AS held
  ) AS p
  JOIN kpi.series AS wanted ON wanted.id = p.series_id
    AND wanted.metric || ' ' || wanted.definition = ANY(string_to_array(p.metrics, ',')){only}
  GROUP BY p.place, p.series_id
) AS t JOIN kpi.series AS s ON s.id = t.series_id
"""
ONLY = """
    AND wanted.dims IN (
      SELECT ARRAY(SELECT jsonb_array_elements_text(one))
      FROM jsonb_array_elements(CAST(:groups AS jsonb)) AS one)
"""
ALL_SQL, SOME_SQL = (text(TOTALS.format(only=only)) for only in ("", ONLY))


def read_totals(
    connection: Connection,
    id_: int,
    definitions: Mapping[str, str],
    asked: Sequence[Asked],
    kept: Retention,
    groups: Collection[Dims] | None = None,
) -> list[Totals]:
    """Merged partials by metric and group, for the present definitions.

    Args:
        connection: To the state database.
        id_: Of the pipeline.
        definitions: Present definition by metric.
        asked: Intervals, each with the metrics that are wanted of it.
        kept: Which buckets are there.
        groups: Of these alone; None for all.

    Returns:
        One mapping for each interval, in their order.
    """
    parts = [
        (place, part.grain.value, part.start, part.end, wanted)
        for place, one in enumerate(asked)
        if (wanted := ",".join(f"{name} {definitions[name]}" for name in sorted(one.metrics)))
        for part in segments(one.span, kept)
    ]
    found: list[dict[tuple[str, Dims], Partial]] = [{} for _ in asked]
    if parts:
        names = ("places", "grains", "starts", "ends", "metrics")
        columns = dict(zip(names, (list(c) for c in zip(*parts, strict=True)), strict=True))
        values: dict[str, object] = {"id": id_, **columns}
        if groups is not None:
            values["groups"] = json.dumps([list(dims) for dims in groups])
        for row in connection.execute(ALL_SQL if groups is None else SOME_SQL, values):
            found[row.place][row.metric, tuple(row.dims)] = _partial(row)
    return list(found)


def _partial(row: Any) -> Partial:  # noqa: ANN401 - a database row
    return Partial(
        rows=int(row.rows),
        n=int(row.n),
        total=row.total,
        low=row.low,
        high=row.high,
        sketch=None if row.sketches is None else sketch.unite(row.sketches),
    )
