"""The outbox: claim, send elsewhere, settle. Each is a transaction of its own."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Engine

from kpi_pipeline.model.outbox import Delivery, Entry, OutboxState, Queued, Resent
from kpi_pipeline.ports.delivery import NO_PACES
from kpi_pipeline.store.engine import transaction
from kpi_pipeline.store.outbox_claim import DUE_SQL, SOONEST_SQL, claim
from kpi_pipeline.store.outbox_entries import entries, resend
from kpi_pipeline.store.outbox_settle import settle
from kpi_pipeline.store.pipelines import pipeline_id


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

    def soonest(self, lease: timedelta) -> timedelta | None:
        """How long until one can be tried, at most zero if now; None if none waits."""
        with transaction(self.engine) as connection:
            wanted = {"name": self.name, "lease": lease}
            left: timedelta | None = connection.execute(SOONEST_SQL, wanted).scalar_one()
        return left

    def claim(self, lease: timedelta, paces: Mapping[str, float] = NO_PACES) -> Queued | None:
        """Take the next due message; a claim older than the lease is up for another."""
        with transaction(self.engine) as connection:
            return claim(connection, self.name, lease, paces)

    def settle(self, queued: Queued, delivery: Delivery) -> None:
        """Write down how the attempt ended, unless another relay has taken the message over."""
        with transaction(self.engine) as connection:
            settle(connection, queued, delivery)

    def entries(self, since: timedelta, states: Collection[OutboxState] = ()) -> Sequence[Entry]:
        """Messages decided within so long, oldest first; of these states, or of all if none."""
        with transaction(self.engine) as connection:
            return entries(connection, pipeline_id(connection, self.name), since, states)

    def resend(self, ids: Collection[int] = ()) -> Resent:
        """Queue messages again; all that were given up if none is named."""
        with transaction(self.engine) as connection:
            return resend(connection, pipeline_id(connection, self.name), ids)
