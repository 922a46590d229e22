"""A database that lives as long as a test run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kpi_pipeline.config import Settings
from kpi_pipeline.embedded.cluster import open_cluster
from kpi_pipeline.model.errors import KpiError, first_line

CONNECT_SECONDS = 10
PREFIX = "kpi_test_"


@contextmanager
def scratch_database(settings: Settings) -> Iterator[str]:
    """The URL of a fresh database on the test server, dropped at the end.

    Raises:
        KpiError: The server is away, or does not let this user create a database.
    """
    server = _server(settings)
    name = f"{PREFIX}{os.getpid()}_{os.urandom(3).hex()}"
    database = sql.Identifier(name)
    with _administered(server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        # Nothing here is worth waiting for a disk.
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database)
        )
    try:
        yield _text(server.set(database=name))
    finally:
        with _administered(server) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))


def _server(settings: Settings) -> URL:
    if settings.test_url is None:
        return make_url(open_cluster(settings.home).url("postgres"))
    try:
        parsed = make_url(settings.test_url)
    except (ArgumentError, ValueError):
        raise KpiError(
            "KPI_TEST_URL is not a database URL; write it like postgresql://user@host/postgres"
        ) from None
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise KpiError(
            f"KPI_TEST_URL names {parsed.get_backend_name()!r}; tests run on PostgreSQL, which is "
            "embedded where it is unset"
        )
    return parsed


@contextmanager
def _administered(server: URL) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(
            _text(server), autocommit=True, connect_timeout=CONNECT_SECONDS
        ) as connection:
            yield connection
    except psycopg.Error as error:
        raise KpiError(
            f"no scratch database: {first_line(error)}. KPI_TEST_URL wants a user who may create "
            "one; unset, the embedded server is used."
        ) from None


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
