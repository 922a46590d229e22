"""The connection to the state database, and its errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from kpi_pipeline.model.errors import StateError, first_line

CONNECT_SECONDS = 5


def state_engine(url: str) -> Engine:
    """An engine for the state database; connects at first use.

    Raises:
        StateError: The URL is not one of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StateError(
            "KPI_STATE_URL is not a database URL; write it like postgresql://user@host/kpi"
        ) from None
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise StateError(
            f"KPI_STATE_URL names {parsed.get_backend_name()!r}; the state lives in PostgreSQL"
        )
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            # A network that swallows packets says nothing; the lock must not be held for hours.
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 45_000,
            "application_name": "kpi_pipeline/state",
            "options": "-c TimeZone=UTC -c DateStyle=ISO,MDY -c lock_timeout=20000",
        },
    )


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn a database error into a `StateError` that says what the database said.

    Raises:
        StateError: The database is away, read-only, or cannot run a statement.
    """
    try:
        yield
    except psycopg.Error as error:  # of a COPY, which SQLAlchemy does not know
        raise StateError(f"state database: {first_line(error)}") from None
    except DBAPIError as error:
        raise StateError(f"state database: {first_line(error.orig)}") from None
    except SQLAlchemyError as error:
        raise StateError(f"state database: {type(error).__name__}: {error}") from None


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back on any error."""
    with plain_errors(), engine.begin() as connection:
        yield connection
