"""The SQL that gives a published number again, from the source's own rows, for a person to run.

It holds no bind parameters, so that it can be pasted as it stands. Names and expressions come
from a checked declaration; group values, which anybody may have written into the table, leave
here as literals only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.compute.ranked import nearest_rank, ranked_rows
from kpi_pipeline.compute.spelling import Apart, Spelling
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.group import LONGEST_GROUP, OTHER, is_other
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.moment import utc
from kpi_pipeline.model.spec import PipelineSpec

NONE = "1 = 0"
"""True of no group."""


class PostgresSpelling:
    """See `Spelling`."""

    def name(self, name: str) -> str:
        """Between double quotes."""
        return quoted(name)

    def alias(self, name: str) -> str:
        """As it is."""
        return name

    def expression(self, canonical: str) -> str:
        """As it is: declarations are PostgreSQL."""
        return canonical

    def number(self, expr: str) -> str:
        """Floats would differ from run to run."""
        return f"CAST({expr} AS numeric)"

    def average(self, number: str) -> str:
        """PostgreSQL chooses enough digits."""
        return f"avg({number})"

    def percentile(self, number: str, percentile: Decimal) -> str | None:
        """The value at the nearest rank."""
        return f"percentile_disc({percentile:f}) WITHIN GROUP (ORDER BY {number})"

    def member(self, expr: str) -> str:
        """As text."""
        return f"CAST({expr} AS text)"

    def label(self, column: str) -> str:
        """As text, cut."""
        return f"left(CAST({column} AS text), {LONGEST_GROUP})"

    def literal(self, value: str) -> str:
        """See `literal`."""
        return literal(value)

    def within(self, column: str, span: Bounds) -> list[str]:
        """Moments mean the same in any session."""
        start = [f"{column} >= {_moment(span.start)}"] if span.start else []
        return [*start, f"{column} < {_moment(span.end)}"]


def metric_sql(
    spec: PipelineSpec,
    metric: SimpleMetric,
    span: Bounds,
    *,
    group: Dims | None = None,
    apart: Apart = None,
    spelling: Spelling | None = None,
) -> str:
    """One statement: the group's columns if it is about all groups, then `value` and `rows`.

    An average adds `numerator` and `denominator`, because a database rounds their division.

    Args:
        spec: Of the pipeline.
        metric: One of its simple metrics, which composed ones come down to.
        span: The window; rows before the declared start are left out in any case.
        group: Values of the metric's `group_by` columns; None for every group.
        apart: Where some groups are summed together as `(other)`: those that are not. None
            where every group is told apart.
        spelling: Of the source; None for PostgreSQL's.
    """
    columns = () if group is not None else metric.group_by
    writer = _Writer(spec, spelling or PostgresSpelling())
    named = "" if apart is None else writer.is_one_of(metric.group_by, apart)
    labels = [(writer.shown(column, named), writer.spelling.name(column)) for column in columns]
    selected = [f"{label} AS {name}" for label, name in labels]
    others = bool(named) and is_other(group or ())
    conditions = writer.conditions(metric, span, () if others else group or ())
    if others:
        conditions.append(f"CASE WHEN {named} THEN 0 ELSE 1 END = 1")
    places = ", ".join(str(place) for place in range(1, len(columns) + 1))
    rows = [
        "FROM " + ".".join(writer.spelling.name(part) for part in spec.source.table.split(".")),
        "WHERE " + "\n  AND ".join(conditions),
    ]
    if isinstance(metric, SimpleMetric) and writer.is_ranked(metric):
        rows = [f"FROM ({writer.ranked(metric, labels)}", *rows, ") AS ranked"]
        selected = [name for _, name in labels]
    lines = [
        "SELECT " + ",\n       ".join((*selected, *writer.values(metric))),
        *rows,
        *([f"GROUP BY {places}", f"ORDER BY {places}"] if columns else []),
    ]
    return "\n".join(lines) + ";"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the parts of a statement in the words of its database."""

    spec: PipelineSpec
    spelling: Spelling

    def values(self, metric: SimpleMetric) -> list[str]:
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

    def conditions(self, metric: SimpleMetric, span: Bounds, group: Dims) -> list[str]:
        time = self.spelling.name(self.spec.source.event_time)
        start = max(span.start or self.spec.start, self.spec.start)
        return [
            *self.spelling.within(time, Bounds(start, span.end)),
            *([f"({self.spelling.expression(metric.filter)})"] if metric.filter else []),
            *(self._is(name, value) for name, value in zip(metric.group_by, group)),  # noqa: B905 - () is no choice
        ]

    def _is(self, column: str, value: str | None) -> str:
        if value is None:
            return f"{self.spelling.name(column)} IS NULL"
        return f"{self.label(column)} = {self.spelling.literal(value)}"

    def is_one_of(self, columns: tuple[str, ...], groups: Sequence[Dims]) -> str:
        """Of one column a list, which no dialect nests; null where a value is, which CASE skips."""
        if len(columns) > 1:
            each = (zip(columns, dims, strict=True) for dims in groups)
            tests = (" AND ".join(self._is(name, value) for name, value in one) for one in each)
            return " OR ".join(f"({test})" for test in tests) or NONE
        values = [dims[0] for dims in groups]
        texts = [self.spelling.literal(value) for value in values if value is not None]
        listed = [f"{self.label(columns[0])} IN ({', '.join(texts)})"] if texts else []
        missing = [f"{self.spelling.name(columns[0])} IS NULL"] if None in values else []
        return " OR ".join((*listed, *missing)) or NONE

    def shown(self, column: str, named: str) -> str:
        """A group's value, or what stands for those that are summed together."""
        label = self.label(column)
        other = self.spelling.literal(OTHER)
        return f"CASE WHEN {named} THEN {label} ELSE {other} END" if named else label

    def label(self, column: str) -> str:
        return self.spelling.label(self.spelling.name(column))


def _moment(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{utc(moment).isoformat(' ')}'"


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
