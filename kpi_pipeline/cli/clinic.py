"""Wires what `doctor` looks at, so that a database that is away hides none of the others."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from kpi_pipeline.assembly import channels
from kpi_pipeline.config import Settings
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.doctor import (
    Unusable,
    compare_clocks,
    look_at_channels,
    look_at_progress,
)
from kpi_pipeline.ports.source import Checkup
from kpi_pipeline.source.open import open_checkup, open_source
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.health import StateCheckup
from kpi_pipeline.store.outbox import PostgresOutbox
from kpi_pipeline.store.store import PostgresStore


def _clock() -> datetime:
    return datetime.now(UTC)


def examine(
    spec: PipelineSpec, found: Settings, clock: Callable[[], datetime] = _clock
) -> tuple[Finding, ...]:
    """Every finding about one pipeline; writes at most its name, where there are tables for it.

    Args:
        spec: The pipeline.
        found: Settings that name both databases.
        clock: This machine's.
    """
    source_url, state_url = found.source_url or "", found.state_url or ""
    checkups = {
        "source": _usable("source", lambda: open_checkup(spec, source_url)),
        "state": _usable("state", lambda: StateCheckup(spec.name, state_url)),
    }
    findings = [finding for checkup in checkups.values() for finding in checkup.examine()]
    findings += compare_clocks(checkups, clock)
    findings += look_at_channels(spec, lambda: channels(found, spec.channels))
    with suppress(KpiError):  # a database that is away has its own finding
        findings += _progress(spec, source_url, state_url)
    for checkup in checkups.values():
        checkup.close()
    return tuple(findings)


def _usable(subject: str, make: Callable[[], Checkup]) -> Checkup:
    try:
        return make()
    except KpiError as error:
        return Unusable(subject, error)


def _progress(spec: PipelineSpec, source_url: str, state_url: str) -> list[Finding]:
    engine = state_engine(state_url)
    source, store = open_source(spec, source_url), PostgresStore(spec, engine)
    try:
        return list(look_at_progress(spec, source, store, PostgresOutbox(engine, spec.name)))
    finally:
        source.close()
        engine.dispose()
