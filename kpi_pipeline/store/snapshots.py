"""Snapshots: the last day's are kept; older history is read from the buckets."""

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from kpi_pipeline.model.episode import Verdict
from kpi_pipeline.model.snapshot import Published, Snapshot
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import dump_published, load_published, load_verdicts

KEPT = timedelta(days=1)


def save_snapshot(
    connection: Connection, id_: int, snapshot: Snapshot, verdicts: tuple[Verdict, ...]
) -> None:
    """Add a snapshot and drop those that are a day older than it."""
    table = schema.snapshot
    connection.execute(
        insert(table).values(
            pipeline_id=id_,
            revision=snapshot.revision,
            as_of=snapshot.as_of,
            computed_at=snapshot.computed_at,
            body=dump_published(snapshot, verdicts),
        )
    )
    old = table.c.computed_at < snapshot.computed_at - KEPT
    connection.execute(delete(table).where(table.c.pipeline_id == id_, old))


def load_latest(connection: Connection, id_: int) -> Published | None:
    """The snapshot of the highest revision."""
    table = schema.snapshot
    query = select(table.c.body).where(table.c.pipeline_id == id_)
    body = connection.execute(query.order_by(table.c.revision.desc()).limit(1)).scalar()
    return None if body is None else load_published(body)


def load_last_verdicts(connection: Connection, id_: int) -> tuple[Verdict, ...]:
    """Those of the snapshot of the highest revision; none before the first."""
    table = schema.snapshot
    query = select(table.c.body["verdicts"]).where(table.c.pipeline_id == id_)
    found = connection.execute(query.order_by(table.c.revision.desc()).limit(1)).scalar()
    return load_verdicts(found or [])
