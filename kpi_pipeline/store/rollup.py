"""Day buckets from their minutes: sums in SQL, sketches united here."""

from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.model.moment import Interval

CLEAR_SQL = text("""
DELETE FROM kpi.partial
WHERE pipeline_id = :id AND grain = 'd' AND bucket >= :start AND bucket < :end
""")
ROLL_SQL = text("""
INSERT INTO kpi.partial (pipeline_id, grain, bucket, series_id, rows, n, total, low, high)
SELECT pipeline_id, 'd', :start, series_id, sum(rows), sum(n), sum(total), min(low), max(high)
FROM kpi.partial
WHERE pipeline_id = :id AND grain = 'm' AND bucket >= :start AND bucket < :end
GROUP BY pipeline_id, series_id
""")
SKETCHES_SQL = text("""
SELECT series_id, array_agg(sketch) AS sketches FROM kpi.partial
WHERE pipeline_id = :id AND grain = 'm' AND bucket >= :start AND bucket < :end
  AND sketch IS NOT NULL
GROUP BY series_id
""")
UNITE_SQL = text("""
UPDATE kpi.partial SET sketch = :sketch, value = :value
WHERE pipeline_id = :id AND grain = 'd' AND bucket = :start AND series_id = :series
""")


def roll(
    connection: Connection,
    id_: int,
    touched: tuple[Interval, ...],
    since: datetime | None,
    kept: Retention,
) -> None:
    """Make the day buckets of touched days, and of days that have ended since the last roll."""
    ended = (Interval(since, kept.today),) if since and since < kept.today else ()
    past = (part for t in touched if (part := t.clip(t.start, kept.today)) is not None)
    for day in days_in((*past, *ended), kept.zone):
        _roll_day(connection, id_, day)


def _roll_day(connection: Connection, id_: int, day: Interval) -> None:
    bounds = {"id": id_, "start": day.start, "end": day.end}
    connection.execute(CLEAR_SQL, bounds)
    connection.execute(ROLL_SQL, bounds)
    for row in connection.execute(SKETCHES_SQL, bounds).all():
        united = sketch.unite(row.sketches)
        written = {"series": row.series_id, "sketch": united, "value": sketch.value(united)}
        connection.execute(UNITE_SQL, {"id": id_, "start": day.start, **written})
