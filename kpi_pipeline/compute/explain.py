"""The SQL that gives a published number again, from the source's own rows, for a person to run.

It holds no bind parameters, so that it can be pasted as it stands. Names and expressions come
from a checked declaration; group values, which anybody may have written into the table, leave
here as literals only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot

from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import OTHER, is_other
from kpi_pipeline.model.metric import Aggregation, Metric, RatioMetric, SimpleMetric
from kpi_pipeline.model.moment import utc
from kpi_pipeline.model.spec import PipelineSpec

LONGEST_GROUP = 100
"""Characters of a group's value that count, as the data layer cuts them."""
POSTGRES = "postgres"
NONE = "1 = 0"
"""True of no group."""


def metric_sql(
    spec: PipelineSpec,
    metric: Metric,
    span: Bounds,
    *,
    group: Dims | None = None,
    apart: Sequence[Dims] | None = None,
    dialect: str = POSTGRES,
) -> str:
    """One statement: the group's columns if it is about all groups, then `value` and `rows`.

    Quotients add `numerator` and `denominator`, because a database rounds their division.

    Args:
        spec: Of the pipeline.
        metric: One of its metrics.
        span: The window; rows before the declared start are left out in any case.
        group: Values of the metric's `group_by` columns; None for every group.
        apart: Where some groups are summed together as `(other)`: those that are not. None
            where every group is told apart.
        dialect: As sqlglot names it. What is not PostgreSQL's is sqlglot's translation.
    """
    columns = () if group is not None else _group_columns(metric)
    writer = _Writer(spec, dialect)
    named = "" if apart is None else writer.is_one_of(_group_columns(metric), apart)
    labels = [writer.cut(name) for name in columns]
    if named:
        labels = [f"CASE WHEN {named} THEN {label} ELSE '{OTHER}' END" for label in labels]
    selected = [f"{label} AS {quoted(name)}" for label, name in zip(labels, columns, strict=True)]
    conditions = writer.conditions(metric, span, () if named and is_other(group or ()) else group)
    if named and is_other(group or ()):
        conditions.append(f"CASE WHEN {named} THEN 0 ELSE 1 END = 1")
    places = ", ".join(str(place) for place in range(1, len(columns) + 1))
    lines = [
        "SELECT " + ",\n       ".join((*selected, *writer.values(metric))),
        "FROM " + ".".join(quoted(part) for part in spec.source.table.split(".")),
        "WHERE " + "\n  AND ".join(conditions),
        *([f"GROUP BY {places}", f"ORDER BY {places}"] if columns else []),
    ]
    return writer.translated("\n".join(lines)) + ";"


