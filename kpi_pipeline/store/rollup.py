"""Day buckets from their minutes: sums in SQL, member sets united here."""

from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.compute import members
from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.moment import Interval

OF_METRICS = """
  AND (CAST(:metrics AS text[]) IS NULL OR series_id IN (SELECT id FROM kpi.series
    WHERE pipeline_id = :id AND metric = ANY(CAST(:metrics AS text[]))))
"""
CLEAR_SQL = text(f"""
DELETE FROM kpi.partial
WHERE pipeline_id = :id AND grain = 'd' AND bucket >= :start AND bucket < :end {OF_METRICS}
""")  # noqa: S608 - a constant
ROLL_SQL = text(f"""
INSERT INTO kpi.partial (pipeline_id, grain, bucket, series_id, rows, n, total, low, high)
SELECT pipeline_id, 'd', :start, series_id, sum(rows), sum(n), sum(total), min(low), max(high)
FROM kpi.partial
WHERE pipeline_id = :id AND grain = 'm' AND bucket >= :start AND bucket < :end {OF_METRICS}
GROUP BY pipeline_id, series_id
""")  # noqa: S608 - a constant
SETS_SQL = text(f"""
SELECT series_id, array_agg(members) AS sets FROM kpi.partial
WHERE pipeline_id = :id AND grain = 'm' AND bucket >= :start AND bucket < :end
  AND members IS NOT NULL {OF_METRICS}
GROUP BY series_id
""")  # noqa: S608 - a constant
UNITE_SQL = text("""
UPDATE kpi.partial SET members = :members
WHERE pipeline_id = :id AND grain = 'd' AND bucket = :start AND series_id = :series
""")


def roll(
    connection: Connection,
    id_: int,
    touched: tuple[Interval, ...],
    since: datetime | None,
    kept: Retention,
    metrics: frozenset[str] | None = None,
) -> None:
    """Make the day buckets of touched days, and of days that have ended since the last roll.

    The touched ones for the metrics alone, if any are named; others are left as they are.
    """
    ended = (Interval(since, kept.today),) if since and since < kept.today else ()
    past = (part for t in touched if (part := t.clip(t.start, kept.today)) is not None)
    over = set(days_in(ended, kept.zone))
    for day in days_in((*past, *ended), kept.zone):
        _roll_day(connection, id_, day, None if day in over else metrics)


def _roll_day(
    connection: Connection, id_: int, day: Interval, metrics: frozenset[str] | None
) -> None:
    names = None if metrics is None else sorted(metrics)
    bounds = {"id": id_, "start": day.start, "end": day.end, "metrics": names}
    connection.execute(CLEAR_SQL, bounds)
    connection.execute(ROLL_SQL, bounds)
    for row in connection.execute(SETS_SQL, bounds).all():
        united = {"members": members.unite(row.sets), "series": row.series_id}
        connection.execute(UNITE_SQL, {"id": id_, "start": day.start, **united})
