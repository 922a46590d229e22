import pytest

from kpi_pipeline.model.composed import RatioMetric
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline_tests.unit.builders import shop

ALL = """
    revenue: {agg: sum, expr: amount, unit: USD}
    orders: {agg: count}
    by_kind: {agg: sum, expr: amount, group_by: kind}
    average: {type: ratio, numerator: revenue, denominator: orders}
"""


def test_a_metric_without_a_type_is_simple() -> None:
    metric = shop().metrics["by_kind"]

    assert metric == SimpleMetric(
        name="by_kind", agg=Aggregation.SUM, expr='"amount"', group_by=("kind",)
    )


def test_how_many_groups_are_kept_apart_can_be_said() -> None:
    metric = shop("group_by: kind", "group_by: kind, most_groups: 10000").metrics["by_kind"]

    assert isinstance(metric, SimpleMetric)
    assert metric.most_groups == 10_000


def test_a_ratio_keeps_the_names_of_its_parts() -> None:
    metric = shop("denominator: orders}", "denominator: orders, unit: USD}").metrics["average"]

    assert metric == RatioMetric(
        name="average", numerator="revenue", denominator="orders", unit="USD"
    )


@pytest.mark.parametrize(
    ("word", "agg"),
    [
        pytest.param("avg", Aggregation.AVERAGE, id="the short form of average"),
        *(pytest.param(agg.value, agg, id=agg.value) for agg in Aggregation if agg != "percentile"),
    ],
)
def test_every_aggregation_has_its_word(word: str, agg: Aggregation) -> None:
    metric = shop("{agg: count}", f"{{agg: {word}, expr: amount}}").metrics["orders"]

    assert metric == SimpleMetric(name="orders", agg=agg, expr='"amount"')


def test_a_filter_is_kept_in_canonical_form() -> None:
    metric = shop("group_by: kind", "filter: amount>0 and kind  is not null").metrics["by_kind"]

    assert isinstance(metric, SimpleMetric)
    assert metric.filter == '"amount" > 0 AND "kind" IS NOT NULL'


