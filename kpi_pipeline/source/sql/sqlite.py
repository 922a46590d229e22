"""SQLite, whose timestamps are text and whose decimals are floats."""

import re
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    String,
    and_,
    cast,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.engine import URL

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.group import LONGEST_GROUP
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.sql.catalog import Table, bare_column
from kpi_pipeline.source.sql.clock import WallClock
from kpi_pipeline.source.sql.event_time import FIRST, LAST, MINUTES, EventTime
from kpi_pipeline.source.sql.spelling import SqliteSpelling
from kpi_pipeline.source.sql.sqlite_engine import sqlite_engine
from kpi_pipeline.source.sql.version import sqlite_version
from kpi_pipeline.source.sql.zone import UTC_CLOCK, declared_clock

SECONDS = 19
"""Characters of `2026-11-24 07:00:00`."""
MICROSECONDS = 26
GLOB = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]*"
ISO = re.compile(r"\d{4}-[01]\d-[0-3]\d[ T][0-2]\d:[0-5]\d.*")


class Sqlite:
    """See `Dialect`."""

    writes = "sqlite"
    now = "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
    has_clock = False

    def engine(self, url: URL, name: str) -> Engine:  # noqa: ARG002 - nobody to tell the name
        """Opens the file read-only."""
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise SourceError(
                "KPI_SOURCE_URL names no SQLite file; write it like sqlite:////srv/shop.db"
            )
        return sqlite_engine(Path(url.database).resolve())

    def identity(self, url: URL) -> str:
        """The file."""
        return f"sqlite://{Path(url.database or '').resolve()}"

    def event_time(self, connection: Connection, table: Table, spec: PipelineSpec) -> EventTime:
        """ISO text: of the declared zone, or else each with Z or +00:00 at its end."""
        column = table.column(spec.source.event_time)
        _check_ends(connection, table, column, spec)
        tail = func.substr(column, MINUTES + 1)
        if spec.source.timezone is None:
            clock, own = UTC_CLOCK, not_(or_(tail.op("GLOB")("*[Zz]"), tail.op("GLOB")("*+00:00")))
        else:
            clock, own = declared_clock(spec, "text"), tail.op("GLOB")("*[-+Zz]*")
        unlike = or_(func.typeof(column) != "text", not_(column.op("GLOB")(GLOB)), own)
        return EventTime(
            clock=clock,
            column=column,
            written=lambda value: _cut(value, MICROSECONDS),
            within=lambda low, high: _within(column, low, high),
            until=lambda moment: _cut(column, SECONDS) <= moment.isoformat(" ")[:SECONDS],
            beyond=(column.is_(None), column < _text(FIRST), column >= _text(LAST)),
            odd=(unlike, _odd(spec)),
        )

    def label(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Through a function, which drops the column's collation: only equal text is equal."""
        return func.substr(cast(column, String), 1, LONGEST_GROUP)

    def member(self, expr: ColumnElement[Any]) -> ColumnElement[Any]:
        """Through a function, for the same reason."""
        return func.substr(cast(expr, String), 1)

    def total(self, expr: ColumnElement[Any]) -> ColumnElement[Any]:
        """Exact over the digits that SQLite keeps."""
        return func.kpi_sum(expr)

    def bin(self, expr: ColumnElement[Any], width: float) -> ColumnElement[Any]:
        """By the driver: not every SQLite is built with logarithms."""
        return func.kpi_bin(expr, width)

    def fingerprint(self, columns: list[ColumnElement[Any]]) -> ColumnElement[Any]:
        """Of bytes: the driver could not hand on text that is not UTF-8."""
        return func.kpi_print(*(cast(func.quote(column), LargeBinary) for column in columns))

    def warnings(self, table: Table, spec: PipelineSpec) -> list[str]:
        """SQLite keeps decimals as floats, whatever type the column declares."""
        bare = {bare_column(metric) for metric in spec.simple_metrics} - {None}
        floats = sorted(name for name in bare if name and not _whole(table, name))
        if not floats:
            return []
        warning = (
            f"SQLite keeps {', '.join(floats)} as floating point, in 15 digits: sums add exactly "
            "those, and no more. Whole numbers, such as cents, have no such limit."
        )
        return [warning]

    def version(self, connection: Connection) -> Finding:
        """See `sqlite_version`."""
        return sqlite_version(str(connection.execute(select(func.sqlite_version())).scalar_one()))

    def spelling(self, clock: WallClock) -> SqliteSpelling:
        """See `SqliteSpelling`."""
        return SqliteSpelling(clock)

    def before(self, sql: str) -> str:
        """LIKE as the data layer has it."""
        return "PRAGMA case_sensitive_like = ON;" if " LIKE " in sql.upper() else ""

    def is_timeout(self, error: BaseException) -> bool:
        """The progress handler interrupts."""
        return isinstance(error, sqlite3.OperationalError) and "interrupted" in str(error)


def _whole(table: Table, name: str) -> bool:
    return isinstance(table.kind(name), Integer)


def _check_ends(
    connection: Connection, table: Table, column: ColumnElement[Any], spec: PipelineSpec
) -> None:
    """Numbers sort before all text, and other dates mostly before the declared start."""
    rows = select(column).select_from(table.clause)
    number = connection.execute(rows.where(column < "").limit(1)).scalar()
    dated = and_(column >= _text(FIRST), column < _text(LAST))
    oldest = connection.execute(rows.with_only_columns(func.min(column)).where(dated)).scalar()
    odd = number if number is not None else oldest
    if odd is not None and not (isinstance(odd, str) and ISO.fullmatch(odd)):
        raise SourceError(_odd(spec).format(repr(odd)[:40]))


def _odd(spec: PipelineSpec) -> str:
    name = spec.source.event_time
    if spec.source.timezone is None:
        wanted = (
            "event time must be text like 2026-11-24 07:00:00Z, or without a zone: then declare "
            "the one that its times are in as source.timezone, such as UTC"
        )
    else:
        wanted = (
            "with source.timezone declared, event time must be text like 2026-11-24 07:00:00, "
            "without a zone of its own"
        )
    return f"source.agg_time_dimension: {name} holds {{}}; {wanted}"


def _within(column: ColumnElement[Any], low: datetime, high: datetime) -> ColumnElement[bool]:
    """Index ranges that hold both ways to write a time, then the exact comparison.

    A space sorts before a T, so of times with a T the whole first day is read.
    """
    shown = _cut(column, MICROSECONDS)
    first, last = _text(low), _text(high)
    coarse = and_(column >= first, column < last.replace(" ", "T"))
    return and_(coarse, shown >= first, shown < last)


def _cut(column: ColumnElement[Any], length: int) -> ColumnElement[Any]:
    """A space between day and time, and nothing after them."""
    zoneless = func.rtrim(func.replace(column, "+00:00", ""), "Zz")
    return func.substr(func.replace(zoneless, "T", " "), 1, length)


def _text(moment: datetime) -> str:
    """As short as can be: text without seconds sorts before text with :00."""
    whole = moment.second == 0 and moment.microsecond == 0
    return moment.isoformat(" ", "minutes" if whole else "auto")
