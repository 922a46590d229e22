"""Careful connections to somebody else's database: read-only, bounded, named."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kpi_pipeline.model.errors import SourceError, SourceTimeoutError, first_line
from kpi_pipeline.source.postgres.fault import said

CONNECT_SECONDS = 5
STATEMENT_MS = 30_000
LOCK_MS = 5_000
VIGILANCE = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 45_000,
}
"""A network that swallows packets says nothing: without these a read would wait for hours."""
OPTIONS = (
    f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_MS} "
    f"-c lock_timeout={LOCK_MS} -c idle_in_transaction_session_timeout=60000 -c TimeZone=UTC "
    # Distinct values and fingerprints are compared as text over months, whatever a role's own
    # settings become.
    "-c DateStyle=ISO,MDY -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex"
)


def connect_engine(url: str, name: str) -> Engine:
    """An engine of one kept connection; connects at first use.

    Args:
        url: SQLAlchemy or libpq URL of a PostgreSQL database.
        name: Pipeline name, shown to the database's owner in `pg_stat_activity`.
    """
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=1,
        max_overflow=1,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            # A prepared statement fails once a column has changed its type.
            "prepare_threshold": None,
            **VIGILANCE,
            "application_name": f"kpi_pipeline/{name}",
            "options": OPTIONS,
        },
    )


@contextmanager
def reading(engine: Engine, *, one_snapshot: bool) -> Iterator[Connection]:
    """A read-only connection.

    Args:
        engine: Of the source.
        one_snapshot: All statements see the same rows; otherwise each sees the newest.

    Raises:
        SourceError: The database is away, refuses us, or cannot run a statement.
    """
    level = "REPEATABLE READ" if one_snapshot else "AUTOCOMMIT"
    try:
        with engine.connect().execution_options(isolation_level=level) as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, QueryCanceled):
            raise SourceTimeoutError(f"source database: {first_line(error.orig)}") from None
        raise SourceError(f"source database: {said(error)}") from None
    except SQLAlchemyError as error:
        raise SourceError(f"source database: {type(error).__name__}: {error}") from None
