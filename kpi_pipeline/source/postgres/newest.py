"""The newest row of a slice, by the index; among the aggregates each row would pay for it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, text

from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table


def newest_in(
    connection: Connection, spec: PipelineSpec, intervals: Iterable[Interval], as_of: datetime
) -> datetime | None:
    """Event time of the newest row in the intervals that is not in the future."""
    time = inline(quoted(spec.source.event_time))
    table = inline(quoted_table(spec.source.table))
    within = f"{time} >= :first AND {time} < :last AND {time} <= :as_of"
    statement = text(f"SELECT max({time}) FROM {table} WHERE {within}")  # noqa: S608 - quoted names
    for item in sorted(intervals, reverse=True):
        bounds = {"first": max(item.start, spec.start), "last": item.end, "as_of": as_of}
        found: datetime | None = connection.execute(statement, bounds).scalar()
        if found is not None:
            return found
    return None
