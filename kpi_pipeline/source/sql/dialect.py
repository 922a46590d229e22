"""What one kind of database must say about itself."""

from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine
from sqlalchemy.engine import URL

from kpi_pipeline.compute.spelling import Spelling
from kpi_pipeline.model.finding import Finding
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.sql.catalog import Table
from kpi_pipeline.source.sql.clock import WallClock
from kpi_pipeline.source.sql.event_time import EventTime


class Dialect(Protocol):
    """One kind of database; adding one is a file and a line in `source/open.py`.

    Attributes:
        writes: Its name in sqlglot.
        now: SELECT that returns its clock in UTC, as ISO text.
        has_clock: Whether that may be another clock than this machine's.
    """

    writes: str
    now: str
    has_clock: bool

    def engine(self, url: URL, name: str) -> Engine:
        """A read-only engine of one kept connection whose statements end in time."""
        ...

    def identity(self, url: URL) -> str:
        """Which database a URL names, without its user: positions of another do not compare."""
        ...

    def event_time(self, connection: Connection, table: Table, spec: PipelineSpec) -> EventTime:
        """Read the event time column.

        Raises:
            SourceError: It holds no time that can be read, or needs a declared zone.
        """
        ...

    def label(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A group's value, cut, so that only equal bytes are one group."""
        ...

    def member(self, expr: ColumnElement[Any]) -> ColumnElement[Any]:
        """A distinct value, so that only equal bytes are one."""
        ...

    def total(self, expr: ColumnElement[Any]) -> ColumnElement[Any]:
        """The sum over a group, as exact as the database's numbers are."""
        ...

    def bin(self, expr: ColumnElement[Any], width: float) -> ColumnElement[Any]:
        """The name of a number's bin, as `compute.statistic.bins.bin_of` has it.

        What is no number, in a database that lets anything be one, comes back as it is.
        """
        ...

    def fingerprint(self, columns: list[ColumnElement[Any]]) -> ColumnElement[Any]:
        """A number over a group's rows that changes with them, whatever their order."""
        ...

    def warnings(self, table: Table, spec: PipelineSpec) -> list[str]:
        """What else a person should know about such a table."""
        ...

    def version(self, connection: Connection) -> Finding:
        """Whether this release knows such a database."""
        ...

    def spelling(self, clock: WallClock) -> Spelling:
        """How to spell a statement that a person can paste.

        Args:
            clock: Of the event time.
        """
        ...

    def before(self, sql: str) -> str:
        """What a person's session needs to hear before such a statement; '' if nothing."""
        ...

    def is_timeout(self, error: BaseException) -> bool:
        """Whether the driver's error means that a statement took too long."""
        ...
