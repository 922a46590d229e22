"""Careful reading of somebody else's database: one read-only snapshot, then let go."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kpi_pipeline.model.errors import SourceError, SourceTimeoutError, first_line
from kpi_pipeline.source.sql.dialect import Dialect

CONNECT_SECONDS = 5
LOCK_SECONDS = 5
STATEMENT_SECONDS = 30


@contextmanager
def reading(engine: Engine, dialect: Dialect) -> Iterator[Connection]:
    """A connection whose statements all see the same rows.

    Raises:
        SourceTimeoutError: A statement took too long.
        SourceError: The database is away, refuses us, or cannot run a statement.
    """
    try:
        with _connected(engine) as connection:
            yield connection
    except DBAPIError as error:
        cause = error.orig or error
        kind = SourceTimeoutError if dialect.is_timeout(cause) else SourceError
        raise kind(f"source database: {_said(cause)}") from None
    except SQLAlchemyError as error:
        raise SourceError(f"source database: {type(error).__name__}: {error}") from None


def _connected(engine: Engine) -> Connection:
    """Drivers do not wrap a missing certificate, or a missing package for a kind of login."""
    try:
        return engine.connect()
    except (OSError, RuntimeError) as error:
        raise SourceError(f"source database: {first_line(error)}") from None


def _said(cause: BaseException) -> str:
    """Some drivers raise a number and a sentence; people want the sentence."""
    said = cause.args[-1] if cause.args and isinstance(cause.args[-1], str) else cause
    return first_line(said)
