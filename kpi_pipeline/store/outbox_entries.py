"""The outbox as people see it: what was sent, what was not, and sending it again."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from kpi_pipeline.model.outbox import Entry, OutboxState
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import load_notice


def entries(
    connection: Connection, id_: int, since: timedelta, states: Collection[OutboxState]
) -> Sequence[Entry]:
    """Messages decided within so long, oldest first; of these states, or of all if none."""
    table = schema.outbox
    recent = table.c.created_at >= func.clock_timestamp() - since
    query = select(table).where(table.c.pipeline_id == id_, recent).order_by(table.c.id)
    if states:
        query = query.where(table.c.state.in_([state.value for state in states]))
    return [_entry(row) for row in connection.execute(query)]


def resend(connection: Connection, id_: int, ids: Collection[int]) -> tuple[int, ...]:
    """Queue messages again; all that were given up if none is named.

    One that is being sent at this moment is left alone: it may not have failed.
    """
    table = schema.outbox
    wanted = table.c.id.in_(ids) if ids else table.c.state == OutboxState.DEAD.value
    free = table.c.state != OutboxState.SENDING.value
    again = {"state": OutboxState.PENDING.value, "next_at": func.clock_timestamp(), "error": None}
    statement = update(table).where(table.c.pipeline_id == id_, wanted, free).values(**again)
    return tuple(sorted(connection.execute(statement.returning(table.c.id)).scalars()))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        channel=row.channel,
        notice=load_notice(row.notice),
        state=OutboxState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error or "",
        stands_for=row.stands_for or "",
    )
