"""Bounded detection for views and foreign tables, which hide who wrote a row.

Every bucket since the lookback is fingerprinted; those whose print differs from the last look
have changed. A change to an older row is not seen; the guarantee says so.
"""

from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.declaration.durations import format_duration
from kpi_pipeline.model.moment import LATEST, floor_minute, minute_interval, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.position import UNREADABLE, WHY_UNREADABLE, Position
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.names import inline, minute_of, quoted, quoted_table

KIND = "lookback"


def detect(
    connection: Connection, spec: PipelineSpec, table: Table, before: Position | None
) -> Detection:
    """Look once, at the buckets since the lookback and at all future ones."""
    now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    looked = now if before is None or not before.looked else datetime.fromisoformat(before.looked)
    since = floor_minute(min(now, looked) - spec.source.lookback)
    span = {"since": max(since, spec.start), "latest": LATEST}
    rows = connection.execute(text(_prints_sql(spec, table)), span).all()
    prints = {row.bucket: row.print for row in rows}
    position = Position(
        kind=KIND,
        cluster=table.cluster,
        oid=table.oid,
        file=0,
        looked=now.isoformat(),
        prints=tuple((bucket.isoformat(), prints[bucket]) for bucket in sorted(prints)),
    )
    everything = None
    same = (KIND, table.cluster, table.oid)
    if before is not None and (before.kind, before.cluster, before.oid) != same:
        another = "the source is another table than the one folded"
        everything = WHY_UNREADABLE if before.kind == UNREADABLE else another
    old = {} if before is None else dict(before.prints)
    new = {bucket.isoformat(): sign for bucket, sign in prints.items()}
    recent = {key for key in old if key >= since.isoformat()}
    changed = [b for b, s in prints.items() if before is not None and old.get(b.isoformat()) != s]
    gone = [datetime.fromisoformat(key) for key in recent - new.keys()]
    return Detection(
        position=position.dump(),
        as_of=now,
        changed=union(minute_interval(bucket) for bucket in (*changed, *gone)),
        everything=everything,
        guarantee=f"bounded({format_duration(spec.source.lookback)})",
    )


def _prints_sql(spec: PipelineSpec, table: Table) -> str:
    """A sum of row hashes does not depend on the order of the rows."""
    time = inline(quoted(spec.source.event_time))
    return f"""
    SELECT {minute_of("r." + time, table.version)} AS bucket,
           count(*) || '/' || sum(hashtextextended(CAST(r AS text), 0)) AS print
    FROM {inline(quoted_table(spec.source.table))} AS r
    WHERE r.{time} >= :since AND r.{time} < :latest GROUP BY 1
    """  # noqa: S608 - quoted names
