"""Branches: the rows of a slice, a bounded piece at a time, each with its bucket.

UNION ALL rather than OR, so that each branch uses the index; no longer than a day, so that the
server reads several at once and few groups fill its memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.model.moment import Interval, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.names import inline, minute_of, quoted, quoted_table

MOST = 64
"""Branches in one statement; more take the planner longer than they save."""
SPARSE = 256
"""Days from which on history is so thin that a branch for each costs more than its rows."""


@dataclass(frozen=True, slots=True)
class Branches:
    """Pieces that one statement reads.

    Attributes:
        intervals: Of each piece; whole local days, or minutes of one day.
        bucket: SQL for the bucket of a row of piece `{k}`.
        days: Bounds that the bucket is looked up in, if it is.
    """

    spec: PipelineSpec
    intervals: Sequence[Interval]
    bucket: str
    days: Sequence[datetime] = ()

    @property
    def binds(self) -> dict[str, object]:
        """The bind parameters of every statement over these pieces."""
        found: dict[str, object] = {"start": self.spec.start}
        if self.days:
            found["days"] = list(self.days)
        for k, item in enumerate(self.intervals):
            found |= {f"start_{k}": item.start, f"end_{k}": item.end}
        return found

    def select(self, columns: str, after: str = "") -> str:
        """`SELECT bucket, columns` of every piece's rows, each followed by `after`."""
        time = inline(quoted(self.spec.source.event_time))
        table = inline(quoted_table(self.spec.source.table))
        # A whole day may begin before the declared start.
        return " UNION ALL ".join(
            f"SELECT {self.bucket.format(k=k)} AS bucket, {columns} FROM {table} "  # noqa: S608 - quoted names
            f"WHERE {time} >= :start_{k} AND {time} < :end_{k} AND {time} >= :start{after}"
            for k in range(len(self.intervals))
        )


def of_minutes(
    spec: PipelineSpec, intervals: Sequence[Interval], version: int
) -> Iterator[Branches]:
    """Pieces of minute buckets."""
    pieces = [part for item in intervals for part in _by_day(item, spec)]
    yield from _bounded(spec, pieces, minute_of(_time(spec), version))


def _by_day(item: Interval, spec: PipelineSpec) -> list[Interval]:
    """One row of the year 9000 makes millions of days: what is long is thin, and stays whole."""
    if item.end - item.start > timedelta(days=SPARSE):
        return [item]
    days = days_in((item,), spec.timezone)
    return [part for day in days if (part := item.clip(day.start, day.end))]


def of_days(spec: PipelineSpec, intervals: Sequence[Interval]) -> Iterator[Branches]:
    """Pieces of one day each; day bounds come from Python alone, so that all mean the same days."""
    days = days_in(tuple(intervals), spec.timezone)
    if len(days) <= SPARSE:
        yield from _bounded(spec, days, "CAST(:start_{k} AS timestamptz)")
        return
    bounds = "CAST(:days AS timestamptz[])"
    place = f"width_bucket({_time(spec)}, {bounds})"
    yield Branches(spec, union(days), f"({bounds})[{place}]", [day.start for day in days])


def _time(spec: PipelineSpec) -> str:
    """The event time, for a text that is formatted."""
    return inline(quoted(spec.source.event_time)).replace("{", "{{").replace("}", "}}")


def _bounded(spec: PipelineSpec, pieces: Sequence[Interval], bucket: str) -> Iterator[Branches]:
    for first in range(0, len(pieces), MOST):
        yield Branches(spec, pieces[first : first + MOST], bucket)
