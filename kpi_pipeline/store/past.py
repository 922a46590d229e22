"""The buckets that a replay needs, all of them at once."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.sliding import Bucket
from kpi_pipeline.model.batch import Dims

# Days where minutes are gone, minutes from there on; no moment is in two buckets.
PAST_SQL = text("""
SELECT s.metric, s.dims, p.bucket, p.rows, p.n, p.total, p.low, p.high, p.sketch
FROM kpi.partial AS p JOIN kpi.series AS s ON s.id = p.series_id
WHERE p.pipeline_id = :id
  AND s.metric || ' ' || s.definition = ANY(CAST(:wanted AS text[]))
  AND ((p.grain = 'd' AND p.bucket < :minutes_from)
    OR (p.grain = 'm' AND p.bucket >= :minutes_from AND p.bucket < :until))
ORDER BY p.bucket
""")


def read_past(
    connection: Connection,
    id_: int,
    definitions: Mapping[str, str],
    minutes_from: datetime,
    until: datetime,
) -> dict[tuple[str, Dims], list[Bucket]]:
    """Every bucket of some metrics up to a moment, by metric and group, in the order of time.

    Args:
        connection: To the state database.
        id_: Of the pipeline.
        definitions: Present definition by metric, of those that are wanted.
        minutes_from: Where the minutes begin.
        until: Where to stop.
    """
    wanted = [f"{name} {definition}" for name, definition in definitions.items()]
    values = {"id": id_, "wanted": wanted, "minutes_from": minutes_from, "until": until}
    found: dict[tuple[str, Dims], list[Bucket]] = {}
    for row in connection.execute(PAST_SQL, values):
        partial = Partial(
            rows=row.rows, n=row.n, total=row.total, low=row.low, high=row.high, sketch=row.sketch
        )
        found.setdefault((row.metric, tuple(row.dims)), []).append(Bucket(row.bucket, partial))
    return found
