"""The same histories on the real state database, with transactions that are cut off."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from kpi_pipeline.compute.judgement import judge_all
from kpi_pipeline.model.errors import StateConflictError
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.migrate import migrate
from kpi_pipeline.store.store import PostgresStore
from kpi_pipeline_tests.properties.disturbed import (
    Fate,
    Look,
    Record,
    histories,
    recorded,
    shown,
    specs,
    undisturbed,
)
from kpi_pipeline_tests.unit.builders import AS_OF

KEPT = (
    "SELECT key, channel FROM kpi.outbox ORDER BY id",
    "TRUNCATE kpi.outbox, kpi.transition, kpi.episode, kpi.snapshot",
)


class CutOffError(Exception):
    """The run dies before its commit."""


class Runs:
    """Runs that judge one snapshot each, as `fold` does."""

    def __init__(self, url: str) -> None:
        self.engine = state_engine(url)
        migrate(self.engine)

    def run(
        self,
        spec: PipelineSpec,
        state: PipelineState,
        found: Snapshot,
        around: Surroundings,
        *,
        dies: bool = False,
    ) -> None:
        store = PostgresStore(spec, self.engine)
        with suppress(CutOffError, StateConflictError), store.begin(state) as unit:
            revision = unit.save(replace(state, position="1", as_of=found.as_of))
            now = replace(found, revision=revision)
            unit.record(now, judge_all(spec, now, unit.episodes(), around))
            if dies:
                raise CutOffError

    def history(self, spec: PipelineSpec, history: list[Look]) -> Record:
        store, as_of = PostgresStore(spec, self.engine), AS_OF
        with self.engine.begin() as connection:
            connection.execute(text(KEPT[1]))
        for look in history:
            as_of += look.minutes * MINUTE
            before, (found, around) = store.load(), shown(look, as_of)
            if look.fate is Fate.CRASHES:
                self.run(spec, before, found, around, dies=True)
            self.run(spec, before, found, around)
            if look.fate is Fate.UNHEARD:
                self.run(spec, store.load(), found, around)
            if look.fate is Fate.OVERTAKEN:
                self.run(spec, before, found, around)
        return self.record(store)

    def record(self, store: PostgresStore) -> Record:
        with store.read() as unit:
            episodes = dict(unit.episodes())
        _, log = store.desk().transitions(AS_OF, None, 10_000)
        with self.engine.connect() as connection:
            told = [(str(row.key), str(row.channel)) for row in connection.execute(text(KEPT[0]))]
        return recorded(episodes, list(reversed(log)), told)


@pytest.fixture
def runs(database: str) -> Iterator[Runs]:
    found = Runs(database)
    yield found
    found.engine.dispose()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(specs, histories)
def test_whatever_becomes_of_runs_the_episodes_are_the_same(
    runs: Runs, spec: PipelineSpec, history: list[Look]
) -> None:
    assert undisturbed(spec, history) == runs.history(spec, history)
