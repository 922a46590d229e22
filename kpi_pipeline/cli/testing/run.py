"""Run test cases: rows into a real table, folded by the real pipeline, snapshot compared."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import psycopg

from kpi_pipeline.assembly import assemble
from kpi_pipeline.cli.testing.clock import StoppedClock
from kpi_pipeline.cli.testing.table import ScratchTable
from kpi_pipeline.compute.expectation import Mismatch, mismatches
from kpi_pipeline.config import Settings
from kpi_pipeline.model.case import AlertCase, Case
from kpi_pipeline.model.errors import SourceError, SpecError
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.advance import advance

NO_END = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A case that was run; without mismatches it passed."""

    case: Case | AlertCase
    mismatches: tuple[Mismatch, ...]


def run_cases(
    spec: PipelineSpec, cases: Sequence[Case], url: str, first: int = 1
) -> Iterator[Tried]:
    """Run one case after the other, each with a state of its own.

    Args:
        spec: The pipeline.
        cases: Of the pipeline.
        url: The scratch database, which holds the table and the state.
        first: Number of the first case; its state is kept apart from others' by it.

    Raises:
        SpecError: A row or a type does not fit; names file and line.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        table = ScratchTable(connection, spec)
        for number, case in enumerate(cases, first):
            table.create(case)
            snapshot = _fold(replace(spec, name=f"case_{number}"), case, table, url)
            yield Tried(case=case, mismatches=mismatches(case, snapshot))


def _fold(spec: PipelineSpec, case: Case, table: ScratchTable, url: str) -> Snapshot:
    parts = assemble(spec, Settings(source_url=url, state_url=url))
    source = StoppedClock(parts.source, case.as_of)
    try:
        for number, batch in enumerate(case.batches or ((),)):
            table.insert(batch)
            # Event times are long ago by the server's clock, so a later batch wants a sweep.
            outcome = advance(
                spec, source, parts.store, budget=NO_END, clock=time.monotonic, sweep=number > 0
            )
    except SourceError as error:
        raise SpecError(
            f"{case.place}: the rows cannot be aggregated: {error}. If a type was guessed wrong, "
            "name it under `columns:`"
        ) from None
    finally:
        parts.close()
    if outcome.published is None:
        raise SpecError(f"{case.place}: nothing was published")
    return outcome.published.snapshot
