"""The outbox: claim, send elsewhere, settle. Each is a transaction of its own."""

from datetime import timedelta

from sqlalchemy import Engine, bindparam, func, text, update
from sqlalchemy.dialects.postgresql import INTERVAL

from kpi_pipeline.model.outbox import Delivery, OutboxState, Queued
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import load_notice
from kpi_pipeline.store.engine import transaction

# Messages of one alert leave in the order in which they were decided: a row waits while an older
# one of its episode is still on its way over the same channel.
DUE = """
FROM kpi.outbox AS o
WHERE o.pipeline_id = (SELECT id FROM kpi.pipeline WHERE name = :name) AND (
  (o.state = 'pending' AND o.next_at <= clock_timestamp())
  OR (o.state = 'sending' AND o.claimed_at < clock_timestamp() - CAST(:lease AS interval))
) AND NOT EXISTS (
  SELECT FROM kpi.outbox AS older
  WHERE older.pipeline_id = o.pipeline_id AND older.channel = o.channel AND older.id < o.id
    AND older.state IN ('pending', 'sending')
    AND older.notice ->> 'episode_key' = o.notice ->> 'episode_key')
"""
LEASE = bindparam("lease", type_=INTERVAL)
DUE_SQL = text(f"SELECT count(*) {DUE}").bindparams(LEASE)
CLAIM_SQL = text(f"""
UPDATE kpi.outbox SET state = 'sending', claimed_at = clock_timestamp(), attempts = attempts + 1,
       ambiguous = ambiguous OR state = 'sending'
WHERE id = (SELECT o.id {DUE} ORDER BY o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED)
RETURNING id, channel, notice, attempts, ambiguous
""").bindparams(LEASE)  # noqa: S608 - constants


class PostgresOutbox:
    """The messages of one pipeline in the state database."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    def due(self, lease: timedelta) -> int:
        """How many messages could be tried now."""
        with transaction(self.engine) as connection:
            wanted = {"name": self.name, "lease": lease}
            return int(connection.execute(DUE_SQL, wanted).scalar_one())

    def claim(self, lease: timedelta) -> Queued | None:
        """Take the next due message; a claim older than the lease is up for another."""
        with transaction(self.engine) as connection:
            wanted = {"name": self.name, "lease": lease}
            row = connection.execute(CLAIM_SQL, wanted).one_or_none()
        if row is None:
            return None
        return Queued(
            id=row.id,
            channel=row.channel,
            notice=load_notice(row.notice),
            attempts=row.attempts,
            ambiguous=row.ambiguous,
        )

    def settle(self, queued: Queued, delivery: Delivery) -> None:
        """Write down how the attempt ended, unless another relay has taken the message over."""
        table = schema.outbox
        now = func.clock_timestamp()
        waits = delivery.state is OutboxState.PENDING
        values = {
            "state": delivery.state.value,
            # The peer may have taken it and then dropped the line; ask before sending again.
            "ambiguous": waits,
            "next_at": now + delivery.wait,
            "sent_at": now if delivery.state is OutboxState.SENT else None,
            "reference": delivery.reference or None,
            "error": delivery.error or None,
        }
        mine = (table.c.id == queued.id, table.c.attempts == queued.attempts)
        with transaction(self.engine) as connection:
            connection.execute(update(table).where(*mine).values(**values))
