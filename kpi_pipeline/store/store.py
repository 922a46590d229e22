"""The state database of one pipeline behind the `Store` port."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.correction import Correction, Lateness
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Dirty, PipelineState
from kpi_pipeline.store.audits import load_audit, save_audit
from kpi_pipeline.store.desk import PostgresDesk
from kpi_pipeline.store.engine import plain_errors, transaction
from kpi_pipeline.store.ledger import load_corrections, measure_lateness
from kpi_pipeline.store.pipelines import (
    enqueue,
    load_state,
    lock_row,
    pipeline_id,
    record_rewind,
)
from kpi_pipeline.store.purge import purge
from kpi_pipeline.store.records import PostgresRecords
from kpi_pipeline.store.snapshots import load_latest
from kpi_pipeline.store.steps import StepKind
from kpi_pipeline.store.unit import Links, PostgresUnit
from kpi_pipeline.store.watch import PostgresWatch

LOCK_SQL = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
UNLOCK_SQL = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")
BUSY_SQL = text("""
SELECT EXISTS (
  SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32) | objid::bigint = hashtextextended(:name, 0))
""")


class PostgresStore:
    """Opens a transaction for each call; keeps nothing but that its row exists."""

    def __init__(self, spec: PipelineSpec, engine: Engine) -> None:
        self.spec = spec
        self.engine = engine
        self.lock_name = f"kpi_pipeline/advance/{spec.name}"
        self.links: Links = ()
        self._registered = False

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        """Try to be the only one that folds; False if another process is at it.

        The lock belongs to a connection, so the database drops it however this process dies. It
        only saves work: what keeps the state right is the revision that each commit names.
        """
        with plain_errors():
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with plain_errors():
                alone = bool(connection.execute(LOCK_SQL, {"name": self.lock_name}).scalar())
            yield alone
            if alone:
                with plain_errors():
                    connection.execute(UNLOCK_SQL, {"name": self.lock_name})
        except BaseException:
            connection.invalidate()
            raise
        finally:
            connection.close()

    def busy(self) -> bool:
        """Whether some process folds right now."""
        with transaction(self.engine) as connection:
            return bool(connection.execute(BUSY_SQL, {"name": self.lock_name}).scalar())

    def load(self) -> PipelineState:
        """The pipeline's state; a blank one before the first commit."""
        with self._one_snapshot() as connection:
            return load_state(connection, self.spec.name)

    @contextmanager
    def begin(self, state: PipelineState) -> Iterator[PostgresUnit]:
        """Open a transaction on top of a state, and hold the pipeline's row.

        Raises:
            StateConflictError: Somebody else committed meanwhile.
        """
        with self._locked(state, StepKind.FOLD) as unit:
            yield unit

    @contextmanager
    def begin_history(self, state: PipelineState) -> Iterator[PostgresUnit]:
        """Open a transaction that replaces buckets beside the folds, and saves no state.

        Raises:
            StateConflictError: At `replace`, if somebody else replaced the same buckets.
        """
        with self._locked(state, StepKind.HISTORY) as unit:
            yield unit

    @contextmanager
    def read(self) -> Iterator[PostgresUnit]:
        """Open a transaction that is rolled back: for looking only."""
        with self._one_snapshot() as connection:
            yield self._unit(connection, pipeline_id(connection, self.spec.name))
            connection.rollback()

    @contextmanager
    def watch(self) -> Iterator[PostgresWatch]:
        """The same, with what a dashboard shows besides."""
        with self._one_snapshot() as connection:
            yield PostgresWatch(connection, self.spec, pipeline_id(connection, self.spec.name))
            connection.rollback()

    def rewind(self, interval: Interval | None, since: datetime | None, why: str) -> None:
        """Record a rewind and queue its range, if there is one, to be folded again."""
        with transaction(self.engine) as connection:
            id_ = pipeline_id(connection, self.spec.name)
            record_rewind(connection, id_, interval, since, why)

    def enqueue(self, ranges: Sequence[Dirty]) -> None:
        """Queue ranges to be folded again."""
        with transaction(self.engine) as connection:
            enqueue(connection, pipeline_id(connection, self.spec.name), ranges)

    def purge(self, most: int) -> int:
        """Drop up to so many rows of metrics that were removed or changed long ago."""
        with transaction(self.engine) as connection:
            return purge(connection, pipeline_id(connection, self.spec.name), most)

    def save_audit(self, audit: Audit) -> None:
        """Write an audit down."""
        with transaction(self.engine) as connection:
            save_audit(connection, pipeline_id(connection, self.spec.name), audit)

    def audit(self, *, all_history: bool = False) -> Audit | None:
        """The newest audit; or the newest of all history, complete or not."""
        with transaction(self.engine) as connection:
            id_ = pipeline_id(connection, self.spec.name)
            return load_audit(connection, id_, all_history=all_history)

    def corrections(self, since: datetime, most: int) -> tuple[int, tuple[Correction, ...]]:
        """How many corrections there are since a moment, and the newest of them."""
        with transaction(self.engine) as connection:
            id_ = pipeline_id(connection, self.spec.name)
            return load_corrections(connection, id_, since, most)

    def lateness(self, since: datetime, metric: str) -> Lateness:
        """How late rows dated since a moment came, by a metric that counts every row.

        Only where minutes are kept: a day does not tell how late in it a row was.
        """
        with transaction(self.engine) as connection:
            id_ = pipeline_id(connection, self.spec.name)
            definition = self.spec.definitions[metric]
            kept = load_state(connection, self.spec.name).minutes_from
            start = since if kept is None else max(since, kept)
            return measure_lateness(connection, id_, start, metric, definition)

    def latest(self) -> Published | None:
        """What the last commit published; None before the first."""
        with transaction(self.engine) as connection:
            return load_latest(connection, pipeline_id(connection, self.spec.name))

    def desk(self) -> PostgresDesk:
        """The alerts, for people."""
        return PostgresDesk(self.engine, self.spec.name)

    def records(self) -> PostgresRecords:
        """What was written down, for people."""
        return PostgresRecords(self.engine, self.spec.name)

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        self.engine.dispose()

    @contextmanager
    def _locked(self, state: PipelineState, kind: StepKind) -> Iterator[PostgresUnit]:
        with transaction(self.engine) as connection:
            row = lock_row(connection, self.spec.name)
            unit = self._unit(connection, row.id)
            unit.build_on(state, row, kind)
            yield unit

    def _unit(self, connection: Connection, id_: int) -> PostgresUnit:
        return PostgresUnit(connection, self.spec, id_, links=self.links)

    @contextmanager
    def _one_snapshot(self) -> Iterator[Connection]:
        """State and its dirty ranges must be read together, or a range could be missed."""
        self._register()
        with plain_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin() as running:
                yield connection
                if running.is_active:
                    running.commit()

    def _register(self) -> None:
        """Make the pipeline's row, in a transaction that sees what others commit meanwhile.

        In one snapshot two first uses at once would be a serialization failure.
        """
        if not self._registered:
            with transaction(self.engine) as connection:
                pipeline_id(connection, self.spec.name)
            self._registered = True
