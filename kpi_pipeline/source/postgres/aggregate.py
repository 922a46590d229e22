"""Aggregate a slice in the source: few partial rows travel, no row by row Python."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from kpi_pipeline.model.batch import Aggregate, Batch, Dims, Slice
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import questions
from kpi_pipeline.source.postgres.aggregate_sql import Columns, columns_of_pass, pass_sql
from kpi_pipeline.source.postgres.bins_sql import bins_sql
from kpi_pipeline.source.postgres.branches import Branches, of_days, of_minutes
from kpi_pipeline.source.postgres.catalog import Table
from kpi_pipeline.source.postgres.fault import asking
from kpi_pipeline.source.postgres.kinds import known_kinds
from kpi_pipeline.source.postgres.newest import newest_in
from kpi_pipeline.source.postgres.passes import Pass, passes_of

Bins = Mapping[tuple[str, datetime, Dims], Mapping[int, int]]
"""Of each percentile, bucket and group."""
FIELDS = ("rows", "n", "total", "low", "high", "members")
HEAD = 2
"""Columns before the groups': level and bucket."""


def aggregate(
    connection: Connection, spec: PipelineSpec, table: Table, piece: Slice, as_of: datetime
) -> Batch:
    """Aggregate minutes and days of a slice; the connection must hold one snapshot."""
    reader = _Reader(connection, spec, table, piece.metrics)
    minutes = reader.read(of_minutes(spec, piece.minutes, table.version))
    days = reader.read(of_days(spec, piece.days))
    newest = newest_in(connection, spec, piece.intervals, as_of) if reader.rows else None
    return Batch(minutes=minutes, days=days, rows=reader.rows, newest=newest)


class _Reader:
    """Makes every pass over some branches, and counts the rows that it saw."""

    def __init__(
        self,
        connection: Connection,
        spec: PipelineSpec,
        table: Table,
        metrics: frozenset[str] | None,
    ) -> None:
        self.connection = connection
        self.kinds = known_kinds(connection, spec, table, metrics)
        self.passes = passes_of(questions(spec, metrics))
        # The pass that sums everything up; a set's own pass reads the same rows again.
        self.counting = next(p for p in self.passes if any(not q.group_by for q in p.levels))
        self.rows = 0

    def read(self, pieces: Iterable[Branches]) -> list[Aggregate]:
        found: list[Aggregate] = []
        for branches in pieces:
            for one in self.passes:
                levels = _levels(one, columns_of_pass(one, self.kinds))
                bins = self._bins(one, branches)
                for row in self._rows(one, branches):
                    level = levels[row[0]]
                    if one is self.counting and not level.dims:
                        self.rows += row[HEAD + len(one.group_by)]
                    found.extend(_aggregates(row, level, bins))
        return found

    def _rows(self, one: Pass, branches: Branches) -> Sequence[Any]:
        def ask(metrics: tuple[SimpleMetric, ...]) -> Sequence[Any]:
            part = one.about(metrics)
            sql = pass_sql(part, columns_of_pass(part, self.kinds), branches)
            return self.connection.execute(text(sql), branches.binds).all()

        return asking(self.connection, one.metrics, ask)

    def _bins(self, one: Pass, branches: Branches) -> Bins:
        found: dict[tuple[str, datetime, Dims], dict[int, int]] = defaultdict(dict)
        for metric in one.metrics:
            if metric.agg is Aggregation.PERCENTILE:
                sql = bins_sql(metric, self.kinds[metric.name], branches)

                def ask(metrics: tuple[SimpleMetric, ...], sql: str = sql) -> Sequence[Any]:
                    return (
                        self.connection.execute(text(sql), branches.binds).all() if metrics else ()
                    )

                for bucket, *dims, name, count in asking(self.connection, (metric,), ask):
                    found[metric.name, bucket, tuple(dims)][name] = count
        return found


@dataclass(frozen=True, slots=True)
class _Level:
    """Where the columns of a level's rows are.

    Attributes:
        dims: Of the groups.
        metrics: Each with the places of its fields, in the order of `FIELDS`.
    """

    dims: tuple[int, ...]
    metrics: tuple[tuple[str, tuple[int | None, ...]], ...]


def _levels(one: Pass, columns: Columns) -> list[_Level]:
    first = HEAD + len(one.group_by)

    def place(metric: str, name: str) -> int | None:
        at = columns.places.get((metric, name))
        return None if at is None else first + at

    return [
        _Level(
            dims=tuple(HEAD + one.group_by.index(column) for column in level.group_by),
            metrics=tuple(
                (metric.name, tuple(place(metric.name, name) for name in FIELDS))
                for metric in level.metrics
            ),
        )
        for level in one.levels
    ]


def _aggregates(row: Sequence[Any], level: _Level, bins: Bins) -> Iterator[Aggregate]:
    bucket = row[1]
    dims = tuple(row[at] for at in level.dims)
    for metric, places in level.metrics:
        cells: Iterator[Any] = (None if at is None else row[at] for at in places)
        rows, n, total, low, high, members = cells
        if rows:
            yield Aggregate(
                bucket=bucket,
                metric=metric,
                dims=dims,
                rows=rows,
                n=n,
                total=total,
                low=low,
                high=high,
                members=None if members is None else tuple(members),
                bins=bins.get((metric, bucket, dims)) if bins else None,
            )
