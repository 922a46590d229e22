"""The late-row ledger in the state database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.correction import Change, Correction, Lateness, Why
from kpi_pipeline.store import schema

KEPT = timedelta(days=90)

LATE_SQL = text("""
SELECT lateness, sum(rows_after - rows_before)::bigint AS rows FROM kpi.correction
WHERE pipeline_id = :id AND bucket >= :since AND why = :late AND metric = :metric
GROUP BY lateness ORDER BY lateness
""")
ROWS_SQL = text("""
SELECT coalesce(sum(p.rows), 0)::bigint FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
WHERE p.pipeline_id = :id AND p.grain = 'm' AND p.bucket >= :since
  AND s.metric = :metric AND s.definition = :definition
""")
CHANGES_SQL = text("""
WITH looks AS (
  SELECT DISTINCT at FROM kpi.correction
  WHERE pipeline_id = :id AND at >= :since AND before IS DISTINCT FROM after
  ORDER BY at DESC LIMIT :most
)
SELECT c.at, c.why, c.metric, count(DISTINCT (c.grain, c.bucket)) AS buckets,
       (array_agg(c.after - c.before ORDER BY abs(c.after - c.before) DESC NULLS LAST))[1] AS gap
FROM kpi.correction c JOIN looks USING (at)
WHERE c.pipeline_id = :id AND c.before IS DISTINCT FROM c.after
GROUP BY c.at, c.why, c.metric ORDER BY c.at DESC, c.why, c.metric
""")


def record_corrections(connection: Connection, id_: int, found: Sequence[Correction]) -> None:
    """Write them down, and drop those that are out of date."""
    if not found:
        return
    table = schema.correction
    rows = [asdict(item) | {"pipeline_id": id_, "dims": list(item.dims)} for item in found]
    connection.execute(insert(table), rows)
    old = (table.c.pipeline_id == id_, table.c.at < found[0].at - KEPT)
    connection.execute(delete(table).where(*old))


def load_corrections(
    connection: Connection, id_: int, since: datetime, most: int
) -> tuple[int, tuple[Correction, ...]]:
    """How many values changed since a moment, and the newest of them.

    A row may come without changing its bucket's value: a buyer who was counted, a lesser maximum.
    """
    table = schema.correction
    changed = table.c.before.is_distinct_from(table.c.after)
    wanted = (table.c.pipeline_id == id_, table.c.at >= since, changed)
    count = connection.execute(select(func.count()).where(*wanted)).scalar_one()
    order = (table.c.at.desc(), table.c.bucket.desc(), table.c.id)
    newest = select(table).where(*wanted).order_by(*order).limit(most)
    return count, tuple(_correction(dict(row)) for row in connection.execute(newest).mappings())


def load_changes(
    connection: Connection, id_: int, since: datetime, most: int
) -> tuple[Change, ...]:
    """What the newest looks that found shown numbers changed, found; newest first."""
    rows = connection.execute(CHANGES_SQL, {"id": id_, "since": since, "most": most})
    return tuple(Change(**(row._asdict() | {"why": Why(row.why)})) for row in rows)


def measure_lateness(
    connection: Connection, id_: int, since: datetime, metric: str, definition: str
) -> Lateness:
    """How late rows dated since a moment came, by a metric that counts every row."""
    wanted = {"id": id_, "since": since, "metric": metric}
    late = connection.execute(LATE_SQL, wanted | {"late": Why.LATE.value}).all()
    rows = connection.execute(ROWS_SQL, wanted | {"definition": definition}).scalar_one()
    total = sum(row.rows for row in late)
    return Lateness(
        since=since,
        rows=int(rows),
        late=total,
        half=_at(late, total * 0.5),
        most=_at(late, total * 0.9),
        nearly_all=_at(late, total * 0.99),
        latest=late[-1].lateness if late else None,
    )


def _at(late: Sequence[Any], rank: float) -> timedelta | None:
    """The lateness that so many rows do not exceed."""
    passed = 0
    for row in late:
        passed += row.rows
        if passed >= rank:
            found: timedelta = row.lateness
            return found
    return None


def _correction(row: dict[str, Any]) -> Correction:
    del row["id"], row["pipeline_id"]
    fixed = {"dims": tuple(row["dims"]), "grain": Grain(row["grain"]), "why": Why(row["why"])}
    return Correction(**(row | fixed))
