"""Answers to a statement that a person could have pasted: read-only, one snapshot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import URL

from kpi_pipeline.compute.explain import metric_sql
from kpi_pipeline.compute.listing import AT_ONCE, rows_sql
from kpi_pipeline.compute.spelling import Apart, Statement
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.source import Listed
from kpi_pipeline.source.sql.aggregate import shown_text
from kpi_pipeline.source.sql.catalog import read_table
from kpi_pipeline.source.sql.clock import WallClock
from kpi_pipeline.source.sql.connection import reading
from kpi_pipeline.source.sql.dialect import Dialect
from kpi_pipeline.source.sql.walls import moved
from kpi_pipeline.source.sql.zone import UTC_CLOCK


class SqlAnswers:
    """Writes and runs whole statements; keeps no connection."""

    def __init__(self, spec: PipelineSpec, url: URL, dialect: Dialect) -> None:
        self.spec = spec
        self.dialect = dialect
        self.engine = dialect.engine(url, spec.name)

    def write(
        self, metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart = None
    ) -> Statement:
        """The statement; what its bounds are written in depends on the event time's type."""
        clock, notes = self._clock()
        if moved(clock, max(span.start or self.spec.start, self.spec.start), span.end):
            notes += (
                (
                    f"clocks of {clock.zone.key} are moved near these bounds: rows of an hour that "
                    "they show twice count in its first pass, here as in what was published"
                ),
            )
        sql = metric_sql(
            self.spec, metric, span, group=group, apart=apart, spelling=self.dialect.spelling(clock)
        )
        return Statement(sql=sql, before=self.dialect.before(sql), notes=notes)

    def ask(self, sql: str) -> Sequence[Sequence[object]]:
        """The rows of one SELECT without bind parameters."""
        try:
            with reading(self.engine, self.dialect) as connection:
                plain = connection.execution_options(no_parameters=True)
                return [tuple(map(_value, row)) for row in plain.exec_driver_sql(sql)]
        finally:
            self.engine.dispose()

    @contextmanager
    def rows(
        self, metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart, most: int
    ) -> Iterator[Listed]:
        """The rows behind a number, newest first, as the database gives them."""
        spelling = self.dialect.spelling(self._clock()[0])
        names, sql = rows_sql(
            self.spec, metric, span, most, group=group, apart=apart, spelling=spelling
        )
        try:
            with reading(self.engine, self.dialect) as connection:
                plain = connection.execution_options(no_parameters=True, yield_per=AT_ONCE)
                yield names, (tuple(map(_value, row)) for row in plain.exec_driver_sql(sql))
        finally:
            self.engine.dispose()

    def _clock(self) -> tuple[WallClock, tuple[str, ...]]:
        try:
            with reading(self.engine, self.dialect) as connection:
                table = read_table(connection, self.spec)
                return self.dialect.event_time(connection, table, self.spec).clock, ()
        except SourceError as error:
            zone = self.spec.source.timezone
            guess = "UTC" if zone is None else zone.key
            note = f"the bounds are in {guess}, unseen whether the column is: {error}"
            return (UTC_CLOCK if zone is None else WallClock(zone)), (note,)
        finally:
            self.engine.dispose()


def _value(value: Any) -> object:  # noqa: ANN401 - a driver's value
    return shown_text(value) if isinstance(value, (bytes, str)) else value