def test_a_ratio_over_the_same_filter_is_welcome_however_it_is_spaced() -> None:
    spec = shop(
        "{agg: count}\n",
        """{agg: count}
    sold: {agg: count, filter: amount>0}
    kept: {agg: sum, expr: amount, filter: amount  > 0}
    share: {type: ratio, numerator: kept, denominator: sold}
""",
    )

    assert spec.metrics["share"] == RatioMetric(name="share", numerator="kept", denominator="sold")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "agg: sum, expr: amount, unit: USD",
            "agg: sum, exprs: amount",
            "defs.yaml:8: metrics.revenue.exprs: unknown key (did you mean 'expr'?)",
            id="an unknown key names the nearest",
        ),
        pytest.param(
            "{agg: count}",
            "{agg: count, zzz: 1}",
            (
                "defs.yaml:9: metrics.orders.zzz: unknown key (known: agg, approximate, "
                "description, expr, filter, group_by, most_groups, percentile, relative_error, "
                "type, unit)"
            ),
            id="an unknown key that is near to none lists all",
        ),
        pytest.param(
            "denominator: orders}",
            "denominator: orders, expr: amount}",
            (
                "defs.yaml:11: metrics.average.expr: unknown key (known: denominator, "
                "description, different_filters, numerator, type, unit)"
            ),
            id="a ratio knows fewer keys",
        ),
        pytest.param(
            "{agg: count}",
            "{agg: cuont}",
            "defs.yaml:9: metrics.orders.agg: unknown agg 'cuont' (did you mean 'count'?)",
            id="an unknown aggregation names the nearest",
        ),
        pytest.param(
            "{agg: count}",
            "{agg: [count]}",
            "defs.yaml:9: metrics.orders.agg: must be text, not ['count']",
            id="an aggregation cannot be a list",
        ),
        pytest.param(
            "{agg: count}",
            "{expr: amount}",
            "defs.yaml:9: metrics.orders: the key 'agg' is missing",
            id="an aggregation is not guessed",
        ),
        pytest.param(
            "{agg: count}",
            "",
            "defs.yaml:9: metrics.orders: the key 'agg' is missing",
            id="a metric may not be empty",
        ),
        pytest.param(
            "{agg: count}",
            "count",
            "defs.yaml:9: metrics.orders: must be a mapping of keys, not 'count'",
            id="a metric is not a word",
        ),
        pytest.param(
            "agg: sum, expr: amount, unit: USD",
            "agg: sum",
            "defs.yaml:8: metrics.revenue: agg sum needs an expr, such as a column",
            id="a sum needs an expression",
        ),
        pytest.param(
            "agg: sum, expr: amount, unit: USD",
            "agg: sum, expr: ''",
            "defs.yaml:8: metrics.revenue.expr: must be text, not ''",
            id="an empty expression is none",
        ),
        pytest.param(
            "agg: sum, expr: amount, unit: USD",
            "agg: sum, expr: [amount]",
            "defs.yaml:8: metrics.revenue.expr: must be text, not ['amount']",
            id="an expression is text",
        ),
        pytest.param(
            "agg: sum, expr: amount, unit: USD",
            "agg: sum, expr: true",
            "defs.yaml:8: metrics.revenue.expr: must be text, not True",
            id="a truth is not an expression",
        ),
        pytest.param(
            "agg: sum, expr: amount, unit: USD",
            "agg: sum, expr: pg_sleep(1)",
            (
                "defs.yaml:8: metrics.revenue.expr: 'PG_SLEEP(1)' is not allowed; use columns, "
                "literals, arithmetic, comparisons, CASE, COALESCE, NULLIF, ABS, ROUND, LOWER, "
                "UPPER and the like"
            ),
            id="a forbidden expression is told with its place",
        ),
        pytest.param(
            "{agg: count}",
            "{agg: count, filter: a.b}",
            "defs.yaml:9: metrics.orders.filter: 'a.b' names a table; write the column alone",
            id="a forbidden filter is told with its place",
        ),
        pytest.param(
            "type: ratio",
            "type: ration",
            "defs.yaml:11: metrics.average.type: unknown type 'ration' (did you mean 'ratio'?)",
            id="an unknown type names the nearest",
        ),
        pytest.param(
            "type: ratio",
            "type: conversion",
            (
                "defs.yaml:11: metrics.average.type: unknown type 'conversion' (known: "
                "cumulative, derived, ratio, simple)"
            ),
            id="an unknown type lists all",
        ),
        pytest.param(
            "orders: {agg: count}",
            "Orders: {agg: count}",
            (
                "defs.yaml:9: metrics.Orders: a name is lower case letters, digits and _, at "
                "most 63 of them"
            ),
            id="a name is a plain word",
        ),
        pytest.param(
            "orders: {agg: count}",
            "7: {agg: count}",
            (
                "defs.yaml:9: metrics.7: a name is lower case letters, digits and _, at most "
                "63 of them"
            ),
            id="a name does not begin with a digit",
        ),
        pytest.param(
            "orders: {agg: count}",
            "oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo: {agg: count}",
            (
                "defs.yaml:9: "
                "metrics.oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo: a "
                "name is lower case letters, digits and _, at most 63 of them"
            ),
            id="a name is short",
        ),
        pytest.param(
            "group_by: kind",
            "group_by: [kind, {a: b}]",
            "defs.yaml:10: metrics.by_kind.group_by: must be text, not {'a': 'b'}",
            id="a group is a list of words",
        ),
        pytest.param(
            "denominator: orders",
            "denominator: ordrs",
            (
                "defs.yaml:11: metrics.average.denominator: unknown metric 'ordrs' (did you "
                "mean 'orders'?)"
            ),
            id="a ratio's denominator is spelled right",
        ),
        pytest.param(
            "group_by: kind",
            "group_by: kind, most_groups: 10001",
            "defs.yaml:10: metrics.by_kind.most_groups: must lie between 1 and 10,000",
            id="not too many groups",
        ),
        pytest.param(
            "group_by: kind",
            "group_by: kind, most_groups: 0",
            "defs.yaml:10: metrics.by_kind.most_groups: must lie between 1 and 10,000",
            id="one group at least",
        ),
        pytest.param(
            "group_by: kind",
            "most_groups: 5",
            ("defs.yaml:10: metrics.by_kind.most_groups: needs a group_by, whose groups it limits"),
            id="what limits groups needs them",
        ),
        pytest.param(
            "group_by: kind",
            "group_by: ['ki\"nd']",
            "defs.yaml:10: metrics.by_kind.group_by: 'ki\"nd' is not a column name",
            id="a group column has no quotes",
        ),
        pytest.param(
            "group_by: kind",
            'group_by: ["ki\\0nd"]',
            (
                "defs.yaml:10: metrics.by_kind.group_by: must be text without NUL and halves of "
                "characters, not 'ki\\x00nd'"
            ),
            id="a group column has no nul",
        ),
        pytest.param(
            "numerator: revenue, ",
            "",
            "defs.yaml:11: metrics.average: the key 'numerator' is missing",
            id="a ratio needs a numerator",
        ),
        pytest.param(
            "numerator: revenue",
            "numerator: revenu",
            (
                "defs.yaml:11: metrics.average.numerator: unknown metric 'revenu' (did you "
                "mean 'revenue'?)"
            ),
            id="a ratio needs a known numerator",
        ),
        pytest.param(
            "{agg: count}",
            "{agg: count, filter: amount > 0}",
            (
                "defs.yaml:11: metrics.average: numerator and denominator have different "
                "filters, so the ratio would compare different rows; give both the same filter, "
                "or say `different_filters: true`"
            ),
            id="a ratio over different rows",
        ),
        pytest.param(
            ALL,
            " {}\n",
            "defs.yaml:7: metrics: declare at least one metric",
            id="no metrics at all",
        ),
        pytest.param(
            ALL,
            " [revenue]\n",
            "defs.yaml:7: metrics: must be a mapping of keys, not ['revenue']",
            id="metrics are not a list",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_path(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(old, new)

    assert str(caught.value) == message
