"""The schema of `metrics:`."""

from kpi_pipeline.model.declaration.schema.parts import (
    Json,
    flag,
    given,
    mapping,
    named,
    number,
    period,
    text,
    whenever,
    whole,
    word,
)
from kpi_pipeline.model.declaration.simple import MOST_COLUMNS
from kpi_pipeline.model.group import DEFAULT_GROUPS, MOST_GROUPS
from kpi_pipeline.model.window import ToDate

TYPES = {
    "simple": "An aggregation over the rows: agg, expr, filter, group_by.",
    "ratio": "One simple metric divided by another.",
    "derived": "Arithmetic over other metrics.",
    "cumulative": "Another metric over a window of its own.",
}
AGGREGATIONS = {
    "count": "Rows; with an expr, rows where it is not null.",
    "sum": "The exact sum; 0 where there are no rows.",
    "average": "The exact mean; null where there are no rows.",
    "avg": "The same as average.",
    "min": "The least value.",
    "max": "The greatest value.",
    "count_distinct": "Distinct values, exact in every window; see approximate.",
    "percentile": "A percentile of the values, within relative_error.",
    "median": "The value in the middle, within relative_error.",
}
EXPR = "SQL over the table's columns: arithmetic, comparisons, CASE, COALESCE, ROUND and the like."
UNIT = "Shown behind the value. A currency's code such as USD gives cents; s is a duration."
SAID = "What it means, for whoever reads the KPI."


def metrics() -> Json:
    """Every metric by its name."""
    by_type = _simple()
    for kind, node in (("cumulative", _cumulative()), ("derived", _derived()), ("ratio", _ratio())):
        is_kind: Json = {"properties": {"type": {"const": kind}}, "required": ["type"]}
        by_type = whenever(is_kind, node, by_type)
    item: Json = {"description": "One KPI, in the words of dbt's metrics.", "type": "object"}
    return named("The KPIs, each by a name.", item | by_type, least=1)


def _type() -> Json:
    return word("The kind of metric; simple if not said.", TYPES)


def _simple() -> Json:
    node = mapping(
        "An aggregation over the source's rows.",
        ("agg",),
        type=_type(),
        agg=word("How rows become one number.", AGGREGATIONS),
        expr=text(f"What is aggregated. {EXPR}", "amount", "amount - discount"),
        filter=text(f"Which rows count. {EXPR}", "status <> 'test'", "amount >= 50"),
        group_by=_group_by(),
        most_groups=whole(
            f"How many groups are kept apart ({DEFAULT_GROUPS:,} if not said); later ones are "
            "summed in '(other)'.",
            minimum=1,
            maximum=MOST_GROUPS,
        ),
        approximate=flag("For count_distinct: far less state, within about 1 %."),
        percentile=number("For agg percentile: which one, such as 0.95.", minimum=0, maximum=1),
        relative_error=number(
            "For percentile and median: how far off a value may be, as a part of it (0.01).",
            exclusiveMinimum=0,
            exclusiveMaximum=1,
        ),
        unit=text(UNIT, "USD", "s"),
        description=text(SAID),
    )
    return node | {"allOf": _simple_rules()}


def _simple_rules() -> list[Json]:
    counts: Json = {"properties": {"agg": {"const": "count"}}}
    ranks: Json = {"properties": {"agg": {"const": "percentile"}}, "required": ["agg"]}
    return [
        whenever({"not": counts}, given("expr")),
        whenever(ranks, given("percentile")),
        whenever(given("most_groups"), given("group_by")),
    ]


def _group_by() -> Json:
    return {
        "description": f"Columns that split the number, up to {MOST_COLUMNS}.",
        "type": ["array", "string", "number"],
        "items": {"type": ["string", "number"], "minLength": 1},
        "maxItems": MOST_COLUMNS,
        "uniqueItems": True,
        "minLength": 1,
        "examples": [["transaction_type"]],
    }


def _ratio() -> Json:
    return mapping(
        "One simple metric divided by another; null where the divisor is 0.",
        ("type", "numerator", "denominator"),
        type=_type(),
        numerator=text("The simple metric that is divided."),
        denominator=text("The simple metric that divides."),
        different_filters=flag("Says that both sides count different rows on purpose."),
        unit=text(UNIT, "USD"),
        description=text(SAID),
    )


def _derived() -> Json:
    part = mapping(
        "A metric in the expression.",
        ("name",),
        name=text("The metric."),
        alias=text("What the expression calls it; its name if not said."),
        offset_window=period("Take its value so long ago.", "7 days", "1 month"),
    )
    return mapping(
        "Arithmetic over other metrics.",
        ("type", "expr"),
        type=_type(),
        expr=text("Arithmetic over names of metrics.", "revenue - refunds"),
        metrics={
            "description": "Metrics that need an alias or an offset.",
            "type": "array",
            "items": part,
        },
        unit=text(UNIT, "USD"),
        description=text(SAID),
    )


def _cumulative() -> Json:
    node = mapping(
        "Another metric over a window of its own, as of each moment.",
        ("type", "metric"),
        type=_type(),
        metric=text("The metric that is accumulated."),
        window=period("A trailing window.", "28 days"),
        grain_to_date=word(
            "From the start of this period.",
            {period.value: f"Since the {period.value} began." for period in ToDate},
        ),
        unit=text(UNIT),
        description=text(SAID),
    )
    return node | {"not": given("window", "grain_to_date")}
