"""Which message is next, and taking it so that no other relay does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from kpi_pipeline.model.outbox import Queued
from kpi_pipeline.store.outbox_line import KNOWN, behind, with_siblings

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
# Nobody waits for more than an hour: a later moment is of a clock that once ran ahead, and must not
# hold a message back until it is that late.
SANE = "CASE WHEN {0} < clock_timestamp() + interval '2 hours' THEN {0} END"
READY_AT = f"""greatest(
  CASE o.state WHEN 'pending' THEN {SANE.format("o.next_at")}
    ELSE {SANE.format("o.claimed_at + CAST(:lease AS interval)")} END,
  {SANE.format("c.open_at")}, 'epoch')"""
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
WHERE c.open_at <= clock_timestamp() OR c.open_at > clock_timestamp() + interval '2 hours'
RETURNING c.name
""")
TAKE_SQL = text("""
UPDATE kpi.outbox SET state = 'sending', claimed_at = clock_timestamp(), attempts = attempts + 1,
       ambiguous = ambiguous OR state = 'sending'
WHERE id = :id RETURNING id, pipeline_id, channel, notice, attempts, ambiguous, created_at,
          clock_timestamp() - created_at AS waited
""")


def claim(
    connection: Connection, name: str, lease: timedelta, paces: Mapping[str, float]
) -> Queued | None:
    """Take the next due message of a pipeline, in a transaction that does nothing else."""
    id_ = _next(connection, name, lease, paces)
    if id_ is None:
        return None
    taken = connection.execute(TAKE_SQL, {"id": id_}).one()
    queued = with_siblings(connection, taken)
    # One that was tried before may show that the channel is down, for whatever waits behind it.
    return replace(queued, behind=behind(connection, taken)) if taken.attempts > 1 else queued


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
