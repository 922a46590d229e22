"""A pipeline that can be stopped between any two of its acts: to die there, or to be overtaken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from sqlalchemy import Connection

from kpi_pipeline.assembly import Assembly, assemble
from kpi_pipeline.compute.difference import Difference
from kpi_pipeline.compute.judgement import Judgement
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Batch, Detection, Slice
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.outbox import PostgresOutbox
from kpi_pipeline.store.pulse import PostgresPulse
from kpi_pipeline.store.store import PostgresStore
from kpi_pipeline.store.unit import PostgresUnit
from kpi_pipeline_tests.sales import Sales


class KilledError(BaseException):
    """The process is gone; nothing in it may catch this."""


class Stage(StrEnum):
    """What was just done."""

    LOADED = "loaded"
    DETECTED = "detected"
    AGGREGATED = "aggregated"
    BEGUN = "begun"
    REPLACED = "replaced"
    SAVED = "saved"
    RECORDED = "recorded"
    COMMITTED = "committed"


UNLOCKED = (Stage.LOADED, Stage.DETECTED, Stage.AGGREGATED, Stage.COMMITTED)
"""Where the pipeline's row is free, so that others may commit."""


@dataclass
class Wire:
    """Calls an act once, when a stage is passed."""

    stage: Stage | None = None
    skip: int = 0
    act: Callable[[], None] = lambda: None

    def at(self, stage: Stage) -> None:
        """A stage was passed."""
        if stage is not self.stage:
            return
        if self.skip:
            self.skip -= 1
            return
        self.stage = None
        self.act()


class WiredSource(PostgresSource):
    """The real source on a wire."""

    def __init__(self, spec: PipelineSpec, url: str, wire: Wire) -> None:
        super().__init__(spec, url)
        self.wire = wire

    def detect(self, position: str | None, *, sweep: bool = False) -> Detection:
        found = super().detect(position, sweep=sweep)
        self.wire.at(Stage.DETECTED)
        return found

    def aggregate(self, piece: Slice, as_of: datetime) -> Batch:
        batch = super().aggregate(piece, as_of)
        self.wire.at(Stage.AGGREGATED)
        return batch


class WiredUnit(PostgresUnit):
    """The real transaction on a wire."""

    def __init__(self, connection: Connection, spec: PipelineSpec, id_: int, wire: Wire) -> None:
        super().__init__(connection, spec, id_)
        self.wire = wire

    def replace(self, piece: Slice, batch: Batch, kept: Retention) -> list[Difference]:
        changed = super().replace(piece, batch, kept)
        self.wire.at(Stage.REPLACED)
        return changed

    def save(self, state: PipelineState) -> int:
        revision = super().save(state)
        self.wire.at(Stage.SAVED)
        return revision

    def record(self, snapshot: Snapshot, judgement: Judgement) -> None:
        super().record(snapshot, judgement)
        self.wire.at(Stage.RECORDED)


class WiredStore(PostgresStore):
    """The real store on a wire."""

    def __init__(self, spec: PipelineSpec, url: str, wire: Wire) -> None:
        super().__init__(spec, state_engine(url))
        self.wire = wire

    def load(self) -> PipelineState:
        state = super().load()
        self.wire.at(Stage.LOADED)
        return state

    @contextmanager
    def begin(self, state: PipelineState) -> Iterator[PostgresUnit]:
        with super().begin(state) as unit:
            self.wire.at(Stage.BEGUN)
            yield unit
        self.wire.at(Stage.COMMITTED)

    def _unit(self, connection: Connection, id_: int) -> PostgresUnit:
        return WiredUnit(connection, self.spec, id_, self.wire)


@dataclass
class WiredSales(Sales):
    """A shop whose pipeline hangs on a wire."""

    wire: Wire = field(default_factory=Wire)

    @cached_property
    def parts(self) -> Assembly:
        plain = assemble(self.spec, self.settings)
        plain.close()
        store = WiredStore(self.spec, self.state_url, self.wire)
        return replace(
            plain,
            source=WiredSource(self.spec, self.source_url, self.wire),
            store=store,
            outbox=PostgresOutbox(store.engine, self.spec.name),
            pulse=PostgresPulse(store.engine, self.spec.name),
        )
