"""The source behind the `Source` port for every database that has a `Dialect`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import URL

from kpi_pipeline.model.batch import Batch, Detection, Slice, SourceReport
from kpi_pipeline.model.moment import LATEST, Interval, floor_minute
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.position import load_position
from kpi_pipeline.source.sql.aggregate import aggregate
from kpi_pipeline.source.sql.buckets import DAYS
from kpi_pipeline.source.sql.catalog import Table, read_table
from kpi_pipeline.source.sql.clock import DAY, parsed
from kpi_pipeline.source.sql.connection import reading
from kpi_pipeline.source.sql.dialect import Dialect
from kpi_pipeline.source.sql.event_time import MINUTES
from kpi_pipeline.source.sql.index import create_index, is_view
from kpi_pipeline.source.sql.lookback import detect
from kpi_pipeline.source.sql.statements import Statements
from kpi_pipeline.source.sql.undated import count_undated


class SqlSource:
    """Reads one declared table; keeps one connection and no state."""

    def __init__(self, spec: PipelineSpec, url: URL, dialect: Dialect) -> None:
        self.spec = spec
        self.dialect = dialect
        self.identity = f"{dialect.identity(url)}/{spec.source.table}"
        self.engine = dialect.engine(url, spec.name)

    def detect(self, position: str | None, *, sweep: bool = False) -> Detection:  # noqa: ARG002 - rows do not tell their age
        """Find the minute buckets that may hold rows not seen at `position`."""
        before = None if position is None else load_position(position)
        with reading(self.engine, self.dialect) as connection:
            return detect(connection, self._statements(connection), self.identity, before)

    def aggregate(self, piece: Slice, as_of: datetime) -> Batch:
        """Aggregate the buckets of a slice, all in one snapshot of the source."""
        if not piece.intervals:
            return Batch(minutes=(), days=(), rows=0, newest=None)
        with reading(self.engine, self.dialect) as connection:
            return aggregate(connection, self._statements(connection), piece, as_of)

    def extent(self) -> Interval | None:
        """From the oldest to just past the newest row since the declared start."""
        with reading(self.engine, self.dialect) as connection:
            statements = self._statements(connection)
            first = self._end(connection, statements, func.min)
            last = self._end(connection, statements, func.max)
        if first is None or last is None:
            return None
        return statements.time.clock.holding(first[:MINUTES], last[:MINUTES]).clip(
            floor_minute(self.spec.start), LATEST
        )

    def inspect(self) -> SourceReport:
        """Look at the table itself: what is missing, what no bucket can hold."""
        with reading(self.engine, self.dialect) as connection:
            statements = self._statements(connection)
            table = statements.table
            indexed = self.spec.source.event_time.lower() in table.indexed
            # Without an index this would read the whole table at every tick.
            undated = count_undated(connection, statements) if indexed else 0
            warnings = [] if indexed else [self._unindexed(connection, table)]
        warnings.extend(self.dialect.warnings(table, self.spec))
        return SourceReport(warnings=tuple(warnings), undated=undated)

    def close(self) -> None:
        """Close every connection; the next use opens another."""
        self.engine.dispose()

    def _statements(self, connection: Connection) -> Statements:
        table = read_table(connection, self.spec)
        time = self.dialect.event_time(connection, table, self.spec)
        return Statements(spec=self.spec, table=table, time=time, dialect=self.dialect)

    def _end(
        self, connection: Connection, statements: Statements, pick: Callable[..., Any]
    ) -> str | None:
        """The index knows which day is the first or last one, and that day has the time.

        In between lies SQLite's text, whose order within a day depends on how it is written.
        """
        time, since = statements.time, statements.time.since(self.spec.start)
        rows = select(time.written(pick(time.column))).select_from(statements.table.clause)
        found = connection.execute(rows.where(since)).scalar()
        if found is None:
            return None
        day = parsed(found[:DAYS])
        near = rows.with_only_columns(pick(time.text)).where(since, time.within(day, day + DAY))
        return str(connection.execute(near).scalar_one())

    def _unindexed(self, connection: Connection, table: Table) -> str:
        time, name = self.spec.source.event_time, self.spec.source.table
        if is_view(connection, table):
            return (
                f"{name} is a view: looks are fast only if it can use an index on the event time "
                "of its table, and rows without an event time are not counted"
            )
        return (
            f"{name} has no index on {time}, so every look reads the whole table: "
            f"{create_index(connection, table, time)}"
        )
