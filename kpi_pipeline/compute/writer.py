"""The parts of a statement that explains a number, in the words of its database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.compute.ranked import nearest_rank, ranked_rows
from kpi_pipeline.compute.spelling import Apart, Spelling
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.group import OTHER, is_other, values_of
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec

NONE = "1 = 0"
"""True of no group."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the parts of a statement about a metric in the words of its database."""

    spec: PipelineSpec
    spelling: Spelling

    def named(self, metric: SimpleMetric, apart: Apart) -> str:
        """True of the groups that are kept apart; '' where all are."""
        return "" if apart is None else self._is_one_of(metric.group_by, apart)

    def rows(self, metric: SimpleMetric, span: Bounds, group: Dims, named: str) -> list[str]:
        """FROM and WHERE: the rows of a group, or of all of them for ()."""
        others = bool(named) and is_other(group)
        conditions = self._conditions(metric, span, () if others else group)
        if others:
            conditions.append(f"CASE WHEN {named} THEN 0 ELSE 1 END = 1")
        table = ".".join(self.spelling.name(part) for part in self.spec.source.table.split("."))
        return [f"FROM {table}", "WHERE " + "\n  AND ".join(conditions)]

    def value(self, metric: SimpleMetric) -> str | None:
        """What is aggregated of each row; None where rows are counted."""
        if metric.expr is None:
            return None
        if metric.agg is Aggregation.COUNT_DISTINCT:
            return self.spelling.member(self._expr(metric))
        return self._expr(metric) if metric.agg is Aggregation.COUNT else self._number(metric)

    def values(self, metric: SimpleMetric) -> list[str]:
        """`value` and `rows`, and the two sides of an average."""
        value, rows = self.spelling.alias("value"), self.spelling.alias("rows")
        if metric.agg is not Aggregation.AVERAGE:
            one = nearest_rank(asked, self.spelling) if (asked := self.is_ranked(metric)) else None
            return [f"{one or self._aggregate(metric)} AS {value}", f"count(*) AS {rows}"]
        return [
            f"{self._aggregate(metric)} AS {value}",
            f"count(*) AS {rows}",
            f"sum({self._number(metric)}) AS {self.spelling.alias('numerator')}",
            f"count({self._expr(metric)}) AS {self.spelling.alias('denominator')}",
        ]

    def is_ranked(self, metric: SimpleMetric) -> Decimal | None:
        """The percentile, where the database has no aggregate for it."""
        asked = metric.percentile
        return None if asked is None or self.spelling.percentile("", asked) else asked

    def ranked(self, metric: SimpleMetric, labels: Sequence[tuple[str, str]]) -> str:
        """What is selected of each row where places are counted."""
        return ranked_rows(labels, self._number(metric), self.spelling)

    def _aggregate(self, metric: SimpleMetric) -> str:
        if metric.agg is Aggregation.COUNT:
            return f"count({self._expr(metric)})"
        if metric.agg is Aggregation.COUNT_DISTINCT:
            return f"count(DISTINCT {self.spelling.member(self._expr(metric))})"
        number = self._number(metric)
        if metric.percentile is not None:
            ranked = self.spelling.percentile(number, metric.percentile)
            if ranked is None:
                raise SourceError(
                    f"this database has no aggregate for the percentile {metric.name}, so no one "
                    "statement gives a quotient of it; explain both of its sides alone"
                )
            return ranked
        return {
            Aggregation.SUM: f"coalesce(sum({number}), 0)",
            Aggregation.AVERAGE: self.spelling.average(number),
            Aggregation.MIN: f"min({number})",
            Aggregation.MAX: f"max({number})",
        }[metric.agg]

    def _expr(self, metric: SimpleMetric) -> str:
        return "*" if metric.expr is None else self.spelling.expression(metric.expr)

    def _number(self, metric: SimpleMetric) -> str:
        return self.spelling.number(self._expr(metric))

    def _conditions(self, metric: SimpleMetric, span: Bounds, group: Dims) -> list[str]:
        time = self.spelling.name(self.spec.source.event_time)
        start = max(span.start or self.spec.start, self.spec.start)
        return [
            *self.spelling.within(time, Bounds(start, span.end)),
            *([f"({self.spelling.expression(metric.filter)})"] if metric.filter else []),
            *(self._is(name, value) for name, value in zip(metric.group_by, values_of(group))),  # noqa: B905 - () is no choice
        ]

    def _is(self, column: str, value: str | None) -> str:
        if value is None:
            return f"{self.spelling.name(column)} IS NULL"
        return f"{self.label(column)} = {self.spelling.literal(value)}"

    def _is_one_of(self, columns: tuple[str, ...], groups: Sequence[Dims]) -> str:
        """Of one column a list, which no dialect nests; null where a value is, which CASE skips."""
        if len(columns) > 1:
            each = (zip(columns, values_of(dims), strict=True) for dims in groups)
            tests = (" AND ".join(self._is(name, value) for name, value in one) for one in each)
            return " OR ".join(f"({test})" for test in tests) or NONE
        values = [values_of(dims)[0] for dims in groups]
        texts = [self.spelling.literal(value) for value in values if value is not None]
        listed = [f"{self.label(columns[0])} IN ({', '.join(texts)})"] if texts else []
        missing = [f"{self.spelling.name(columns[0])} IS NULL"] if None in values else []
        return " OR ".join((*listed, *missing)) or NONE

    def shown(self, metric: SimpleMetric, apart: Apart) -> list[str]:
        """Of each column a group's value, or what stands for those that are summed together."""
        columns, literal = metric.group_by, self.spelling.literal
        if apart is None:
            return [self.label(column) for column in columns]
        named = self.named(metric, apart)
        alike = [dims for dims in apart if values_of(dims) != dims]
        return [
            f"CASE {self._called(columns, place, alike)}WHEN {named} THEN {self.label(column)} "
            f"ELSE {literal(OTHER)} END"
            for place, column in enumerate(columns)
        ]

    def _called(self, columns: tuple[str, ...], place: int, alike: Sequence[Dims]) -> str:
        """Groups of the data that are called as that of all others is."""
        called = ((self._is_one_of(columns, [dims]), dims[place] or "") for dims in alike)
        return "".join(f"WHEN {test} THEN {self.spelling.literal(n)} " for test, n in called)

    def label(self, column: str) -> str:
        """A group's value."""
        return self.spelling.label(self.spelling.name(column))
