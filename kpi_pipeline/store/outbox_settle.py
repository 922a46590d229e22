"""How an attempt ended, and what is told elsewhere because of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import INTERVAL

from kpi_pipeline.compute.course import UNREACHED, handed_over
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import WAITING, Delivery, OutboxState, Queued
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import dump_notice, load_notice
from kpi_pipeline.store.outbox_stand_in import adds, queue_instead, standing_in

# As in a claim, a moment hours from now is of a clock that ran ahead.
CLOSE_SQL = text("""
INSERT INTO kpi.channel AS c (name, open_at) VALUES (:channel, clock_timestamp() + :closed)
ON CONFLICT (name) DO UPDATE SET open_at = greatest(
  CASE WHEN c.open_at < clock_timestamp() + interval '2 hours' THEN c.open_at END, excluded.open_at)
""").bindparams(bindparam("closed", type_=INTERVAL))


def settle(connection: Connection, queued: Queued, delivery: Delivery) -> None:
    """Write down how an attempt ended, unless another relay has taken the message over."""
    waiting = _waiting(connection, queued, delivery)
    pipeline = _write(connection, queued, delivery)
    if pipeline is not None:
        _tell_meanwhile(connection, pipeline, queued, delivery, waiting)
    if pipeline is not None and delivery.instead:
        _tell_another(connection, pipeline, queued, delivery)
    # The channel comes last, as in a claim: two transactions must not wait for each other.
    if delivery.closed > timedelta(0):
        connection.execute(CLOSE_SQL, {"channel": queued.channel, "closed": delivery.closed})


def _write(connection: Connection, queued: Queued, delivery: Delivery) -> int | None:
    table, now = schema.outbox, func.clock_timestamp()
    waits, sent = (delivery.state is state for state in (OutboxState.PENDING, OutboxState.SENT))
    values: dict[str, Any] = {
        "state": delivery.state.value,
        # The peer may have taken it and then dropped the line; ask before sending again.
        "ambiguous": waits,
        "next_at": now + delivery.wait,
        "sent_at": now if sent else None,
        "reference": delivery.reference or None,
        "error": delivery.error or None,
    }
    if sent:
        values["notice"] = dump_notice(queued.notice)  # a late one says more than was decided
    mine = (table.c.id == queued.id, table.c.attempts == queued.attempts)
    changed = update(table).where(*mine).values(**values).returning(table.c.pipeline_id)
    return connection.execute(changed).scalar()


def _tell_another(
    connection: Connection, pipeline: int, queued: Queued, delivery: Delivery
) -> None:
    """Queue the notice for the first channel that has not had it, or add to one that waits.

    So no channel gets a notice twice, and the refusal is seen wherever it still can be. Whoever
    was told while this channel was down stands in already.
    """
    key = queued.notice.key
    if not standing_in(connection, [key], queued.channel)[key].isdisjoint(delivery.instead):
        return
    refusal = f"{queued.channel}: {delivery.error}"
    told = handed_over(queued.notice, refusal)
    for channel in delivery.instead:
        is_new = queue_instead(connection, pipeline, queued, [(told, channel)])
        if is_new or adds(connection, key, channel, refusal):
            return


def _waiting(connection: Connection, queued: Queued, delivery: Delivery) -> dict[int, Notice]:
    """What is told elsewhere, as it was decided: a notice that is sent late says more.

    All of it is held, our own message too and in the order of ids, because another relay may be
    about to tell of the same.
    """
    ids, table = {item.id for item in delivery.meanwhile}, schema.outbox.c
    if not ids:
        return {}
    waits = (table.id.in_(ids | {queued.id}), table.state.in_(WAITING))
    query = select(table.id, table.notice).where(*waits).order_by(table.id).with_for_update()
    return {row.id: load_notice(row.notice) for row in connection.execute(query)}


def _tell_meanwhile(
    connection: Connection,
    pipeline: int,
    queued: Queued,
    delivery: Delivery,
    waiting: Mapping[int, Notice],
) -> None:
    """Queue each of them for the first channel that has not had it; once, however often we come.

    In as many statements as there are channels: a line may be of thousands.
    """
    why = f"{queued.channel}: {delivery.error}" if delivery.error else ""
    before = standing_in(connection, [item.key for item in waiting.values()], queued.channel)
    left = [
        (handed_over(notice, why, UNREACHED) if why else notice, item.channels)
        for item in delivery.meanwhile
        if (notice := waiting.get(item.id)) and before[notice.key].isdisjoint(item.channels)
    ]
    while left := [(told, channels) for told, channels in left if channels]:
        first = [(told, channels[0]) for told, channels in left]
        added = queue_instead(connection, pipeline, queued, first)
        left = [
            (told, channels[1:]) for told, channels in left if (told.key, channels[0]) not in added
        ]
