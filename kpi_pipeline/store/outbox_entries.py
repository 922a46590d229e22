"""The outbox as people see it: what was sent, what was not, and sending it again."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, exists, func, select, update

from kpi_pipeline.compute.course import OVERTAKEN, OVERTAKING
from kpi_pipeline.model.notice import NoticeKind
from kpi_pipeline.model.outbox import Entry, OutboxState, Resent
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import load_notice


def entries(
    connection: Connection, id_: int, since: timedelta, states: Collection[OutboxState]
) -> Sequence[Entry]:
    """Messages decided within so long, oldest first; of these states, or of all if none.

    Of kinds that this release knows; see `outbox_claim`.
    """
    table = schema.outbox
    recent = table.c.created_at >= func.clock_timestamp() - since
    known = table.c.notice["kind"].astext.in_([kind.value for kind in NoticeKind])
    query = select(table).where(table.c.pipeline_id == id_, recent, known).order_by(table.c.id)
    if states:
        query = query.where(table.c.state.in_([state.value for state in states]))
    return [_entry(row) for row in connection.execute(query)]


def resend(connection: Connection, id_: int, ids: Collection[int]) -> Resent:
    """Queue messages again; all that were given up if none is named.

    One that is being sent at this moment is left alone: it may not have failed. So is one that a
    later message of its episode has overtaken; if it was given up, it is superseded now.
    """
    table = schema.outbox
    wanted = table.c.id.in_(ids) if ids else table.c.state == OutboxState.DEAD.value
    free = table.c.state != OutboxState.SENDING.value
    query = select(table.c.id, table.c.state, _overtaken(table).label("overtaken"))
    mine = query.where(table.c.pipeline_id == id_, wanted, free).order_by(table.c.id)
    rows = connection.execute(mine.with_for_update()).all()
    again = {"state": OutboxState.PENDING.value, "next_at": func.clock_timestamp(), "error": None}
    left = {"state": OutboxState.SUPERSEDED.value, "error": OVERTAKEN}
    queued = tuple(row.id for row in rows if not row.overtaken)
    dead = [row.id for row in rows if row.overtaken and row.state == OutboxState.DEAD.value]
    connection.execute(update(table).where(table.c.id.in_(queued)).values(**again))
    connection.execute(update(table).where(table.c.id.in_(dead)).values(**left))
    return Resent(queued=queued, overtaken=tuple(row.id for row in rows if row.overtaken))


def _overtaken(table: Table) -> ColumnElement[bool]:
    """Whether a later message of the episode was sent over the same channel."""
    later = table.alias()
    return exists().where(
        later.c.pipeline_id == table.c.pipeline_id,
        later.c.channel == table.c.channel,
        later.c.notice["episode_key"].astext == table.c.notice["episode_key"].astext,
        later.c.id > table.c.id,
        later.c.state == OutboxState.SENT.value,
        later.c.notice["kind"].astext.in_([kind.value for kind in OVERTAKING]),
    )


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
