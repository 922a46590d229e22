"""Steps: which buckets each commit replaced, so that a slower one knows when to read again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select

from kpi_pipeline.model.moment import Interval
from kpi_pipeline.store import schema

KEPT = timedelta(days=2)
"""Longer than any step reads its source."""


class StepKind(StrEnum):
    """A fold publishes a snapshot; history is recomputed beside it."""

    FOLD = "fold"
    HISTORY = "history"


def overlap_since(connection: Connection, id_: int, step: int, spans: Sequence[Interval]) -> bool:
    """Whether any step after `step` replaced a bucket in the spans."""
    table = schema.step.c
    later = select(table.spans).where(table.pipeline_id == id_, table.id > step)
    replaced = [
        Interval(*map(datetime.fromisoformat, pair))
        for pairs in connection.execute(later).scalars()
        for pair in pairs
    ]
    return any(mine.overlaps(other.start, other.end) for mine in spans for other in replaced)


def record_step(
    connection: Connection, id_: int, kind: StepKind, spans: Sequence[Interval]
) -> None:
    """Write down a step; callers hold the pipeline's row, so ids grow in the order of commits."""
    table = schema.step
    pairs = [[span.start.isoformat(), span.end.isoformat()] for span in spans]
    row = {"pipeline_id": id_, "kind": kind.value, "spans": pairs, "at": func.now()}
    connection.execute(insert(table).values(**row))
    old = (table.c.pipeline_id == id_, table.c.at < func.now() - KEPT)
    connection.execute(delete(table).where(*old))
