"""The index that a table should have."""

from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.names import quoted, quoted_table


def create_index(spec: PipelineSpec, table: Table, column: str) -> str:
    """The statement that makes it; PostgreSQL builds none of a partitioned table concurrently."""
    way = "" if table.kind == "p" else " CONCURRENTLY"
    return f"CREATE INDEX{way} ON {quoted_table(spec.source.table)} ({quoted(column)});"
