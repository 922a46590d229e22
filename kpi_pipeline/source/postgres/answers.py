"""Answers to a statement that a person could have pasted: read-only, one snapshot."""

from collections.abc import Sequence

from sqlalchemy import text

from kpi_pipeline.compute.explain import metric_sql
from kpi_pipeline.compute.spelling import Apart, Statement
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.connection import connect_engine, reading
from kpi_pipeline.source.postgres.names import inline


class PostgresAnswers:
    """Runs whole statements against the source; keeps no connection."""

    def __init__(self, spec: PipelineSpec, url: str) -> None:
        self.spec = spec
        self.engine = connect_engine(url, spec.name)

    def write(
        self, metric: Metric, span: Bounds, group: Dims | None, apart: Apart = None
    ) -> Statement:
        """The statement; moments are the same in any session, so nothing needs to be asked."""
        return Statement(sql=metric_sql(self.spec, metric, span, group=group, apart=apart))

    def ask(self, sql: str) -> Sequence[Sequence[object]]:
        """The rows of one SELECT without bind parameters."""
        try:
            with reading(self.engine, one_snapshot=True) as connection:
                return [tuple(row) for row in connection.execute(text(inline(sql)))]
        finally:
            self.engine.dispose()
