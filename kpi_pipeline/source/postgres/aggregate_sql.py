"""The GROUP BY that does the work, written from the declaration."""

from collections.abc import Mapping, Sequence

from kpi_pipeline.model.group import LONGEST_GROUP
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.declared import Question
from kpi_pipeline.source.postgres.kinds import as_number, as_text
from kpi_pipeline.source.postgres.names import inline, quoted, quoted_table


def aggregate_sql(
    spec: PipelineSpec, question: Question, kinds: Mapping[str, str], bucket: str, intervals: int
) -> str:
    """SELECT bucket, d0.., rows, newest, then rows_i, n_i, and what metric i needs.

    Args:
        spec: Of the pipeline.
        question: What to aggregate.
        kinds: Type of the expression, by metric that has one.
        bucket: SQL for the bucket of a row.
        intervals: How many pairs of bind parameters `start_k`, `end_k` the WHERE has. They are
            UNION ALL branches rather than OR, so that each uses the index.
    """
    time = inline(quoted(spec.source.event_time))
    dims = dims_sql(question.group_by)
    columns = [
        f"{bucket} AS bucket",
        *dims,
        "count(*) AS rows",
        f"max({time}) FILTER (WHERE {time} <= :as_of) AS newest",
        *(
            column
            for i, metric in enumerate(question.metrics)
            for column in _columns(i, metric, kinds)
        ),
    ]
    places = ", ".join(str(k) for k in range(1, len(dims) + 2))
    return f"SELECT {', '.join(columns)} FROM {rows_sql(spec, intervals)} GROUP BY {places}"  # noqa: S608


def rows_sql(spec: PipelineSpec, intervals: int) -> str:
    """The rows of the intervals, for a FROM; see `aggregate_sql`."""
    time = inline(quoted(spec.source.event_time))
    table = inline(quoted_table(spec.source.table))
    branches = " UNION ALL ".join(
        f"SELECT * FROM {table} WHERE {time} >= :start_{k} AND {time} < :end_{k} "  # noqa: S608
        f"AND {time} >= :start"  # a whole day may begin before the declared start
        for k in range(intervals)
    )
    return f"({branches}) AS r"


def dims_sql(group_by: tuple[str, ...]) -> list[str]:
    """The values of the groups' columns, as d0, d1, ..."""
    return [
        f"left(CAST({inline(quoted(column))} AS text), {LONGEST_GROUP}) AS d{i}"
        for i, column in enumerate(group_by)
    ]


def _columns(i: int, metric: SimpleMetric, kinds: Mapping[str, str]) -> Sequence[str]:
    expr = None if metric.expr is None else f"({inline(metric.expr)})"
    condition = None if metric.filter is None else f"({inline(metric.filter)})"
    kept = f" FILTER (WHERE {condition})" if condition else ""
    counted = "*" if expr is None else expr
    columns = [f"count(*){kept} AS rows_{i}", f"count({counted}){kept} AS n_{i}"]
    kind = kinds.get(metric.name, "")
    number = as_number(f"{expr}", kind)
    if metric.agg in {Aggregation.SUM, Aggregation.AVERAGE}:
        columns.append(f"sum({number}){kept} AS total_{i}")
    elif metric.agg is Aggregation.MIN:
        columns.append(f"min({number}){kept} AS low_{i}")
    elif metric.agg is Aggregation.MAX:
        columns.append(f"max({number}){kept} AS high_{i}")
    elif metric.agg is Aggregation.COUNT_DISTINCT:
        present = f"{condition} AND {expr} IS NOT NULL" if condition else f"{expr} IS NOT NULL"
        members = f"array_agg(DISTINCT {as_text(f'{expr}', kind)}) FILTER (WHERE {present})"
        columns.append(f"{members} AS members_{i}")
    return columns
