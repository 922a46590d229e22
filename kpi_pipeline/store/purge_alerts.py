"""Purge: what alerts did long ago goes away, a bounded number of rows at a time.

Nothing of an episode that is still open: its root message is answered and changed at its end, and
people want to see how it began.
"""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.dialects.postgresql import INTERVAL

from kpi_pipeline.compute.messages import episode_key
from kpi_pipeline.model.episode import Phase
from kpi_pipeline.model.pulse import RULE
from kpi_pipeline.store import schema

KEPT = timedelta(days=90)
"""As the ledger."""
KEPT_FOR = bindparam("kept", KEPT, type_=INTERVAL)

# The oldest row tells, in most runs, that there is nothing to do.
DUE_SQL = text("""
SELECT created_at < now() - :kept FROM kpi.outbox WHERE pipeline_id = :id ORDER BY id LIMIT 1
""").bindparams(KEPT_FOR)
# Ids grow with time, so the first row that is young ends the search without an index on it.
MESSAGES_SQL = text("""
DELETE FROM kpi.outbox WHERE id = ANY(ARRAY(
  SELECT o.id FROM kpi.outbox o
  WHERE o.pipeline_id = :id AND o.state IN ('sent', 'superseded', 'dead')
    AND o.created_at < now() - :kept AND o.id < coalesce((
      SELECT young.id FROM kpi.outbox young
      WHERE young.pipeline_id = :id AND young.created_at >= now() - :kept
      ORDER BY young.id LIMIT 1), 9223372036854775807)
    AND o.notice ->> 'episode_key' <> ALL(CAST(:open AS text[]))
    AND NOT EXISTS (
      SELECT FROM kpi.outbox waits
      WHERE waits.pipeline_id = :id AND waits.state IN ('pending', 'sending')
        AND waits.notice ->> 'episode_key' = o.notice ->> 'episode_key')
  ORDER BY o.id LIMIT :most))
""").bindparams(KEPT_FOR)
TRANSITIONS_SQL = text("""
DELETE FROM kpi.transition WHERE id = ANY(ARRAY(
  SELECT t.id FROM kpi.transition t
  WHERE t.pipeline_id = :id AND t.at < now() - :kept
    AND NOT EXISTS (
      SELECT FROM kpi.episode e
      WHERE e.pipeline_id = :id AND e.rule = t.rule AND e.dims = t.dims AND e.phase <> 'ok'
        AND t.at >= e.since)
    AND NOT EXISTS (
      SELECT FROM kpi.pulse p
      WHERE p.pipeline_id = :id AND t.rule = :failure AND t.at >= p.failing_since)
  ORDER BY t.at LIMIT :most))
""").bindparams(KEPT_FOR)


def purge_alerts(connection: Connection, id_: int, name: str, most: int) -> int:
    """Drop up to so many old messages and log lines of episodes that ended; return how many.

    Args:
        connection: In a transaction.
        id_: Of the pipeline.
        name: Of the pipeline, as its messages call it.
        most: How many rows.
    """
    gone = 0
    if connection.execute(DUE_SQL, {"id": id_}).scalar():
        wanted = {"id": id_, "open": _open_keys(connection, id_, name), "most": most}
        gone = connection.execute(MESSAGES_SQL, wanted).rowcount
    wanted = {"id": id_, "failure": RULE, "most": most - gone}
    return gone + connection.execute(TRANSITIONS_SQL, wanted).rowcount


def _open_keys(connection: Connection, id_: int, name: str) -> list[str]:
    """What messages call the episodes that are open."""
    table, pulse = schema.episode.c, schema.pulse.c
    query = select(table.rule, table.dims, table.number)
    firing = query.where(table.pipeline_id == id_, table.phase == Phase.FIRING.value)
    fails = select(pulse.number).where(pulse.pipeline_id == id_, pulse.fired_at.is_not(None))
    keys = [episode_key(name, r.rule, tuple(r.dims), r.number) for r in connection.execute(firing)]
    return keys + [episode_key(name, RULE, (), number) for (number,) in connection.execute(fails)]
