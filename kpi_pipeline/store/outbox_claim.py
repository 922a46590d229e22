"""Which message is next, and taking it so that no other relay does."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, TEXT

from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.outbox import OutboxState, Queued, Sibling
from kpi_pipeline.store.codec import load_notice

# Another process may be of a newer release: a kind that only that one knows is left to it.
KNOWN = bindparam("kinds", [kind.value for kind in NoticeKind], type_=ARRAY(TEXT))
# Messages of one alert leave in the order in which they were decided: a row waits while an older
# one of its episode is still on its way over the same channel.
HEADS = """
FROM kpi.outbox AS o LEFT JOIN kpi.channel AS c ON c.name = o.channel
WHERE o.pipeline_id = (SELECT id FROM kpi.pipeline WHERE name = :name)
  AND o.state IN ('pending', 'sending') AND o.notice ->> 'kind' = ANY(:kinds) AND o.id = (
  SELECT older.id FROM kpi.outbox AS older
  WHERE older.pipeline_id = o.pipeline_id AND older.channel = o.channel
    AND older.state IN ('pending', 'sending')
    AND older.notice ->> 'episode_key' = o.notice ->> 'episode_key'
  ORDER BY older.pipeline_id, older.channel, older.notice ->> 'episode_key', older.id LIMIT 1)
"""
READY_AT = """greatest(
  CASE o.state WHEN 'pending' THEN o.next_at ELSE o.claimed_at + CAST(:lease AS interval) END,
  c.open_at)"""
LEASE = bindparam("lease", type_=INTERVAL)
DUE = f"{HEADS} AND {READY_AT} <= clock_timestamp()"
DUE_SQL = text(f"SELECT count(*) {DUE}").bindparams(LEASE, KNOWN)
SOONEST_SQL = text(f"SELECT min({READY_AT}) - clock_timestamp() {HEADS}").bindparams(LEASE, KNOWN)
NEXT_SQL = text(
    f"SELECT o.id, o.channel {DUE} ORDER BY o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED"
).bindparams(LEASE, KNOWN)
# Two relays may have chosen messages of one channel at once: whoever comes second sees the first.
PACE_SQL = text("""
INSERT INTO kpi.channel AS c (name, open_at)
VALUES (:channel, clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (name) DO UPDATE SET open_at = clock_timestamp() + make_interval(secs => :seconds)
WHERE c.open_at <= clock_timestamp() RETURNING c.name
""")
TAKE_SQL = text("""
UPDATE kpi.outbox SET state = 'sending', claimed_at = clock_timestamp(), attempts = attempts + 1,
       ambiguous = ambiguous OR state = 'sending'
WHERE id = :id RETURNING id, pipeline_id, channel, notice, attempts, ambiguous, created_at,
          clock_timestamp() - created_at AS waited
""")
SIBLINGS_SQL = text("""
SELECT id, channel, notice ->> 'kind' AS kind, notice ->> 'level' AS level, state, created_at,
       reference, stands_for
FROM kpi.outbox
WHERE pipeline_id = :pipeline AND notice ->> 'episode_key' = :episode AND id <> :id
  AND (channel = :channel OR stands_for = :channel) AND notice ->> 'kind' = ANY(:kinds)
ORDER BY id
""").bindparams(KNOWN)


def claim(
    connection: Connection, name: str, lease: timedelta, paces: Mapping[str, float]
) -> Queued | None:
    """Take the next due message of a pipeline, in a transaction that does nothing else."""
    id_ = _next(connection, name, lease, paces)
    if id_ is None:
        return None
    taken = connection.execute(TAKE_SQL, {"id": id_}).one()
    notice = load_notice(taken.notice)
    wanted = {"pipeline": taken.pipeline_id, "episode": notice.episode_key, "id": taken.id}
    related = connection.execute(SIBLINGS_SQL, wanted | {"channel": taken.channel}).all()
    siblings = tuple(_sibling(item) for item in related if item.channel == taken.channel)
    others = (item.channel for item in related if item.stands_for == taken.channel)
    return Queued(
        id=taken.id,
        channel=taken.channel,
        notice=notice,
        attempts=taken.attempts,
        ambiguous=taken.ambiguous,
        root=_root(siblings),
        at=taken.created_at,
        siblings=siblings,
        stand_ins=tuple(dict.fromkeys(others)),
        waited=taken.waited,
    )


def _next(
    connection: Connection, name: str, lease: timedelta, paces: Mapping[str, float]
) -> int | None:
    """The oldest message whose channel is open to it, held; None if there is none."""
    while True:
        row = connection.execute(NEXT_SQL, {"name": name, "lease": lease}).one_or_none()
        if row is None:
            return None
        if _opened(connection, row.channel, paces.get(row.channel, 0.0)):
            return int(row.id)


def _opened(connection: Connection, channel: str, seconds: float) -> bool:
    """Whether the channel takes a message now; it is closed to the next for its pace."""
    if not seconds:
        return True
    wanted = {"channel": channel, "seconds": seconds}
    return connection.execute(PACE_SQL, wanted).one_or_none() is not None


def _sibling(row: Row[Any]) -> Sibling:
    return Sibling(
        id=row.id,
        kind=NoticeKind(row.kind),
        state=OutboxState(row.state),
        at=row.created_at,
        level=Level(row.level),
        reference=row.reference or "",
    )


def _root(siblings: tuple[Sibling, ...]) -> str:
    sent = (item.reference for item in siblings if item.state is OutboxState.SENT)
    return next((reference for reference in sent if reference), "")
