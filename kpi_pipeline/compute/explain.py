"""The SQL that gives a published number again, from the source's own rows, for a person to run.

It holds no bind parameters, so that it can be pasted as it stands. Names and expressions come
from a checked declaration; group values, which anybody may have written into the table, leave
here as literals only.
"""

from datetime import datetime
from decimal import Decimal

from kpi_pipeline.compute.spelling import Apart, Spelling
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.compute.writer import Writer
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import LONGEST_GROUP
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.moment import utc
from kpi_pipeline.model.spec import PipelineSpec


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
    writer = Writer(spec, spelling or PostgresSpelling())
    named = writer.named(metric, apart)
    names = [writer.spelling.name(column) for column in columns]
    labels = list(zip(writer.shown(metric, apart), names, strict=True)) if columns else []
    selected = [f"{label} AS {name}" for label, name in labels]
    places = ", ".join(str(place) for place in range(1, len(columns) + 1))
    rows = writer.rows(metric, span, group or (), named)
    if isinstance(metric, SimpleMetric) and writer.is_ranked(metric):
        rows = [f"FROM ({writer.ranked(metric, labels)}", *rows, ") AS ranked"]
        selected = [name for _, name in labels]
    lines = [
        "SELECT " + ",\n       ".join((*selected, *writer.values(metric))),
        *rows,
        *([f"GROUP BY {places}", f"ORDER BY {places}"] if columns else []),
    ]
    return "\n".join(lines) + ";"


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
