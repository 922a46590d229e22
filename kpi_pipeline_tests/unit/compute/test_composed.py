"""Composed metrics over totals that a test makes up: groups, others, frames, rows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.compute.frames import Totals
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.windows import Bounds, minute_days
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.group import OTHER
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty
from kpi_pipeline.model.window import Frame, Reach, ToDate
from kpi_pipeline_tests.unit.builders import AS_OF, shop_text
from kpi_pipeline_tests.unit.compute.views import Readings, absent, read, span_of

LAST = "    average: {type: ratio, numerator: revenue, denominator: orders}\n"
MORE = """\
    users: {agg: count_distinct, expr: user}
    orders_by_kind: {agg: count, group_by: kind}
    mean_by_kind: {agg: average, expr: amount, group_by: kind}
    per_order: {type: ratio, numerator: by_kind, denominator: orders_by_kind, unit: USD}
    share: {type: ratio, numerator: by_kind, denominator: revenue}
    one: {type: ratio, numerator: share, denominator: share}
    doubled: {type: derived, expr: per_order * 2}
    net: {type: derived, expr: by_kind - mean_by_kind}
    users_28d: {type: cumulative, metric: users, window: 28 days}
    sticky: {type: ratio, numerator: users, denominator: users_28d}
    grown:
      type: derived
      expr: now - before
      metrics: [{name: by_kind, alias: now}, {name: by_kind, alias: before, offset_window: 7 days}]
    grown_or_not: {type: derived, expr: "coalesce(grown, 0)"}
