"""The composition root: one declared pipeline wired to its databases and channels."""

import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from kpi_pipeline.channels import Channels, channel
from kpi_pipeline.config import Settings, SettingsError
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.board import LiveBoard
from kpi_pipeline.ports.board import Bell
from kpi_pipeline.ports.delivery import Notifier, Outbox, stands_in
from kpi_pipeline.ports.pulse import PulseRecord
from kpi_pipeline.ports.source import Answers, Source
from kpi_pipeline.ports.store import Store
from kpi_pipeline.source.open import open_answers, open_source
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.listen import PostgresBell
from kpi_pipeline.store.migrate import migrate
from kpi_pipeline.store.outbox import PostgresOutbox
from kpi_pipeline.store.pulse import PostgresPulse
from kpi_pipeline.store.store import PostgresStore

UNSET = "set KPI_SOURCE_URL and KPI_STATE_URL, or use the embedded database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """Everything that the use cases of one pipeline need."""

    spec: PipelineSpec
    source: Source
    store: Store
    outbox: Outbox
    notifiers: Mapping[str, Notifier]
    pulse: PulseRecord

    @property
    def logged(self) -> frozenset[str]:
        """The channels of rules that have no settings, so that the log stands in for them."""
        return frozenset(name for name, each in self.notifiers.items() if stands_in(name, each))

    def close(self) -> None:
        """Close every connection."""
        self.source.close()
        self.store.close()


def assemble(spec: PipelineSpec, settings: Settings) -> Assembly:
    """Wire a pipeline; brings the state database's schema up to date.

    Raises:
        SettingsError: A database URL is missing.
        KpiError: A setting or the state database cannot be used.
    """
    if settings.source_url is None or settings.state_url is None:
        raise SettingsError(UNSET)
    notifiers = channels(settings, spec.channels)
    source = open_source(spec, settings.source_url)
    engine = state_engine(settings.state_url)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return Assembly(
        spec=spec,
        source=source,
        store=PostgresStore(spec, engine),
        outbox=PostgresOutbox(engine, spec.name),
        notifiers=notifiers,
        pulse=PostgresPulse(engine, spec.name, _places(settings, spec.name)),
    )


def _places(settings: Settings, name: str) -> tuple[tuple[str, str], ...]:
    """Where to look when ticks and runs fail: no run may have begun that one could point at."""
    page, ui = page_of(settings, name), (settings.ui_url or "").rstrip("/")
    return (
        *([("Dashboard", page)] if page else []),
        *([("Dagster runs", f"{ui}/runs")] if ui else []),
    )


def page_of(settings: Settings, name: str) -> str:
    """Address of a pipeline's live page, for messages; '' where nobody has said where it is."""
    page = (settings.dashboard_url or "").rstrip("/")
    return f"{page}/?{urlencode({'pipeline': name})}" if page else ""


def open_board(spec: PipelineSpec, settings: Settings) -> LiveBoard:
    """What a dashboard asks of a pipeline; to be closed.

    Connects at first use, and brings the state database's schema up to date then: it may be
    away for as long as it likes before.

    Raises:
        SettingsError: A database URL is missing.
        KpiError: A setting cannot be used.
    """
    if settings.state_url is None:
        raise SettingsError(UNSET)
    engine = state_engine(settings.state_url)
    state = _Migrated(PostgresStore(spec, engine))
    silent = _logged(settings, spec.channels)
    return LiveBoard(spec, state, answers(spec, settings), engine.dispose, silent)


def _logged(settings: Settings, names: Collection[str]) -> frozenset[str]:
    """Those channels that have no settings, so that the log stands in for them."""
    found = set()
    for name in names:
        with suppress(KpiError):  # settings that cannot work stop the runs, which say so
            if stands_in(name, channel(name, settings, time.time)):
                found.add(name)
    return frozenset(found)


def open_bell(settings: Settings) -> Bell:
    """What rings when something is committed, for all pipelines; connects when listened to.

    Raises:
        SettingsError: The state database's URL is missing.
        KpiError: It cannot be used.
    """
    if settings.state_url is None:
        raise SettingsError(UNSET)
    return PostgresBell(settings.state_url)


class _Migrated:
    """Gives a store once its schema is of this release; a failed try is made anew."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._done = False

    def __call__(self) -> PostgresStore:
        with self._guard:
            if not self._done:
                migrate(self._store.engine)
                self._done = True
        return self._store


def answers(spec: PipelineSpec, settings: Settings) -> Answers:
    """What runs a statement against the source of a pipeline.

    Raises:
        KpiError: The database's URL is missing or cannot be used.
    """
    if settings.source_url is None:
        raise SettingsError("set KPI_SOURCE_URL to the database that holds the table")
    return open_answers(spec, settings.source_url)


def channels(settings: Settings, names: Collection[str]) -> Mapping[str, Notifier]:
    """The channels that rules name, and the log.

    Raises:
        SettingsError: The settings of some of them cannot work; lists all problems.
    """
    return Channels(settings, names, time.time)
