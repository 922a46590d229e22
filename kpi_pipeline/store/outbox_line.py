"""What stands around a message: the others of its episode, and what waits behind it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.outbox import WAITING, OutboxState, Queued, Sibling
from kpi_pipeline.store.codec import load_notice

# Another process may be of a newer release: a kind that only that one knows is left to it.
KNOWN = bindparam("kinds", [kind.value for kind in NoticeKind], type_=ARRAY(TEXT))
NEWS = bindparam("news", ["fire", "escalate", "resolve"], type_=ARRAY(TEXT))
AROUND = """o.id, o.pipeline_id, o.channel, o.notice, o.attempts, o.ambiguous, o.created_at,
  clock_timestamp() - o.created_at AS waited, o.state, o.reference, o.stands_for,
  o.notice ->> 'episode_key' AS episode
FROM kpi.outbox AS o
WHERE o.pipeline_id = :pipeline AND (o.channel = :channel OR o.stands_for = :channel)
  AND o.notice ->> 'kind' = ANY(:kinds) AND o.notice ->> 'episode_key'
"""
UNTOLD = """SELECT waits.notice ->> 'episode_key' FROM kpi.outbox AS waits
WHERE waits.pipeline_id = :pipeline AND waits.channel = :channel AND waits.state = 'pending'
  AND waits.notice ->> 'kind' = ANY(:news) AND waits.notice ->> 'episode_key' <> :episode
  AND NOT EXISTS (
    SELECT FROM kpi.outbox AS told
    WHERE told.pipeline_id = :pipeline AND told.key = waits.key AND told.stands_for = :channel)
"""
SIBLINGS_SQL = text(f"SELECT {AROUND} = :episode AND o.id <> :id ORDER BY o.id").bindparams(KNOWN)
BEHIND_SQL = text(f"SELECT {AROUND} = ANY(ARRAY({UNTOLD})) ORDER BY episode, o.id").bindparams(
    KNOWN, NEWS
)


def with_siblings(connection: Connection, taken: Row[Any]) -> Queued:
    """A message that was taken, with the others of its episode."""
    return _queued(taken, connection.execute(SIBLINGS_SQL, _wanted(taken)).all())


def behind(connection: Connection, taken: Row[Any]) -> tuple[Queued, ...]:
    """The first of each other episode that waits for the channel with untold news."""
    rows = connection.execute(BEHIND_SQL, _wanted(taken)).all()
    lines = (list(line) for _, line in groupby(rows, key=lambda row: row.episode))
    heads = ((_head(line, taken.channel), line) for line in lines)
    return tuple(
        _queued(head, [row for row in line if row.id != head.id])
        for head, line in heads
        if head.state == OutboxState.PENDING  # another relay has one that is being sent in hand
    )


def _wanted(taken: Row[Any]) -> dict[str, Any]:
    episode = taken.notice["episode_key"]
    wanted = {"pipeline": taken.pipeline_id, "channel": taken.channel}
    return wanted | {"episode": episode, "id": taken.id}


def _head(line: Sequence[Row[Any]], channel: str) -> Row[Any]:
    return next(row for row in line if row.channel == channel and row.state in WAITING)


def _queued(row: Row[Any], related: Sequence[Row[Any]]) -> Queued:
    siblings = tuple(_sibling(item) for item in related if item.channel == row.channel)
    others = (item.channel for item in related if item.stands_for == row.channel)
    return Queued(
        id=row.id,
        channel=row.channel,
        notice=load_notice(row.notice),
        attempts=row.attempts,
        ambiguous=row.ambiguous,
        root=_root(siblings),
        at=row.created_at,
        siblings=siblings,
        stand_ins=tuple(dict.fromkeys(others)),
        waited=row.waited,
    )


def _sibling(row: Row[Any]) -> Sibling:
    return Sibling(
        id=row.id,
        kind=NoticeKind(row.notice["kind"]),
        state=OutboxState(row.state),
        at=row.created_at,
        level=Level(row.notice["level"]),
        reference=row.reference or "",
    )


def _root(siblings: tuple[Sibling, ...]) -> str:
    sent = (item.reference for item in siblings if item.state is OutboxState.SENT)
    return next((reference for reference in sent if reference), "")