"""
SPEC = parse_text("shop", shop_text(LAST, LAST + MORE), "defs.yaml")
TODAY = Frame(reach=Reach(grain_to_date=ToDate.DAY))
WEEK = Span(days=7)


def at(frame: Frame) -> Bounds:
    return span_of(SPEC, frame)


def money(total: int, rows: int = 1) -> Partial:
    return Partial(rows=rows, n=rows, total=Decimal(total))


NOW: Totals = {
    ("revenue", ()): money(100, 10),
    ("orders", ()): Partial(rows=10, n=10),
    ("users", ()): Partial(rows=10, n=10, sketch=members.encode([1, 2])),
    ("by_kind", ("a",)): money(60, 6),
    ("by_kind", (None,)): money(40, 4),
    ("orders_by_kind", ("a",)): Partial(rows=6, n=6),
    ("orders_by_kind", ("b",)): Partial(rows=2, n=2),
    ("orders_by_kind", (None,)): Partial(rows=4, n=4),
    ("mean_by_kind", ("a",)): money(60, 6),
}
LAST_WEEK: Totals = {
    ("by_kind", ("a",)): money(10),
    ("by_kind", ("gone",)): money(5),
    ("revenue", ()): money(15, 2),
}
MONTH: Totals = {("users", ()): Partial(rows=9, n=9, sketch=members.encode(range(8)))}
WHOLE = {
    at(TODAY): NOW,
    at(TODAY.moved(WEEK)): LAST_WEEK,
    at(Frame(reach=Reach(trailing=Span(days=28)))): MONTH,
}


def values(found: Readings, metric: str) -> dict[str | None, Decimal | None]:
    return {dims[0]: reading.value for (name, dims), reading in found.items() if name == metric}


def test_a_ratio_is_taken_group_by_group_and_what_has_no_groups_is_read_for_all() -> None:
    found = read(SPEC, "today", WHOLE)

    assert values(found, "per_order") == {"a": 10, "b": 0, None: 10}
    assert values(found, "share") == {"a": Decimal("0.6"), None: Decimal("0.4")}
    assert values(found, "one") == {"a": 1, None: 1}
    assert values(found, "doubled") == {"a": 20, "b": 0, None: 20}
    assert found["per_order", ("a",)].unit == "USD"


def test_a_missing_group_is_no_rows_so_a_sum_is_zero_and_an_average_nothing() -> None:
    found = read(SPEC, "today", WHOLE)

    assert values(found, "net") == {"a": 50, None: None}
    assert values(found, "grown") == {"a": 50, "gone": -5, None: 40}


def test_rows_are_those_of_the_denominator_or_the_least_of_the_inputs() -> None:
    found = read(SPEC, "today", WHOLE)

    assert found["share", ("a",)].rows == 10
    assert found["doubled", ("b",)].rows == 2
    assert [found["grown", dims].rows for dims in (("a",), ("gone",))] == [1, 0]
    assert found["users_28d", ()].rows == found["sticky", ()].rows == 9


def test_a_cumulative_metric_looks_at_its_own_window_whatever_was_asked() -> None:
    found = read(SPEC, "today", WHOLE)

    assert found["users_28d", ()].value == 8
    assert found["sticky", ()].value == Decimal("0.25")
    assert found["users_28d", ()].start == at(TODAY).start
    assert read(SPEC, "hour", WHOLE)["users_28d", ()].value == 8


def test_a_baseline_moves_every_frame_back() -> None:
    before: dict[Bounds, Totals] = {
        at(TODAY.moved(WEEK).moved(WEEK)): {("by_kind", ("a",)): money(4)},
        at(Frame(reach=Reach(trailing=Span(days=28))).moved(WEEK)): MONTH,
    }
    found = read(SPEC, "today", WHOLE | before)

    assert found["grown", ("a",)].baseline == 6
    assert found["users_28d", ()].baseline == 8
    assert found["share", ("a",)].baseline == divide(Decimal(10), Decimal(15))
    assert found["sticky", ()].baseline == 0


def test_where_others_are_summed_together_a_group_that_is_not_named_is_unknown() -> None:
    crowded = {**NOW, ("by_kind", (OTHER,)): money(7)}
    found = read(SPEC, "today", WHOLE | {at(TODAY): crowded})

    assert values(found, "per_order") == {"a": 10, "b": None, None: 10, OTHER: None}
    assert values(found, "share")[OTHER] is None
    assert values(found, "by_kind") == {"a": 60, None: 40, OTHER: 7}
    assert values(found, "grown") == {"a": 50, "gone": None, None: 40, OTHER: None}
    assert found["per_order", (OTHER,)].rows == 0


def test_history_that_is_too_young_makes_nothing_of_what_looks_back() -> None:
    young = AS_OF - timedelta(days=3)
    found = read(SPEC, "today", WHOLE, history_from=young)

    assert values(found, "grown") == {"a": None, None: None}
    assert found["users_28d", ()].value is None
    assert found["sticky", ()].value is None
    assert values(found, "share") == {"a": Decimal("0.6"), None: Decimal("0.4")}
    assert values(found, "grown_or_not") == {"a": 0, None: 0}
    assert not found["grown", ("a",)].building


def test_nothing_is_compared_with_a_default_for_what_is_not_known() -> None:
    found = read(SPEC, "today", WHOLE, history_from=AS_OF - timedelta(days=10))

    assert values(found, "grown_or_not")["a"] == 50
    assert found["grown_or_not", ("a",)].baseline is None


def test_a_metric_is_building_while_an_input_is_in_any_frame_that_it_reads() -> None:
    old = Interval(AS_OF - timedelta(days=20), AS_OF - timedelta(days=19))
    dirty = [Dirty(old, Cause.DEFINITION, frozenset({"users", "by_kind"}))]
    found = read(SPEC, "today", WHOLE, dirty=dirty)

    assert {name for (name, _), item in found.items() if item.building} == {"users_28d", "sticky"}
    assert found["users_28d", ()].value is None


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("share", 0), ("per_order", None), ("grown", 0), ("by_kind", 0), ("mean_by_kind", None)],
)
def test_a_group_without_rows_reads_what_is_left(metric: str, expected: int | None) -> None:
    assert absent(SPEC, "today", WHOLE)[metric, ()].value == expected


def test_a_metric_over_nothing_at_all_is_zero_or_nothing() -> None:
    found = read(SPEC, "today", {}, history_from=None)

    assert found["average", ()].value is None
    assert found["revenue", ()].value == 0
    assert [name for name, dims in found if dims] == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("    m: {type: cumulative, metric: revenue, window: 90 days}\n", 90 + 7 + 2),
        ("    m: {type: cumulative, metric: revenue, grain_to_date: year}\n", 7 + 2),
        ("    m: {type: cumulative, metric: revenue, window: 3 months}\n", 93 + 7 + 2),
        (
            (
                "    m: {type: derived, expr: a, metrics: [{name: revenue, alias: a, "
                "offset_window: 1 year}]}\n"
            ),
            372 + 7 + 2,
        ),
    ],
)
def test_minutes_are_kept_for_whatever_a_metric_looks_back_at(more: str, expected: int) -> None:
    spec: PipelineSpec = parse_text("shop", shop_text(LAST, LAST + more), "defs.yaml")

    assert minute_days(spec) == expected
