"""An engine on a SQLite file that can neither write nor run for ever."""

import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.source.sql import connection as bounds
from kpi_pipeline.source.sql.sqlite_functions import ExactSum, Fingerprint, bin_name

STEPS = 100_000
"""Virtual machine instructions between two looks at the clock: a few milliseconds."""


def sqlite_engine(path: Path) -> Engine:
    """An engine of one kept connection.

    Every transaction is a real one, so that all its statements see the same rows.

    Args:
        path: Of the database's file; it is not made if it is not there.
    """
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connect(path),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=1,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _start_clock)
    return engine


class _Connection(sqlite3.Connection):
    """Knows until when the present statement may run."""

    deadline: float = float("inf")

    def late(self) -> bool:
        return time.monotonic() > self.deadline


def _connect(path: Path) -> _Connection:
    if not path.is_file():
        raise SourceError(f"source database: KPI_SOURCE_URL names {path}, which is not a file")
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro",
        uri=True,
        timeout=bounds.LOCK_SECONDS,
        isolation_level=None,  # the driver would begin only before writes
        check_same_thread=False,  # the pool hands it to one thread at a time
        factory=_Connection,
    )
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: _Connection) -> None:
    connection.text_factory = lambda raw: raw.decode(errors="backslashreplace")
    # typeshed knows aggregates of whole numbers only.
    connection.create_aggregate("kpi_sum", 1, ExactSum)  # type: ignore[arg-type]
    connection.create_aggregate("kpi_print", -1, Fingerprint)  # type: ignore[arg-type]
    connection.create_function("kpi_bin", 2, bin_name, deterministic=True)
    connection.set_progress_handler(connection.late, STEPS)
    connection.execute("PRAGMA query_only = ON")
    # As PostgreSQL has it, for whose dialect filters are written.
    connection.execute("PRAGMA case_sensitive_like = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _start_clock(connection: Connection, *_: object) -> None:
    raw = connection.connection.driver_connection
    if isinstance(raw, _Connection):
        raw.deadline = time.monotonic() + bounds.STATEMENT_SECONDS
