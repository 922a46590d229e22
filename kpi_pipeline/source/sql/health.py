"""A checkup of a source that is not PostgreSQL; reads only."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.finding import Finding, fine, problem, warning
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.sql.catalog import read_table
from kpi_pipeline.source.sql.connection import reading
from kpi_pipeline.source.sql.dialect import Dialect
from kpi_pipeline.source.sql.index import create_index, is_view
from kpi_pipeline.source.sql.lookback import read_clock
from kpi_pipeline.source.sql.statements import Statements
from kpi_pipeline.source.sql.undated import count_undated

DIGITS = "None is needed if 15 digits are enough; whole numbers, such as cents, are exact."
MEND = "Mend the declaration, or the table; `kpi-pipeline check --connect` looks again."


class SqlCheckup:
    """Looks over the source of one pipeline."""

    def __init__(self, spec: PipelineSpec, url: URL, dialect: Dialect) -> None:
        self.spec = spec
        self.dialect = dialect
        self.engine = dialect.engine(url, spec.name)

    def examine(self) -> tuple[Finding, ...]:
        """Every check's findings; a database that is away is the only one."""
        try:
            with reading(self.engine, self.dialect) as connection:
                read_clock(connection, self.dialect.now)
                version = self.dialect.version(connection)
        except SourceError as error:
            remedy = "Start the database, or mend KPI_SOURCE_URL; see what it says above."
            return (problem("source", str(error), remedy),)
        return (fine("source", "reachable"), version, *self._table())

    def now(self) -> datetime:
        """The server's clock.

        Raises:
            SourceError: It is away, or a file, which has no clock of its own.
        """
        if not self.dialect.has_clock:
            raise SourceError("the source is a file, and tells this machine's time")
        with reading(self.engine, self.dialect) as connection:
            return read_clock(connection, self.dialect.now)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _table(self) -> list[Finding]:
        try:
            with reading(self.engine, self.dialect) as connection:
                table = read_table(connection, self.spec)
                time = self.dialect.event_time(connection, table, self.spec)
                found = Statements(spec=self.spec, table=table, time=time, dialect=self.dialect)
                return list(self._findings(connection, found))
        except SourceError as error:
            return [problem("source table", str(error), MEND)]

    def _findings(self, connection: Connection, found: Statements) -> Iterator[Finding]:
        yield fine("source table", f"{self.spec.source.table} has every declared column")
        yield from self._index(connection, found)
        for sentence in self.dialect.warnings(found.table, self.spec):
            yield warning("source numbers", sentence, DIGITS)

    def _index(self, connection: Connection, found: Statements) -> Iterator[Finding]:
        """Undated rows are counted only where an index finds them."""
        time = self.spec.source.event_time
        if time.lower() in found.table.indexed:
            yield fine("source index", f"{time} has an index")
            yield self._undated(count_undated(connection, found))
        elif is_view(connection, found.table):
            what = "a view: looks are fast only if it can use an index of its table's event time"
            yield warning("source kind", what, "Name the table itself as source.table, if you can.")
        else:
            what = f"no index on {time}, so every look reads the whole table"
            yield warning("source index", what, create_index(connection, found.table, time))

    def _undated(self, count: int) -> Finding:
        if not count:
            return fine("source event times", "every row has one")
        what = f"{count:,} rows have no event time, or one beyond the calendar; no KPI counts them"
        return warning("source event times", what, "Give them one.")
