from decimal import Decimal

import pytest

from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, Input, RatioMetric
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.formula import Call, Name, Number, Operation
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.window import Reach, ToDate
from kpi_pipeline_tests.unit.builders import shop_text

LAST = "    average: {type: ratio, numerator: revenue, denominator: orders}\n"


def shop(more: str) -> PipelineSpec:
    """The small shop with more metrics from line 12 on."""
    return parse_text("shop", shop_text(LAST, LAST + more), "defs.yaml")


def metric(more: str) -> Metric:
    return shop(f"    x: {more}\n").metrics["x"]


def test_a_formula_names_its_metrics() -> None:
    assert metric("{type: derived, expr: '(revenue -  orders) / 2', unit: USD}") == DerivedMetric(
        name="x",
        expr="(revenue - orders) / 2",
        formula=Call(
            Operation.DIVIDE,
            (
                Call(Operation.SUBTRACT, (Name("revenue"), Name("orders"))),
                Number(Decimal(2)),
            ),
        ),
        inputs=(Input(metric="revenue", alias="revenue"), Input(metric="orders", alias="orders")),
        unit="USD",
    )


def test_a_metric_may_come_in_more_than_once_under_other_names_and_from_before() -> None:
    more = (
        "{type: derived, expr: now - before, description: growth, metrics: [{name: revenue, "
        "alias: now}, {name: revenue, alias: before, offset_window: 1 month}]}"
    )
    found = metric(more)

    assert isinstance(found, DerivedMetric)
    assert found.inputs == (
        Input(metric="revenue", alias="now"),
        Input(metric="revenue", alias="before", offset=Span(months=1)),
    )
    assert found.description == "growth"


@pytest.mark.parametrize(
    ("more", "reach"),
    [
        ("window: 28 days", Reach(trailing=Span(days=28))),
        ("window: 90 minutes", Reach(trailing=Span(minutes=90))),
        ("grain_to_date: month", Reach(grain_to_date=ToDate.MONTH)),
        ("unit: users", Reach()),
    ],
)
def test_a_cumulative_metric_has_a_reach_of_its_own(more: str, reach: Reach) -> None:
    found = metric(f"{{type: cumulative, metric: revenue, {more}}}")

    assert isinstance(found, CumulativeMetric)
    assert (found.metric, found.reach) == ("revenue", reach)


def test_groups_are_those_of_the_inputs_that_have_some() -> None:
    found = shop(
        "    share: {type: ratio, numerator: by_kind, denominator: revenue}\n"
        "    of_share: {type: derived, expr: share * 100}\n"
        "    all_along: {type: cumulative, metric: of_share, window: 7 days}\n"
        "    plain: {type: derived, expr: revenue - orders}\n"
    ).metrics

    assert [found[name].group_by for name in ("share", "of_share", "all_along", "plain")] == [
        ("kind",),
        ("kind",),
        ("kind",),
        (),
    ]


def test_metrics_keep_their_order_whatever_they_refer_to() -> None:
    found = shop("    z: {type: derived, expr: a}\n    a: {type: derived, expr: revenue}\n")

    assert list(found.metrics) == ["revenue", "orders", "by_kind", "average", "z", "a"]


def test_a_ratio_of_different_rows_can_be_meant() -> None:
    found = shop(
        "    big: {agg: count, filter: amount > 9}\n"
        "    share: {type: ratio, numerator: big, denominator: orders, different_filters: true}\n"
    ).metrics["share"]

    assert isinstance(found, RatioMetric)
    assert found.different_filters


