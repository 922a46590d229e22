"""One transaction that only looks, with what a dashboard shows beside a snapshot."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Verdict
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.store import schema
from kpi_pipeline.store.audits import load_audit
from kpi_pipeline.store.pulse import load_open, read_life
from kpi_pipeline.store.snapshots import load_last_verdicts
from kpi_pipeline.store.ticks import last_look
from kpi_pipeline.store.unit import PostgresUnit

SERIES = schema.series.c


class PostgresWatch(PostgresUnit):
    """See the `Watch` port."""

    def looked(self) -> datetime | None:
        """As-of of the newest tick after which the state was whole; None if none is kept."""
        return last_look(self.connection, self.id)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Of the last commit."""
        return load_last_verdicts(self.connection, self.id)

    def audit(self) -> Audit | None:
        """The newest."""
        return load_audit(self.connection, self.id)

    def life(self) -> Life:
        """The last signs of life."""
        return read_life(self.connection, self.spec.name)

    def open_episodes(self) -> tuple[Episode, ...]:
        """Where every alert stands that is not all right, failing ticks and runs too."""
        return load_open(self.connection, self.id)

    def groups(self, metrics: Collection[str]) -> frozenset[Dims]:
        """Every group that some of these simple metrics ever had, by their present definitions."""
        signs = [self.spec.definitions[name] for name in metrics]
        query = select(SERIES.dims).where(
            SERIES.pipeline_id == self.id,
            SERIES.metric.in_(metrics),
            SERIES.definition.in_(signs),
        )
        return frozenset(tuple(dims) for dims in self.connection.execute(query).scalars())
