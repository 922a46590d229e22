"""How an attempt ended, and what is told elsewhere because of it."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.dialects.postgresql import insert as upsert

from kpi_pipeline.compute.course import UNREACHED, handed_over
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import WAITING, Delivery, OutboxState, Queued
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import dump_notice, load_notice

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
    if _stands_in(connection, queued.notice.key, queued.channel, delivery.instead):
        return
    refusal = f"{queued.channel}: {delivery.error}"
    told = handed_over(queued.notice, refusal)
    for channel in delivery.instead:
        is_new = _queue(connection, pipeline, queued, told, channel)
        if is_new or _adds(connection, queued.notice.key, channel, refusal):
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
    """Queue each of them for the first channel that has not had it; once, however often we come."""
    why = f"{queued.channel}: {delivery.error}" if delivery.error else ""
    for item in delivery.meanwhile:
        notice = waiting.get(item.id)
        if notice is None or _stands_in(connection, notice.key, queued.channel, item.channels):
            continue
        told = handed_over(notice, why, UNREACHED) if why else notice
        for channel in item.channels:
            if _queue(connection, pipeline, queued, told, channel):
                break


def _stands_in(connection: Connection, key: str, channel: str, others: Collection[str]) -> bool:
    """Whether one of some channels was told a notice in the place of another."""
    table = schema.outbox.c
    ours = (table.key == key, table.stands_for == channel, table.channel.in_(others))
    found = connection.execute(select(table.id).where(*ours).limit(1)).one_or_none()
    return found is not None


def _queue(
    connection: Connection, pipeline: int, queued: Queued, told: Notice, channel: str
) -> bool:
    """Queue a notice for a channel in another's place; False if it has, or had, that notice."""
    table = schema.outbox
    row = {"pipeline_id": pipeline, "key": told.key, "channel": channel}
    body = {"notice": dump_notice(told), "state": OutboxState.PENDING.value}
    fresh = upsert(table).values(**row, **body, stands_for=queued.channel)
    added = fresh.on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(added).scalar() is not None


def _adds(connection: Connection, key: str, channel: str, refusal: str) -> bool:
    """Whether the channel's own message was not tried yet; then it tells of the refusal too."""
    table = schema.outbox
    untried = (table.c.state == OutboxState.PENDING.value, table.c.attempts == 0)
    own = select(table).where(table.c.key == key, table.c.channel == channel, *untried)
    found = connection.execute(own.with_for_update()).one_or_none()
    if found is None:
        return False
    told = dump_notice(handed_over(load_notice(found.notice), refusal))
    connection.execute(update(table).where(table.c.id == found.id).values(notice=told))
    return True
