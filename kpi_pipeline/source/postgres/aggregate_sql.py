"""The GROUP BY that does the work, written from the declaration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kpi_pipeline.model.group import LONGEST_GROUP
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.source.declared import Question
from kpi_pipeline.source.postgres.branches import Branches
from kpi_pipeline.source.postgres.kinds import INTEGERS, as_number, as_text
from kpi_pipeline.source.postgres.names import inline, quoted
from kpi_pipeline.source.postgres.passes import Pass

ROWS = "count(*)"
AGAIN = {"count": "CAST(sum({}) AS bigint)", "sum": "sum({})", "min": "min({})", "max": "max({})"}
"""How aggregates of finer groups become those of coarser ones, by the first word."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The aggregates of a pass, each once however many metrics share it.

    Attributes:
        sql: In the order of the answer's columns; the first counts rows.
        places: Where a metric's field is found, by metric and field.
    """

    sql: list[str] = field(default_factory=lambda: [ROWS])
    places: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, metric: SimpleMetric, name: str, sql: str) -> None:
        """Have a field of a metric computed."""
        if sql not in self.sql:
            self.sql.append(sql)
        self.places[metric.name, name] = self.sql.index(sql)


def columns_of_pass(one: Pass, kinds: Mapping[str, str]) -> Columns:
    """What a pass computes.

    Args:
        one: The pass.
        kinds: Type of the expression, by metric that has one.
    """
    columns = Columns()
    for metric in one.metrics:
        for name, sql in _fields(metric, kinds.get(metric.name, "")):
            columns.add(metric, name, sql)
    return columns


def pass_sql(one: Pass, columns: Columns, branches: Branches) -> str:
    """SELECT level, bucket, d0.., the columns: one row a level, bucket and group."""
    dims = [f"{label(column)} AS d{i}" for i, column in enumerate(one.group_by)]
    cells = [f"{sql} AS c{i}" for i, sql in enumerate(columns.sql)]
    places = ", ".join(str(place) for place in range(1, len(dims) + 2))
    fine = branches.select(", ".join((*dims, *cells)), f" GROUP BY {places}")
    levels = (_level(place, level, one, columns) for place, level in enumerate(one.levels))
    return f"WITH fine AS ({fine}) {' UNION ALL '.join(levels)}"


def _level(place: int, level: Question, one: Pass, columns: Columns) -> str:
    names = {metric.name for metric in level.metrics}
    used = {0, *(at for (name, _), at in columns.places.items() if name in names)}
    whole = level.group_by == one.group_by
    kept = [column in level.group_by for column in one.group_by]
    dims = [f"d{i}" if keep else "CAST(NULL AS text)" for i, keep in enumerate(kept)]
    cells = [_cell(i, sql, whole=whole, used=i in used) for i, sql in enumerate(columns.sql)]
    keys = ", ".join(("bucket", *(f"d{i}" for i, keep in enumerate(kept) if keep)))
    grouped = "" if whole else f" GROUP BY {keys}"
    return f"SELECT {', '.join((str(place), 'bucket', *dims, *cells))} FROM fine{grouped}"  # noqa: S608 - our own names


def _cell(i: int, sql: str, *, whole: bool, used: bool) -> str:
    """A column at a level; what its metrics do not use is null, of the type that others have."""
    value = f"c{i}" if whole else AGAIN[sql.partition("(")[0]].format(f"c{i}")
    return value if used else f"CASE WHEN false THEN {value} END"


def label(column: str) -> str:
    """A group's value as text, cut; to look how long it is costs less than to cut it.

    Told apart by its bytes: a collation that takes `a` for `A` would name the group by chance.
    """
    value = f'CAST({inline(quoted(column))} AS text) COLLATE "C"'
    return (
        f"CASE WHEN octet_length({value}) <= {LONGEST_GROUP} THEN {value} "
        f"ELSE left({value}, {LONGEST_GROUP}) END"
    )


def _fields(metric: SimpleMetric, kind: str) -> Iterator[tuple[str, str]]:
    expr = None if metric.expr is None else f"({inline(metric.expr)})"
    condition = None if metric.filter is None else f"({inline(metric.filter)})"
    kept = f" FILTER (WHERE {condition})" if condition else ""
    yield "rows", f"{ROWS}{kept}"
    yield "n", f"count({expr or '*'}){kept}"
    number = as_number(f"{expr}", kind)
    if metric.agg in {Aggregation.SUM, Aggregation.AVERAGE}:
        yield "total", f"sum({number}){kept}"
    elif metric.agg is Aggregation.MIN:
        yield "low", f"min({number}){kept}"
    elif metric.agg is Aggregation.MAX:
        yield "high", f"max({number}){kept}"
    elif metric.agg is Aggregation.COUNT_DISTINCT:
        # Whole numbers travel as they are; all else as the one text of equal values.
        member = expr if kind in INTEGERS else f'{as_text(f"{expr}", kind)} COLLATE "C"'
        present = f"{condition} AND {expr} IS NOT NULL" if condition else f"{expr} IS NOT NULL"
        yield "members", f"array_agg(DISTINCT {member}) FILTER (WHERE {present})"
