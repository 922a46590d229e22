"""MariaDB, through PyMySQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Float,
    and_,
    case,
    cast,
    create_engine,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.mysql import BINARY, CHAR, DATETIME, INTEGER, TIMESTAMP
from sqlalchemy.engine import URL
from sqlalchemy.types import TypeEngine

from kpi_pipeline.compute.statistic.bins import GREATEST, LEAST, ONE
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.group import LONGEST_GROUP
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.sql import connection as bounds
from kpi_pipeline.source.sql.catalog import Table, bare_column, check_numbers
from kpi_pipeline.source.sql.clock import WallClock
from kpi_pipeline.source.sql.event_time import FIRST, LAST, EventTime
from kpi_pipeline.source.sql.spelling import MariaDbSpelling
from kpi_pipeline.source.sql.version import mariadb_version
from kpi_pipeline.source.sql.zone import UTC_CLOCK, declared_clock

DEFAULT_PORT = 3306
STATEMENT_TIMEOUT = 1969
"""MariaDB's number for a statement that ran longer than `max_statement_time`."""
SILENCE_SECONDS = 15
"""Beyond the statement's own limit: a network that swallows packets says nothing."""
LAST_TIMESTAMP = datetime(2106, 2, 7, 6, 28, 15)  # noqa: DTZ001 - naive, as all times here
"""The greatest of any version; older ones end in 2038."""
DIGITS = 15
"""Of the hash in hexadecimal: 60 bits, whose sum a DECIMAL holds exactly."""


class MariaDb:
    """See `Dialect`."""

    writes = "mysql"
    now = "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)"
    has_clock = True

    def engine(self, url: URL, name: str) -> Engine:
        """Sessions are in UTC, read-only, and of a known SQL mode, which quoting depends on."""
        engine = create_engine(
            url.set(drivername="mariadb+pymysql"),
            pool_size=1,
            max_overflow=1,
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={
                "charset": "utf8mb4",
                "connect_timeout": bounds.CONNECT_SECONDS,
                "read_timeout": bounds.STATEMENT_SECONDS + SILENCE_SECONDS,
                "program_name": f"kpi_pipeline/{name}",
                "local_infile": False,
                # Of no use within a machine, and the driver would read all certificates, 0.1 s.
                **({"ssl_disabled": True} if "unix_socket" in url.query else {}),
            },
        )
        event.listen(engine, "connect", _set_up)
        return engine

    def identity(self, url: URL) -> str:
        """Host, port and database."""
        socket = url.query.get("unix_socket", "")
        return f"mariadb://{url.host or ''}{socket}:{url.port or DEFAULT_PORT}/{url.database or ''}"

    def event_time(self, connection: Connection, table: Table, spec: PipelineSpec) -> EventTime:  # noqa: ARG002 - types say it all
        """A TIMESTAMP is shown in the session's zone, which is UTC; a DATETIME in its own."""
        check_numbers(table, spec)
        kind = table.kind(spec.source.event_time)
        column = table.column(spec.source.event_time)
        if isinstance(kind, TIMESTAMP):
            clock = UTC_CLOCK
        elif isinstance(kind, DATETIME):
            clock = declared_clock(spec, "DATETIME")
        else:
            raise SourceError(
                f"source.agg_time_dimension: {spec.source.event_time} is {kind}; event time must "
                "be TIMESTAMP or DATETIME"
            )
        return EventTime(
            clock=clock,
            column=column,
            written=lambda value: cast(value, CHAR),
            within=lambda low, high: _within(column, low, high, kind),
            until=lambda moment: column <= moment,
            beyond=(column.is_(None), column < FIRST, column >= LAST),
        )

    def label(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """As bytes: a collation would take `food` and `FOOD` for one."""
        return cast(func.left(cast(column, CHAR), LONGEST_GROUP), BINARY)

    def member(self, expr: ColumnElement[Any]) -> ColumnElement[Any]:
        """As bytes, for the same reason."""
        return cast(expr, BINARY)

    def total(self, expr: ColumnElement[Any]) -> ColumnElement[Any]:
        """Exact for whole numbers and DECIMAL."""
        return func.sum(expr)

    def bin(self, expr: ColumnElement[Any], width: float) -> ColumnElement[Any]:
        """In doubles, which every number of MariaDB fits in; it knows no NaN."""
        greatest, least, step = (_double(number) for number in (GREATEST, LEAST, width))
        place = ONE + func.ceil(func.ln(func.least(func.abs(expr), greatest)) / step)
        return case((expr > least, place), (expr < -least, -place), else_=0)

    def fingerprint(self, columns: list[ColumnElement[Any]]) -> ColumnElement[Any]:
        """QUOTE tells NULL from 'NULL', and where a value ends."""
        row = func.concat_ws(",", *(func.quote(column) for column in columns))
        head = func.conv(func.left(func.md5(row), DIGITS), 16, 10)
        return cast(func.sum(cast(head, INTEGER(unsigned=True))), CHAR)

    def warnings(self, table: Table, spec: PipelineSpec) -> list[str]:
        """FLOAT and DOUBLE are added as they are."""
        bare = {bare_column(metric) for metric in spec.simple_metrics}
        floats = sorted(name for name in bare if name and isinstance(table.kind(name), Float))
        return [
            f"{name} is {table.kind(name)}, whose sums are floating point; DECIMAL is exact"
            for name in floats
        ]

    def version(self, connection: Connection) -> Finding:
        """See `mariadb_version`."""
        return mariadb_version(str(connection.execute(text("SELECT version()")).scalar_one()))

    def spelling(self, clock: WallClock) -> MariaDbSpelling:
        """See `MariaDbSpelling`."""
        return MariaDbSpelling(clock)

    def before(self, sql: str) -> str:
        """A TIMESTAMP is shown in the session's zone, and a mode may take backslashes as such."""
        mode = ", sql_mode = ''" if "\\" in sql else ""
        return f"SET time_zone = '+00:00'{mode};"

    def is_timeout(self, error: BaseException) -> bool:
        """By MariaDB's number."""
        return bool(error.args) and error.args[0] == STATEMENT_TIMEOUT


def _within(
    column: ColumnElement[Any], low: datetime, high: datetime, kind: TypeEngine[Any]
) -> ColumnElement[bool]:
    """No TIMESTAMP is past its range; asked below what is, MariaDB's index knows no greatest."""
    if isinstance(kind, TIMESTAMP) and high > LAST_TIMESTAMP:
        return column >= low
    return and_(column >= low, column < high)


def _double(number: float) -> ColumnElement[Any]:
    """Written out: with digits alone it would be a DECIMAL."""
    return literal_column(f"{number:.17e}")


def _set_up(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SET SESSION time_zone = '+00:00', sql_mode = 'ERROR_FOR_DIVISION_BY_ZERO', "
            f"max_statement_time = {bounds.STATEMENT_SECONDS}, "
            f"lock_wait_timeout = {bounds.LOCK_SECONDS}"
        )
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
