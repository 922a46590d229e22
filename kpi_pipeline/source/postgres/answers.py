"""Answers to a statement that a person could have pasted: read-only, one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import text

from kpi_pipeline.compute.explain import metric_sql
from kpi_pipeline.compute.listing import AT_ONCE, rows_sql
from kpi_pipeline.compute.spelling import Apart, Statement
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.source import Listed
from kpi_pipeline.source.postgres.connection import connect_engine, reading
from kpi_pipeline.source.postgres.kinds import kinds_of
from kpi_pipeline.source.postgres.names import inline
from kpi_pipeline.source.postgres.spelling import TypedSpelling


class PostgresAnswers:
    """Runs whole statements against the source; keeps no connection."""

    def __init__(self, spec: PipelineSpec, url: str) -> None:
        self.spec = spec
        self.engine = connect_engine(url, spec.name)

    def write(
        self, metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart = None
    ) -> Statement:
        """The statement; how values are written depends on the types of the expressions."""
        kinds, notes = self._kinds()
        spelling = TypedSpelling(kinds)
        sql = metric_sql(self.spec, metric, span, group=group, apart=apart, spelling=spelling)
        return Statement(sql=sql, notes=notes)

    def ask(self, sql: str) -> Sequence[Sequence[object]]:
        """The rows of one SELECT without bind parameters."""
        try:
            with reading(self.engine, one_snapshot=True) as connection:
                return [tuple(row) for row in connection.execute(text(inline(sql)))]
        finally:
            self.engine.dispose()

    @contextmanager
    def rows(
        self, metric: SimpleMetric, span: Bounds, group: Dims | None, apart: Apart, most: int
    ) -> Iterator[Listed]:
        """The rows behind a number, newest first, through a cursor of the server."""
        spelling = TypedSpelling(self._kinds()[0])
        names, sql = rows_sql(
            self.spec, metric, span, most, group=group, apart=apart, spelling=spelling
        )
        try:
            with reading(self.engine, one_snapshot=True) as connection:
                by_parts = connection.execution_options(yield_per=AT_ONCE)
                yield names, (tuple(row) for row in by_parts.execute(text(inline(sql))))
        finally:
            self.engine.dispose()

    def _kinds(self) -> tuple[Mapping[str, str], tuple[str, ...]]:
        try:
            with reading(self.engine, one_snapshot=False) as connection:
                kinds = kinds_of(connection, self.spec)
        except SourceError:
            note = "the source is away, so types are not known: floats and decimals may be cut"
            return {}, (note,)
        finally:
            self.engine.dispose()
        typed = (metric for metric in self.spec.simple_metrics if metric.expr is not None)
        return {str(metric.expr): kinds[metric.name] for metric in typed}, ()