CHAIN = "".join(
    f"    m{n}: {{type: derived, expr: {f'm{n + 1}' if n < 30 else 'revenue'}}}\n"
    for n in range(31)
)
TOWER = "    m0: {type: derived, expr: revenue}\n" + "".join(
    f"    m{n}: {{type: derived, expr: a * b, metrics: [{{name: m{n - 1}, alias: a}}, "
    f"{{name: m{n - 1}, alias: b, offset_window: {n} {'days' if n % 2 else 'months'}}}]}}\n"
    for n in range(1, 18)
)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(
            "    x: {type: derived, expr: x + 1}\n",
            "12: metrics.x.expr: refers to itself: x -> x",
            id="itself",
        ),
        pytest.param(
            "    x: {type: derived, expr: y + 1}\n"
            "    y: {type: ratio, numerator: z, denominator: revenue}\n"
            "    z: {type: cumulative, metric: x, window: 1 day}\n",
            "14: metrics.z.metric: refers to itself: x -> y -> z -> x",
            id="a circle",
        ),
        pytest.param(
            "    x: {type: derived, expr: revenu - 1}\n",
            "12: metrics.x.expr: unknown metric 'revenu' (did you mean 'revenue'?)",
            id="an unknown name",
        ),
        pytest.param(
            "    x: {type: derived, expr: a, metrics: [{name: revenu, alias: a}]}\n",
            "12: metrics.x.metrics: unknown metric 'revenu' (did you mean 'revenue'?)",
            id="an unknown input",
        ),
        pytest.param(
            "    x: {type: cumulative, metric: order, window: 1 day}\n",
            "12: metrics.x.metric: unknown metric 'order' (did you mean 'orders'?)",
            id="an unknown cumulative metric",
        ),
        pytest.param(
            "    revenue: {agg: count}\n",
            "12: the key 'revenue' stands here twice",
            id="two metrics of one name",
        ),
        pytest.param(
            CHAIN, "32: metrics.m20.expr: is made of metrics more than 20 deep", id="too deep"
        ),
        pytest.param(
            "".join(reversed(CHAIN.splitlines(keepends=True))),
            "32: metrics.m10.expr: is made of metrics more than 20 deep",
            id="too deep, from below",
        ),
        pytest.param(
            TOWER,
            "is computed from more than 200 different figures",
            id="offsets over offsets",
        ),
        pytest.param(
            "    x: {type: derived, expr: a, metrics: [{name: revenue, alias: a, "
            "offset_window: 60 years}]}\n"
            "    y: {type: derived, expr: a, metrics: [{name: x, alias: a, "
            "offset_window: 60 years}]}\n",
            "13: metrics.y: its offsets reach back more than a century together",
            id="too far back together",
        ),
        pytest.param(
            "    other: {agg: sum, expr: amount, group_by: [kind, shop]}\n"
            "    x: {type: ratio, numerator: by_kind, denominator: other}\n",
            "13: metrics.x: its metrics are grouped by different columns (by_kind: kind; other: "
            "kind, shop); give all that have a group_by the same columns in the same order",
            id="other groups",
        ),
        pytest.param(
            "    big: {agg: count, filter: amount > 9}\n"
            "    net: {type: derived, expr: orders - big}\n"
            "    x: {type: ratio, numerator: net, denominator: orders}\n",
            "14: metrics.x: numerator and denominator have different filters, so the ratio would "
            "compare different rows; give both the same filter, or say `different_filters: true`",
            id="different filters below",
        ),
        pytest.param(
            "    x: {type: ratio, numerator: revenue, denominator: orders, "
            "different_filters: maybe}\n",
            "12: metrics.x.different_filters: must be true or false, not 'maybe'",
            id="not a truth",
        ),
        pytest.param(
            "    x: {type: derived, expr: '1 + 1'}\n",
            "12: metrics.x.expr: names no metric, so it would be the same number for ever",
            id="a constant",
        ),
        pytest.param(
            "    x: {type: derived}\n",
            "12: metrics.x: the key 'expr' is missing",
            id="no formula",
        ),
        pytest.param(
            "    x: {type: derived, expr: [revenue]}\n",
            "12: metrics.x.expr: must be text, not ['revenue']",
            id="a list",
        ),
        pytest.param(
            "    x: {type: derived, expr: 'revenue; DROP TABLE orders'}\n",
            "12: metrics.x.expr: 'revenue; DROP TABLE orders' is not one formula",
            id="statements",
        ),
        pytest.param(
            "    x: {type: derived, expr: pg_sleep(revenue)}\n",
            "12: metrics.x.expr: 'PG_SLEEP(revenue)' is not allowed in a formula; use names of "
            "metrics, numbers, + - * /, abs, round, nullif, coalesce, greatest and least",
            id="a function",
        ),
        pytest.param(
            "    x: {type: derived, expr: revenue * 1e999999}\n",
            "12: metrics.x.expr: '1e999999' is not a number of sensible size",
            id="an absurd decimal",
        ),
        pytest.param(
            "    x: {type: derived, expr: b, metrics: [{name: revenue, alias: a}]}\n",
            "12: metrics.x.expr: 'b' is not among its metrics (known: a)",
            id="an unknown alias",
        ),
        pytest.param(
            "    x: {type: derived, expr: revenue, metrics: [revenue, orders]}\n",
            "12: metrics.x.metrics: 'orders' is not used in expr",
            id="an input for nothing",
        ),
        pytest.param(
            "    x: {type: derived, expr: revenue, metrics: [revenue, revenue]}\n",
            "12: metrics.x.metrics: has 'revenue' twice; give each an alias of its own",
            id="an alias twice",
        ),
        pytest.param(
            "    x: {type: derived, expr: revenue, metrics: {revenue: now}}\n",
            "12: metrics.x.metrics: must be a list of {name, alias, offset_window}, not "
            "{'revenue': 'now'}",
            id="no list of inputs",
        ),
        pytest.param(
            "    x: {type: derived, expr: a, metrics: [{name: revenue, alias: 'a\"; DROP'}]}\n",
            "12: metrics.x.metrics: an alias is lower case letters, digits and _, at most 63 of "
            "them",
            id="an alias that breaks out",
        ),
        pytest.param(
            "    x: {type: derived, expr: a, metrics: [{name: revenue, alias: a, offset: 1d}]}\n",
            "12: metrics.x.metrics.offset: unknown key (did you mean 'offset_window'?)",
            id="an unknown key of an input",
        ),
        pytest.param(
            "    x: {type: derived, expr: a, metrics: [{name: revenue, alias: a, "
            "offset_window: 0 days}]}\n",
            "12: metrics.x.metrics.offset_window: must be one or more whole days, weeks, months "
            "or years, such as 7 days",
            id="an offset of nothing",
        ),
        pytest.param(
            "    x: {type: cumulative, metric: revenue, window: 0 days}\n",
            "12: metrics.x.window: must be one or more whole days, weeks, months or years, such "
            "as 7 days",
            id="a window of nothing",
        ),
        pytest.param(
            "    x: {type: cumulative, metric: revenue, window: 1 day, grain_to_date: day}\n",
            "12: metrics.x: is either grain_to_date or window, not both",
            id="two reaches",
        ),
        pytest.param(
            "    x: {type: cumulative, metric: revenue, windows: 1 day}\n",
            "12: metrics.x.windows: unknown key (did you mean 'window'?)",
            id="an unknown key",
        ),
        pytest.param(
            "    x: {type: derived, expr: '" + " + ".join(f"m{n}" for n in range(51)) + "'}\n",
            "12: metrics.x.expr: names more than 50 metrics",
            id="too many names",
        ),
        pytest.param(
            "    'x\"; DROP TABLE orders; --': {type: derived, expr: revenue}\n",
            '12: metrics.x"; DROP TABLE orders; --: a name is lower case letters, digits and _, '
            "at most 63 of them",
            id="a name that breaks out",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_path(more: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(more)

    assert message in str(caught.value)
    assert str(caught.value).startswith("defs.yaml:")