def sides(spec: PipelineSpec, metric: RatioMetric) -> tuple[SimpleMetric, SimpleMetric]:
    """The two metrics that a ratio divides.

    Raises:
        ValueError: The declaration was not checked: a side is itself a ratio.
    """
    top, bottom = spec.metrics[metric.numerator], spec.metrics[metric.denominator]
    if isinstance(top, RatioMetric) or isinstance(bottom, RatioMetric):
        raise ValueError(f"{metric.name} divides a ratio; divide simple metrics")
    return top, bottom


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes PostgreSQL that sqlglot can translate; its own only where the dialect is."""

    spec: PipelineSpec
    dialect: str

    @property
    def native(self) -> bool:
        return self.dialect == POSTGRES

    def values(self, metric: Metric) -> list[str]:
        if isinstance(metric, RatioMetric):
            top, bottom = (self._aggregate(side) for side in sides(self.spec, metric))
            exact = f"CAST({top} AS numeric)" if self.native else f"1.0 * {top}"
            value = f"{exact} / nullif({bottom}, 0)"
        elif metric.agg is Aggregation.AVERAGE:
            top, bottom = f"sum({self._number(metric)})", f"count({metric.expr})"
            value = self._aggregate(metric)
        else:
            return [f"{self._aggregate(metric)} AS value", "count(*) AS rows"]
        return [
            f"{value} AS value",
            "count(*) AS rows",
            f"{top} AS numerator",
            f"{bottom} AS denominator",
        ]

    def _aggregate(self, metric: SimpleMetric) -> str:
        return {
            Aggregation.COUNT: f"count({metric.expr or '*'})",
            Aggregation.SUM: f"coalesce(sum({self._number(metric)}), 0)",
            Aggregation.AVERAGE: f"avg({self._number(metric)})",
            Aggregation.MIN: f"min({self._number(metric)})",
            Aggregation.MAX: f"max({self._number(metric)})",
            Aggregation.COUNT_DISTINCT: f"count(DISTINCT CAST({metric.expr} AS text))",
        }[metric.agg]

    def _number(self, metric: SimpleMetric) -> str:
        """Other databases read a bare decimal as one of few digits, which would round."""
        return f"CAST({metric.expr} AS numeric)" if self.native else f"({metric.expr})"

    def conditions(self, metric: Metric, span: Bounds, group: Dims | None) -> list[str]:
        time = quoted(self.spec.source.event_time)
        start = max(span.start or self.spec.start, self.spec.start)
        # Both sides of a ratio have the same filter; the declaration sees to that.
        kept = sides(self.spec, metric)[1] if isinstance(metric, RatioMetric) else metric
        return [
            f"{time} >= TIMESTAMPTZ '{utc(start).isoformat(' ')}'",
            f"{time} < TIMESTAMPTZ '{utc(span.end).isoformat(' ')}'",
            *([f"({kept.filter})"] if kept.filter else []),
            *(self._is(name, value) for name, value in zip(_group_columns(metric), group or ())),  # noqa: B905 - () is no choice
        ]

    def _is(self, column: str, value: str | None) -> str:
        if value is None:
            return f"{quoted(column)} IS NULL"
        return f"{self.cut(column)} = {self._literal(value)}"

    def is_one_of(self, columns: tuple[str, ...], groups: Sequence[Dims]) -> str:
        """Of one column a list, which no dialect nests; null where a value is, which CASE skips."""
        if len(columns) > 1:
            each = (zip(columns, dims, strict=True) for dims in groups)
            tests = (" AND ".join(self._is(name, value) for name, value in one) for one in each)
            return " OR ".join(f"({test})" for test in tests) or NONE
        values = [dims[0] for dims in groups]
        texts = [self._literal(value) for value in values if value is not None]
        listed = [f"{self.cut(columns[0])} IN ({', '.join(texts)})"] if texts else []
        missing = [f"{quoted(columns[0])} IS NULL"] if None in values else []
        return " OR ".join((*listed, *missing)) or NONE

    def _literal(self, value: str) -> str:
        return literal(value) if self.native else quoted(value, "'")

    def cut(self, column: str) -> str:
        text = f"CAST({quoted(column)} AS text)"
        if self.native:
            return f"left({text}, {LONGEST_GROUP})"
        return f"substring({text}, 1, {LONGEST_GROUP})"

    def translated(self, sql: str) -> str:
        if self.native:
            return sql
        return sqlglot.transpile(sql, POSTGRES, self.dialect, identify=True, pretty=True)[0]


def _group_columns(metric: Metric) -> tuple[str, ...]:
    return metric.group_by if isinstance(metric, SimpleMetric) else ()


def quoted(name: str, mark: str = '"') -> str:
    """Text between marks, with the marks in it doubled."""
    return mark + name.replace(mark, mark * 2) + mark


def literal(value: str) -> str:
    r"""A PostgreSQL string that means the same whatever `standard_conforming_strings` says.

    A backslash, or a character that a terminal would obey rather than show, takes the escape
    form.

    >>> print(literal("O'Neil"), literal("a\\b\x1b"))
    'O''Neil' E'a\\b\U0000001b'
    """
    plain = quoted(value, "'")
    if plain.isprintable() and "\\" not in plain:
        return plain
    return "E" + "".join(_escaped(character) for character in plain)


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
