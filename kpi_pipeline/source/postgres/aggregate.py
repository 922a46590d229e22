"""Aggregate a slice in the source: few partial rows travel, no row by row Python."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.model.batch import Aggregate, Batch, Dims, Slice
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import Question, questions
from kpi_pipeline.source.postgres.aggregate_sql import aggregate_sql
from kpi_pipeline.source.postgres.bins_sql import bins_sql
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.fault import asking
from kpi_pipeline.source.postgres.kinds import kinds_of
from kpi_pipeline.source.postgres.names import inline, minute_of, quoted

ToBucket = Callable[[Any], datetime]
Bins = Mapping[tuple[str, Any, Dims], Mapping[int, int]]
"""Of each percentile, bucket as the server names it, and group."""


def aggregate(
    connection: Connection, spec: PipelineSpec, table: Table, piece: Slice, as_of: datetime
) -> Batch:
    """Aggregate minutes and days of a slice; the connection must hold one snapshot."""
    reader = _Reader(connection, spec, as_of, piece.metrics)
    time = inline(quoted(spec.source.event_time))
    minutes = reader.read(piece.minutes, minute_of(time, table.version), lambda bucket: bucket)
    days = [day.start for day in days_in(piece.days, spec.timezone)]
    # Day bounds travel as an array, so that both databases and Python mean the same days.
    bucket = f"width_bucket({time}, CAST(:days AS timestamptz[]))"
    older = reader.read(piece.days, bucket, lambda i: days[int(i) - 1], days=days)
    return Batch(minutes=minutes, days=older, rows=reader.rows, newest=reader.newest)


class _Reader:
    """Runs every question over some intervals and sums up what it saw."""

    def __init__(
        self,
        connection: Connection,
        spec: PipelineSpec,
        as_of: datetime,
        metrics: frozenset[str] | None,
    ) -> None:
        self.connection = connection
        self.spec = spec
        self.as_of = as_of
        self.kinds = kinds_of(connection, spec, metrics)
        self.questions = questions(spec, metrics)
        self.rows = 0
        self.newest: datetime | None = None

    def read(
        self, intervals: tuple[Interval, ...], bucket: str, to_bucket: ToBucket, **more: object
    ) -> list[Aggregate]:
        if not intervals:
            return []
        bounds: dict[str, object] = {"as_of": self.as_of, "start": self.spec.start, **more}
        for k, interval in enumerate(intervals):
            bounds |= {f"start_{k}": interval.start, f"end_{k}": interval.end}
        found: list[Aggregate] = []
        for question in self.questions:
            rows = self._rows(question, bucket, len(intervals), bounds)
            bins = self._bins(question, bucket, len(intervals), bounds)
            for row in rows:
                found.extend(_aggregates(row, question, to_bucket, bins))
                if not question.group_by:
                    self._count(row["rows"], row["newest"])
        return found

    def _rows(
        self, question: Question, bucket: str, intervals: int, bounds: dict[str, object]
    ) -> Sequence[Any]:
        def ask(metrics: tuple[SimpleMetric, ...]) -> Sequence[Any]:
            part = replace(question, metrics=metrics)
            sql = aggregate_sql(self.spec, part, self.kinds, bucket, intervals)
            return self.connection.execute(text(sql), bounds).mappings().all()

        return asking(self.connection, question.metrics, ask)

    def _bins(
        self, question: Question, bucket: str, intervals: int, bounds: dict[str, object]
    ) -> Bins:
        found: dict[tuple[str, Any, Dims], dict[int, int]] = defaultdict(dict)
        for metric in question.metrics:
            if metric.agg is Aggregation.PERCENTILE:
                sql = bins_sql(self.spec, metric, self.kinds[metric.name], bucket, intervals)

                def ask(metrics: tuple[SimpleMetric, ...], sql: str = sql) -> Sequence[Any]:
                    return self.connection.execute(text(sql), bounds).all() if metrics else ()

                for bucket_, *dims, name, count in asking(self.connection, (metric,), ask):
                    found[metric.name, bucket_, tuple(dims)][name] = count
        return found

    def _count(self, rows: int, newest: datetime | None) -> None:
        self.rows += rows
        self.newest = max(filter(None, (self.newest, newest)), default=None)


def _aggregates(
    row: Any,  # noqa: ANN401 - a row mapping
    question: Question,
    to_bucket: ToBucket,
    bins: Bins,
) -> Iterator[Aggregate]:
    bucket = to_bucket(row["bucket"])
    dims = tuple(row[f"d{i}"] for i in range(len(question.group_by)))
    for i, metric in enumerate(question.metrics):
        if row[f"rows_{i}"]:
            members = row.get(f"members_{i}")
            yield Aggregate(
                bucket=bucket,
                metric=metric.name,
                dims=dims,
                rows=row[f"rows_{i}"],
                n=row[f"n_{i}"],
                total=row.get(f"total_{i}"),
                low=row.get(f"low_{i}"),
                high=row.get(f"high_{i}"),
                members=None if members is None else tuple(members),
                bins=bins.get((metric.name, row["bucket"], dims)),
            )
