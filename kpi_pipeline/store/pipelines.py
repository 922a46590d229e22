"""The pipeline's own row, its dirty ranges and rewinds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from kpi_pipeline.model.errors import StateConflictError
from kpi_pipeline.model.moment import Interval, floor_minute
from kpi_pipeline.model.state import Cause, Committed, Dirty, Edges, PipelineState
from kpi_pipeline.store import schema
from kpi_pipeline.store.steps import StepKind

# One statement, because every look begins with it.
STATE_SQL = text("""
SELECT p.*, clock_timestamp() AS loaded_at, step.id AS step, step.kind AS step_kind, least(
  (SELECT min(bucket) FROM kpi.partial WHERE pipeline_id = p.id AND grain = 'd'),
  (SELECT min(bucket) FROM kpi.partial WHERE pipeline_id = p.id AND grain = 'm')
) AS history_from,
  (SELECT max(bucket) FROM kpi.partial WHERE pipeline_id = p.id AND grain = 'm') AS newest_bucket,
  (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.start), '[]') FROM kpi.dirty d
   WHERE d.pipeline_id = p.id) AS ranges
FROM kpi.pipeline p LEFT JOIN LATERAL (
  SELECT id, kind FROM kpi.step WHERE pipeline_id = p.id ORDER BY id DESC LIMIT 1
) AS step ON true
WHERE p.name = :name
""")
EDGES_SQL = text("""
SELECT clock_timestamp() AS now, least(
  (SELECT min(bucket) FROM kpi.partial WHERE pipeline_id = :id AND grain = 'd'),
  (SELECT min(bucket) FROM kpi.partial WHERE pipeline_id = :id AND grain = 'm')
) AS history_from,
  (SELECT max(bucket) FROM kpi.partial
   WHERE pipeline_id = :id AND grain = 'm' AND bucket < :minute) AS newest,
  (SELECT coalesce(max(rows), 0) FROM (
     SELECT sum(p.rows) AS rows FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
     WHERE p.pipeline_id = :id AND p.grain = 'm' AND p.bucket > :minute
     GROUP BY s.metric, s.definition) AS counted) AS future_rows
""")


class Locked(NamedTuple):
    """The pipeline's row, held: what tells whether it has moved since it was read."""

    id: int
    revision: int
    rolled_until: datetime | None
    minutes_from: datetime | None
    definitions: Mapping[str, str]


def pipeline_id(connection: Connection, name: str) -> int:
    """The id of a pipeline; made at first use."""
    found = connection.execute(
        select(schema.pipeline.c.id).where(schema.pipeline.c.name == name)
    ).scalar()
    if found is None:
        connection.execute(upsert(schema.pipeline).values(name=name).on_conflict_do_nothing())
        return pipeline_id(connection, name)
    return int(found)


def load_state(connection: Connection, name: str) -> PipelineState:
    """The state of a pipeline, as of this transaction's snapshot.

    One statement, unless the row is not there: a state database may be restored to a time before
    it, under a process that has made it once.
    """
    row = connection.execute(STATE_SQL, {"name": name}).one_or_none()
    if row is None:
        pipeline_id(connection, name)
        row = connection.execute(STATE_SQL, {"name": name}).one()
    return PipelineState(
        revision=row.revision,
        position=row.position,
        definitions=row.definitions,
        watermark=row.watermark,
        as_of=row.as_of,
        guarantee=row.guarantee,
        recent=tuple(Committed(*map(datetime.fromisoformat, pair)) for pair in row.recent),
        history_from=row.history_from,
        newest_bucket=row.newest_bucket,
        minutes_from=row.minutes_from,
        rolled_until=row.rolled_until,
        dirty=tuple(_dirty(item) for item in row.ranges),
        step=row.step or 0,
        published=row.step_kind in {None, StepKind.FOLD},
        loaded_at=row.loaded_at,
    )


