"""The unit of work: one transaction of one pipeline."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from kpi_pipeline.compute.difference import Difference
from kpi_pipeline.compute.frames import Asked, Totals
from kpi_pipeline.compute.judgement import Episodes, Judgement
from kpi_pipeline.compute.past import Series
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.sliding import Bucket
from kpi_pipeline.model.batch import Batch, Dims, Grain, Slice
from kpi_pipeline.model.correction import Correction
from kpi_pipeline.model.errors import StateConflictError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Edges, PipelineState
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.store.alerts import load_episodes, record_judgement, save_episodes
from kpi_pipeline.store.buckets import Buckets
from kpi_pipeline.store.comparison import compare
from kpi_pipeline.store.dictionary import Dictionary
from kpi_pipeline.store.ledger import record_corrections
from kpi_pipeline.store.mutes import load_surroundings
from kpi_pipeline.store.past import read_past
from kpi_pipeline.store.pipelines import Locked, load_state, note_rewind, read_edges, save_state
from kpi_pipeline.store.purge import retire
from kpi_pipeline.store.rollup import Rollup
from kpi_pipeline.store.snapshots import save_snapshot
from kpi_pipeline.store.steps import StepKind, overlap_since, record_step
from kpi_pipeline.store.totals import read_totals
from kpi_pipeline.store.views import keep_views

Links = tuple[tuple[str, str], ...]


class PostgresUnit:
    """What may be done within one transaction; see the `UnitOfWork` port."""

    def __init__(
        self, connection: Connection, spec: PipelineSpec, id_: int, *, links: Links = ()
    ) -> None:
        self.connection = connection
        self.spec = spec
        self.id = id_
        self.links = links
        self.known: Episodes = {}
        self.warnings: tuple[str, ...] = ()
        self.dictionary = Dictionary(connection, id_, spec)
        self.buckets = Buckets(connection, id_, self.dictionary)

    def build_on(self, state: PipelineState, row: Locked, kind: StepKind) -> None:
        """Begin a step on top of a state; the pipeline's row is held.

        Raises:
            StateConflictError: A fold finds the row at another revision by now.
        """
        if kind is StepKind.FOLD:
            same = row.revision == state.revision
        else:
            # History lets folds pass by, but for two: one that makes coarse buckets as time goes
            # on, and one of another declaration, whose buckets it would throw away.
            now = (row.rolled_until, row.minutes_from, row.definitions)
            same = now == (state.rolled_until, state.minutes_from, state.definitions)
        if not same:
            raise StateConflictError("somebody else committed meanwhile; reading again")
        self.before, self.kind = state, kind

    def state(self) -> PipelineState:
        """The pipeline's state as of this transaction's snapshot."""
        return load_state(self.connection, self.spec.name)

    def replace(self, piece: Slice, batch: Batch, kept: Retention) -> list[Difference]:
        """Put the batch in the place of all that the slice's buckets held; return what changed.

        Minutes first, then the days that they make, then the days that the source gave whole:
        a day that has left minute retention must not be made from minutes that are gone.

        Raises:
            StateConflictError: A step that was loaded after ours replaced one of these buckets.
        """
        if overlap_since(self.connection, self.id, self.before.step, piece.intervals):
            raise StateConflictError("somebody else folded the same buckets; reading again")
        before, metrics = self.before, piece.metrics
        minutes = self.buckets.replace(Grain.MINUTE, piece.minutes, batch.minutes, metrics)
        rollup = Rollup(self.connection, self.id, before, kept)
        rollup.of_minutes(piece.minutes)
        days = self.buckets.replace(Grain.DAY, piece.days, batch.days, metrics)
        rollup.of_days(piece.intervals)
        ages = before.minutes_from is None or before.minutes_from < kept.minutes_from
        if ages and self.kind is StepKind.FOLD:
            self.buckets.forget_minutes(kept.minutes_from)
        record_step(self.connection, self.id, self.kind, piece.intervals)
        return [*minutes, *days]

    def compare(self, piece: Slice, batch: Batch, kept: Retention) -> tuple[int, list[Difference]]:
        """How many values the slice's buckets hold, and which of them the source gives otherwise.

        The days that the slice's minutes make are compared too; the slice must hold them whole.
        """
        return compare(self.connection, self.id, self.dictionary, piece, batch, kept)

    def correct(self, found: Sequence[Correction]) -> None:
        """Write corrections into the ledger."""
        record_corrections(self.connection, self.id, found)

    def note(self, interval: Interval | None, why: str) -> None:
        """Write down why a range is folded again."""
        note_rewind(self.connection, self.id, interval, None, why)

    def save(self, state: PipelineState) -> int:
        """Write the pipeline's row and dirty ranges; return the new revision."""
        if state.definitions != self.before.definitions:
            retire(self.connection, self.id, self.before.definitions, state.definitions)
        revision = save_state(self.connection, self.id, state, waited=bool(self.before.dirty))
        self.warnings = keep_views(self.connection, self.spec, self.id)
        return revision

    def now(self) -> datetime:
        """The state database's clock."""
        moment: datetime = self.connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment

    def totals(
        self, asked: Sequence[Asked], kept: Retention, groups: Collection[Dims] | None = None
    ) -> Sequence[Totals]:
        """Merged partials of intervals, by metric and group; of some groups, or of all."""
        return read_totals(self.connection, self.id, self.spec.definitions, asked, kept, groups)

    def edges(self, as_of: datetime) -> Edges:
        """Where the buckets begin and end, as of a moment."""
        return read_edges(self.connection, self.id, as_of)

    def episodes(self) -> Episodes:
        """Alert state by rule and group."""
        self.known = load_episodes(self.connection, self.id)
        return self.known

    def past(
        self, definitions: Mapping[str, str], minutes_from: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Bucket]]:
        """Every bucket of some metrics up to a moment, by metric and group, oldest first."""
        return read_past(self.connection, self.id, definitions, minutes_from, until)

    def surroundings(self, now: datetime) -> Surroundings:
        """What people silenced, as of a moment, and what the newest audit found."""
        return replace(load_surroundings(self.connection, self.id, now), links=self.links)

    def record(self, snapshot: Snapshot, judgement: Judgement) -> None:
        """Write the snapshot, the episodes and their log, and the outbox rows."""
        save_snapshot(self.connection, self.id, snapshot, judgement.verdicts)
        changed = [e for e in judgement.episodes if self.known.get((e.rule, e.dims)) != e]
        save_episodes(self.connection, self.id, changed)
        record_judgement(self.connection, self.id, snapshot.revision, judgement)
