"""Rows that no bucket can hold."""

from sqlalchemy import Connection, text

from kpi_pipeline.model.moment import LATEST
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table


def count_undated(connection: Connection, spec: PipelineSpec) -> int:
    """How many there are; without an index this reads the whole table."""
    time = inline(quoted(spec.source.event_time))
    name = inline(quoted_table(spec.source.table))
    count = f"SELECT count(*) FROM {name} WHERE"  # noqa: S608 - quoted names
    both = f"SELECT ({count} {time} IS NULL) + ({count} {time} >= :latest)"
    return int(connection.execute(text(both), {"latest": LATEST}).scalar_one())