def read_edges(connection: Connection, id_: int, as_of: datetime) -> Edges:
    """Where the buckets begin and end, as of a moment."""
    row = connection.execute(EDGES_SQL, {"id": id_, "minute": floor_minute(as_of)}).one()
    return Edges(
        now=row.now,
        history_from=row.history_from,
        newest=row.newest,
        future_rows=int(row.future_rows),
    )


def lock_row(connection: Connection, name: str) -> Locked:
    """Hold the pipeline's row for the rest of the transaction.

    What names the row from elsewhere (a tick, a failure, a message) need not wait for that.

    Raises:
        StateConflictError: It is gone, and with it what was read.
    """
    table = schema.pipeline.c
    columns = select(
        table.id, table.revision, table.rolled_until, table.minutes_from, table.definitions
    )
    held = columns.where(table.name == name).with_for_update(key_share=True)
    row = connection.execute(held).one_or_none()
    if row is None:
        raise StateConflictError("the pipeline's row is gone; reading again")
    return Locked(*row)


def save_state(
    connection: Connection, id_: int, state: PipelineState, *, waited: bool = True
) -> int:
    """Write the row on top of the revision that was read, and replace the dirty ranges.

    Args:
        connection: Holds the pipeline's row.
        id_: Of the pipeline.
        state: What to write; `revision` is the one that was read.
        waited: Whether there were dirty ranges at that revision.

    Raises:
        StateConflictError: The row has another revision by now.
    """
    table = schema.pipeline
    revision = connection.execute(
        update(table)
        .where(table.c.id == id_, table.c.revision == state.revision)
        .values(
            revision=table.c.revision + 1,
            position=state.position,
            definitions=dict(state.definitions),
            watermark=state.watermark,
            recent=[[c.watermark.isoformat(), c.at.isoformat()] for c in state.recent],
            as_of=state.as_of,
            guarantee=state.guarantee,
            minutes_from=state.minutes_from,
            rolled_until=state.rolled_until,
        )
        .returning(table.c.revision)
    ).scalar()
    if revision is None:
        raise StateConflictError("somebody else committed meanwhile; reading again")
    if waited:
        connection.execute(delete(schema.dirty).where(schema.dirty.c.pipeline_id == id_))
    _add_dirty(connection, id_, state.dirty)
    return int(revision)


def record_rewind(
    connection: Connection, id_: int, interval: Interval | None, since: datetime | None, why: str
) -> None:
    """Write down a rewind and queue its range.

    The bump of the revision makes a step that has already read the source throw away what it
    read: it may have read before whatever made the operator rewind.
    """
    note_rewind(connection, id_, interval, since, why)
    enqueue(connection, id_, [] if interval is None else [Dirty(interval, Cause.REWIND)])


def note_rewind(
    connection: Connection, id_: int, interval: Interval | None, since: datetime | None, why: str
) -> None:
    """Write down why a range is folded again."""
    ends = {"start": interval.start, "end": interval.end} if interval else {}
    connection.execute(insert(schema.rewind).values(pipeline_id=id_, since=since, why=why, **ends))


def enqueue(connection: Connection, id_: int, ranges: Sequence[Dirty]) -> None:
    """Queue ranges to be folded again, and bump the revision."""
    _add_dirty(connection, id_, ranges)
    table = schema.pipeline
    connection.execute(update(table).where(table.c.id == id_).values(revision=table.c.revision + 1))


def _add_dirty(connection: Connection, id_: int, ranges: Sequence[Dirty]) -> None:
    rows = [
        {
            "pipeline_id": id_,
            "start": item.interval.start,
            "end": item.interval.end,
            "cause": item.cause.value,
            "metrics": sorted(item.metrics),
        }
        for item in ranges
    ]
    if rows:
        connection.execute(insert(schema.dirty), rows)


def _dirty(row: dict[str, Any]) -> Dirty:
    start, end = (datetime.fromisoformat(row[key]) for key in ("start", "end"))
    return Dirty(Interval(start, end), Cause(row["cause"]), frozenset(row["metrics"]))
