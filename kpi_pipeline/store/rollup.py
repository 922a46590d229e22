"""Coarse buckets from finer ones: numbers in SQL, sketches united here.

Only what differs is written, so that folding history again that has not changed, or that of one
metric, leaves the rest alone.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from kpi_pipeline.compute.grains import LADDER, buckets_in
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import EARLIEST, Interval, subtract
from kpi_pipeline.model.state import Cause, PipelineState

OF_MINUTES, OF_DAYS = LADDER[:2], LADDER[2:]

# A sketch cannot be united in SQL: an empty one keeps its place until UNITE_SQL.
MAKE_SQL = text("""
WITH made AS (
  SELECT b.bucket, p.series_id, sum(p.rows) AS rows, sum(p.n) AS n, sum(p.total) AS total,
         min(p.low) AS low, max(p.high) AS high,
         CASE WHEN bool_or(p.sketch IS NOT NULL) THEN CAST('' AS bytea) END AS sketch
  FROM kpi.partial p CROSS JOIN LATERAL (
    SELECT (CAST(:starts AS timestamptz[]))[
      width_bucket(p.bucket, CAST(:starts AS timestamptz[]))] AS bucket
  ) AS b
  WHERE p.pipeline_id = :id AND p.grain = :child AND p.bucket >= :first AND p.bucket < :last
  GROUP BY b.bucket, p.series_id
), gone AS (
  DELETE FROM kpi.partial p
  WHERE p.pipeline_id = :id AND p.grain = :grain AND p.bucket >= :first AND p.bucket < :last
    AND NOT EXISTS (
      SELECT FROM made m WHERE m.bucket = p.bucket AND m.series_id = p.series_id)
)
INSERT INTO kpi.partial AS p
  (pipeline_id, grain, bucket, series_id, rows, n, total, low, high, sketch)
SELECT :id, :grain, bucket, series_id, rows, n, total, low, high, sketch FROM made
ON CONFLICT (pipeline_id, grain, bucket, series_id) DO UPDATE SET
  rows = excluded.rows, n = excluded.n, total = excluded.total,
  low = excluded.low, high = excluded.high,
  sketch = CASE WHEN excluded.sketch IS NOT NULL
                THEN coalesce(p.sketch, excluded.sketch) END,
  value = CASE WHEN excluded.sketch IS NOT NULL THEN p.value END
WHERE (p.rows, p.n, p.total, p.low, p.high, p.sketch IS NULL) IS DISTINCT FROM
      (excluded.rows, excluded.n, excluded.total, excluded.low, excluded.high,
       excluded.sketch IS NULL)
""")
SKETCHES_SQL = text("""
SELECT b.bucket, p.series_id, array_agg(p.sketch) AS sketches
FROM kpi.partial p CROSS JOIN LATERAL (
  SELECT (CAST(:starts AS timestamptz[]))[
    width_bucket(p.bucket, CAST(:starts AS timestamptz[]))] AS bucket
) AS b
WHERE p.pipeline_id = :id AND p.grain = :child AND p.bucket >= :first AND p.bucket < :last
  AND p.sketch IS NOT NULL
GROUP BY b.bucket, p.series_id
""")
UNITE_SQL = text("""
UPDATE kpi.partial p SET sketch = u.sketch, value = u.value
FROM unnest(CAST(:buckets AS timestamptz[]), CAST(:series AS int[]), CAST(:sketches AS bytea[]),
            CAST(:values AS numeric[])) AS u(bucket, series_id, sketch, value)
WHERE p.pipeline_id = :id AND p.grain = :grain AND p.bucket = u.bucket
  AND p.series_id = u.series_id AND p.sketch IS DISTINCT FROM u.sketch
""")


class Rollup:
    """Makes the coarse buckets of touched ones, and those that have ended since the last time.

    Args:
        connection: Holds the pipeline's row.
        id_: Of the pipeline.
        before: The state that the step began with.
        kept: The retention as of now; only buckets that are over by `kept.made` are made.
    """

    def __init__(
        self, connection: Connection, id_: int, before: PipelineState, kept: Retention
    ) -> None:
        self.connection = connection
        self.id = id_
        self.before = before
        self.kept = kept
        since = before.rolled_until or before.history_from
        self.ended = [Interval(since, kept.made)] if since and since < kept.made else []

    def of_minutes(self, touched: Sequence[Interval]) -> None:
        """Hours and days of touched minutes, and of those that have ended.

        Where the state has days and no minutes, there is nothing to make a day of: the source
        gave it whole.
        """
        oldest = self.before.minutes_from or self.kept.minutes_from
        gaps = [item.interval for item in self.before.dirty if item.cause is Cause.MINUTES]
        ended = [part for item in self.ended if (part := item.clip(oldest, self.kept.made))]
        self._roll(OF_MINUTES, (*touched, *subtract(ended, gaps)))

    def of_days(self, touched: Sequence[Interval]) -> None:
        """Months and years of touched minutes and days, and those that have ended."""
        self._roll(OF_DAYS, (*touched, *self.ended))

    def _roll(self, ladder: Sequence[tuple[Grain, Grain]], spans: Sequence[Interval]) -> None:
        made = self.kept.made
        over = [part for item in spans if (part := item.clip(EARLIEST, made))]
        for grain, child in ladder:
            buckets = [b for b in buckets_in(over, grain, self.kept.zone) if b.end <= made]
            for run in _runs(buckets):
                _make(self.connection, self.id, grain, child, run)


def _runs(buckets: Iterable[Interval]) -> list[list[Interval]]:
    """Buckets that follow one another, together."""
    runs: list[list[Interval]] = []
    for bucket in buckets:
        if runs and runs[-1][-1].end == bucket.start:
            runs[-1].append(bucket)
        else:
            runs.append([bucket])
    return runs


def _make(
    connection: Connection, id_: int, grain: Grain, child: Grain, run: Sequence[Interval]
) -> None:
    bounds: dict[str, object] = {
        "id": id_,
        "grain": grain.value,
        "child": child.value,
        "starts": [bucket.start for bucket in run],
        "first": run[0].start,
        "last": run[-1].end,
    }
    connection.execute(MAKE_SQL, bounds)
    united = {
        (row.bucket, row.series_id): sketch.unite(row.sketches)
        for row in connection.execute(SKETCHES_SQL, bounds)
    }
    if united:
        columns = {
            "buckets": [bucket for bucket, _ in united],
            "series": [series for _, series in united],
            "sketches": list(united.values()),
            "values": [sketch.value(data) for data in united.values()],
        }
        connection.execute(UNITE_SQL, {"id": id_, "grain": grain.value, **columns})
