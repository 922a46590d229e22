"""Real databases for tests: one embedded server a session, a fresh database a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from kpi_pipeline.embedded.cluster import Cluster, close_cluster, open_cluster
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.migrate import migrate
from kpi_pipeline_tests.notify.slack_peer import SlackPeer
from kpi_pipeline_tests.sales import Sales

_numbers = count(1)
_migrated: dict[str, str] = {}
"""The migrated database of each server, by its home."""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An embedded PostgreSQL, stopped at the end of the session."""
    home: Path = tmp_path_factory.mktemp("postgres")
    cluster = open_cluster(home)
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        # What the operating system has taken outlives any process that a test kills.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield cluster
    close_cluster(home)


@pytest.fixture
def database(postgres: Cluster) -> Iterator[str]:
    """The `postgresql+psycopg://` URL of a fresh, empty database."""
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture
def sales(postgres: Cluster) -> Iterator[Sales]:
    """An empty shop and its pipeline, on two fresh databases."""
    with fresh_database(postgres) as source, fresh_state(postgres) as state:
        shop = Sales(source, state).open()
        yield shop
        shop.close()


@pytest.fixture
def slack_peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackPeer]:
    # A developer's proxy must not see, or answer, what goes to loopback.
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SlackPeer() as peer:
        yield peer


@contextmanager
def fresh_state(postgres: Cluster) -> Iterator[str]:
    """A state database of this release's schema: a copy, because migrations take half a second."""
    home = str(postgres.home)
    if home not in _migrated:
        _migrated[home] = f"migrated_{next(_numbers)}"
        with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_migrated[home]}".encode())
        engine = state_engine(postgres.url(_migrated[home]))
        migrate(engine)
        engine.dispose()
    with fresh_database(postgres, _migrated[home]) as url:
        yield url


@contextmanager
def fresh_database(postgres: Cluster, template: str = "template1") -> Iterator[str]:
    """A new database like the template, dropped at the end whoever is still connected."""
    name = f"test_{next(_numbers)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        # A copy of files costs a half of a copy by way of the log, which is what a server would do.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(create.format(identifier, sql.Identifier(template)))
        try:
            yield postgres.url(name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
