"""The statements that do the work, written from the declaration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from kpi_pipeline.compute.estimate import width_of
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import Question, declared_columns
from kpi_pipeline.source.sql.catalog import Table
from kpi_pipeline.source.sql.dialect import Dialect
from kpi_pipeline.source.sql.event_time import MINUTES, EventTime, both
from kpi_pipeline.source.sql.expression import expression

Columns = list[ColumnElement[Any]]
Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Writes statements over one table in one dialect."""

    spec: PipelineSpec
    table: Table
    time: EventTime
    dialect: Dialect

    def prints(self, since: datetime) -> Statement:
        """SELECT bucket, rows, print, one row a wall minute."""
        read = sorted({name for name, _ in declared_columns(self.spec)})
        hashed = self.dialect.fingerprint([self.table.column(name) for name in read])
        columns: Columns = [
            self.time.shown(MINUTES).label("bucket"),
            func.count().label("rows"),
            hashed.label("print"),
        ]
        return self._grouped(columns, 1, self.time.since(since))

    def aggregates(
        self, question: Question, length: int, intervals: tuple[Interval, ...], now: datetime
    ) -> Statement:
        """SELECT bucket, d0.., rows, newest, then what metric i needs, for each.

        Args:
            question: What to aggregate.
            length: Characters of the event time that make a bucket.
            intervals: The rows to read; neighbours may come along.
            now: Wall time after which rows lie in the future.
        """
        dims = self._dims(question.group_by)
        columns: Columns = [
            self.time.shown(length).label("bucket"),
            *dims,
            func.count().label("rows"),
            func.max(case((self.time.until(now), self.time.text))).label("newest"),
        ]
        for i, metric in enumerate(question.metrics):
            columns.extend(self._columns(i, metric))
        return self._grouped(columns, 1 + len(dims), self.time.inside(intervals))

    def members(
        self, metric: SimpleMetric, length: int, intervals: tuple[Interval, ...]
    ) -> Statement:
        """SELECT DISTINCT bucket, d0.., member of a distinct count."""
        dims = self._dims(metric.group_by)
        expr = self._expression(metric.expr or "")
        present = both(self._condition(metric), expr.is_not(None), self.time.inside(intervals))
        bucket, member = self.time.shown(length).label("bucket"), self.dialect.member(expr)
        chosen = select(bucket, *dims, member.label("member"))
        return chosen.select_from(self.table.clause).where(present).distinct()

    def bins(self, metric: SimpleMetric, length: int, intervals: tuple[Interval, ...]) -> Statement:
        """SELECT bucket, d0.., bin, how many values of a percentile lie in it."""
        dims = self._dims(metric.group_by)
        expr = self._expression(metric.expr or "")
        name = self.dialect.bin(expr, width_of(metric))
        present = both(self._condition(metric), expr.is_not(None), self.time.inside(intervals))
        columns: Columns = [
            self.time.shown(length).label("bucket"),
            *dims,
            name.label("bin"),
            func.count().label("n"),
        ]
        places: Columns = [literal_column(str(place)) for place in range(1, len(dims) + 3)]
        chosen = select(*columns).select_from(self.table.clause)
        return chosen.where(present).group_by(*places)

    def _grouped(self, columns: Columns, groups: int, where: ColumnElement[bool]) -> Statement:
        # By place: a label could be the name of a column of the table, which would win.
        places: Columns = [literal_column(str(place)) for place in range(1, groups + 1)]
        chosen = select(*columns, *self.time.oddest()).select_from(self.table.clause)
        return chosen.where(where).group_by(*places)

    def _dims(self, group_by: tuple[str, ...]) -> Columns:
        labels = [self.dialect.label(self.table.column(name)) for name in group_by]
        return [label.label(f"d{i}") for i, label in enumerate(labels)]

    def _columns(self, i: int, metric: SimpleMetric) -> Columns:
        one: ColumnElement[Any] = literal_column("1")
        expr = one if metric.expr is None else self._expression(metric.expr)
        kept = self._kept(metric, expr)
        columns: Columns = [
            func.count(self._kept(metric, one)).label(f"rows_{i}"),
            func.count(kept).label(f"n_{i}"),
        ]
        if metric.agg in {Aggregation.SUM, Aggregation.AVERAGE}:
            columns.append(self.dialect.total(kept).label(f"total_{i}"))
        elif metric.agg is Aggregation.MIN:
            columns.append(func.min(kept).label(f"low_{i}"))
        elif metric.agg is Aggregation.MAX:
            columns.append(func.max(kept).label(f"high_{i}"))
        return columns

    def _kept(self, metric: SimpleMetric, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value where the filter holds, else null; not every database knows FILTER."""
        condition = self._condition(metric)
        return value if condition is None else case((condition, value))

    def _condition(self, metric: SimpleMetric) -> ColumnElement[Any] | None:
        return None if metric.filter is None else self._expression(metric.filter)

    def _expression(self, canonical: str) -> ColumnElement[Any]:
        return expression(canonical, self.dialect.writes)
