"""Composed metrics of a real fold equal SQL on the source, and their explanations prove it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.compute.explanation import NULL
from kpi_pipeline.compute.judgement import judge_all
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.windows import Bounds, bounds, frame_bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.composed import DerivedMetric
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.window import Frame
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.pipeline.publish import take_snapshot
from kpi_pipeline.source.postgres.answers import PostgresAnswers
from kpi_pipeline_tests.sales import DECLARATION, Sales

MORE = """\
    count_by_type: {agg: count, group_by: [transaction_type]}
    mean_by_type: {agg: average, expr: amount, group_by: [transaction_type]}
    refunds: {agg: sum, expr: amount, filter: transaction_type = 'REFUND', unit: USD}
    value_by_type: {type: ratio, numerator: revenue_by_type, denominator: count_by_type}
    share_of_total: {type: ratio, numerator: revenue_by_type, denominator: total_revenue}
    net: {type: derived, expr: total_revenue - 2 * refunds, unit: USD}
    users_28d: {type: cumulative, metric: unique_users, window: 28 days}
    stickiness: {type: ratio, numerator: unique_users, denominator: users_28d}
    month: {type: cumulative, metric: net, grain_to_date: month}
    week_over_week:
      type: derived
      expr: round(100 * (now - before) / nullif(before, 0), 3)
      metrics:
        - {name: total_revenue, alias: now}
        - {name: total_revenue, alias: before, offset_window: 7 days}
    type_over_month:
      type: derived
      expr: now - before
      metrics:
        - {name: revenue_by_type, alias: now}
        - {name: revenue_by_type, alias: before, offset_window: 1 month}
    spread: {type: derived, expr: "greatest(mean_by_type - avg_order_value, 0)"}
    nothing: {agg: sum, expr: amount, filter: amount > 1000000}
    of_nothing:
      {type: ratio, numerator: total_revenue, denominator: nothing, different_filters: true}
  windows:
    last_3_months: {window: 3 months, compare: {offset_window: 1 month}}
    last_7d: {window: 7 days, compare: {offset_window: 1 week}}
"""
DECLARED = DECLARATION.replace("  windows:\n", MORE).replace(
    "  thresholds:\n",
    "  thresholds:\n    much: {metric: share_of_total, window: today, above: 0.5}\n",
)
MILLI, HALF = Decimal("0.001"), ROUND_HALF_UP
NOBODY = (Decimal(0), 0)
GROUPS = "SELECT transaction_type, sum(amount), count(*) FROM transactions WHERE {} GROUP BY 1"
TOTAL = "SELECT coalesce(sum(amount), 0) FROM transactions WHERE {}"
USERS = "SELECT count(DISTINCT user_id) FROM transactions WHERE {}"


@pytest.fixture
def shop(sales: Sales) -> Iterator[Sales]:
    """Rows of 200 days, more of them of late, some without an amount, a user or a type."""
    now = datetime.now(UTC)
    ages = [timedelta(minutes=11 * n) for n in range(40)]
    ages += [timedelta(hours=23 * n) for n in range(1, 210)]
    with sales.shop.begin() as owner:
        for n, age in enumerate(ages):
            kind = None if n % 9 == 4 else ("FOOD", "FUEL", "REFUND", "O'Neil; --")[n % 4]
            amount = None if n % 8 == 7 else f"{n * 7 % 101}.{n % 100:02}"
            user = None if n % 6 == 5 else n % 37
            sales.sell(amount, at=now - age, kind=kind, user=user, on=owner)
    found = replace(sales, declaration=DECLARED)
    found.advance()
    yield found
    found.close()


def snapshot_of(shop: Sales) -> Snapshot:
    latest = shop.parts.store.latest()
    assert latest is not None
    return latest.snapshot


def within(span: Bounds) -> str:
    start = "" if span.start is None else f"created_at >= '{span.start}' AND "
    return f"{start}created_at < '{span.end}'"


def ask(shop: Sales, sql: str, span: Bounds) -> list[tuple[object, ...]]:
    with shop.shop.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql.format(within(span)))]


def number(shop: Sales, sql: str, span: Bounds) -> Decimal:
    return Decimal(str(ask(shop, sql, span)[0][0]))


def groups(shop: Sales, span: Bounds) -> Mapping[Dims, tuple[Decimal, int]]:
    rows = ask(shop, GROUPS, span)
    return {
        (None if kind is None else str(kind),): (Decimal(str(total or 0)), int(str(count)))
        for kind, total, count in rows
    }


def readings(snapshot: Snapshot, metric: str, window: str) -> Mapping[Dims, Reading]:
    return {item.dims: item for item in snapshot.find(metric, window)}


def test_ratios_by_group_and_shares_of_the_total_equal_the_source(shop: Sales) -> None:
    snapshot = snapshot_of(shop)
    for window in shop.spec.windows.values():
        span = bounds(window, snapshot.as_of, shop.spec.timezone)
        total, found = number(shop, TOTAL, span), groups(shop, span)

        values = readings(snapshot, "value_by_type", window.name)
        shares = readings(snapshot, "share_of_total", window.name)
        assert {dims: item.value for dims, item in values.items()} == {
            dims: divide(amount, Decimal(count)) for dims, (amount, count) in found.items()
        }
        assert {dims: item.value for dims, item in shares.items()} == {
            dims: divide(amount, total) for dims, (amount, _) in found.items()
        }
        assert {dims: item.rows for dims, item in values.items()} == {
            dims: count for dims, (_, count) in found.items()
        }


def test_refunds_are_taken_off_and_users_of_today_divided_by_those_of_four_weeks(
    shop: Sales,
) -> None:
    snapshot, zone = snapshot_of(shop), shop.spec.timezone
    cumulative = shop.spec.metrics["users_28d"]
    four_weeks = frame_bounds(Frame(reach=cumulative.reach), snapshot.as_of, zone)  # type: ignore[union-attr]
    active = number(shop, USERS, four_weeks)
    for window in shop.spec.windows.values():
        span = bounds(window, snapshot.as_of, zone)
        refunds = number(shop, f"{TOTAL} AND transaction_type = 'REFUND'", span)

        assert shop.value("net", window.name) == number(shop, TOTAL, span) - 2 * refunds
        assert shop.value("users_28d", window.name) == active
        assert shop.value("stickiness", window.name) == divide(number(shop, USERS, span), active)
        assert shop.value("of_nothing", window.name) is None


def test_growth_is_the_same_window_before_read_once_more(shop: Sales) -> None:
    snapshot, zone = snapshot_of(shop), shop.spec.timezone
    for window in shop.spec.windows.values():
        now = Frame(reach=window.reach)
        for metric in ("week_over_week", "type_over_month"):
            derived = shop.spec.metrics[metric]
            assert isinstance(derived, DerivedMetric)
            shifted = now.moved(derived.inputs[1].offset)
            span, before = (frame_bounds(f, snapshot.as_of, zone) for f in (now, shifted))
            found = readings(snapshot, metric, window.name)
            if metric == "type_over_month":
                left, right = groups(shop, span), groups(shop, before)
                assert {dims: item.value for dims, item in found.items()} == {
                    dims: left.get(dims, NOBODY)[0] - right.get(dims, NOBODY)[0]
                    for dims in left.keys() | right.keys()
                }
            else:
                old = number(shop, TOTAL, before)
                ratio = divide(100 * (number(shop, TOTAL, span) - old), old)
                assert found[()].value == (None if ratio is None else ratio.quantize(MILLI, HALF))


def test_every_composed_metric_is_proved_leaf_by_leaf(shop: Sales) -> None:
    answers = PostgresAnswers(shop.spec, shop.source_url)
    proofs = [
        (metric, window, proof)
        for metric in shop.spec.metrics
        for window in ("lifetime", "today", "last_3_months")
        for proof in confirm(
            explain(shop.spec, shop.parts.store, metric, window, (), answers.write), answers
        )
    ]

    assert [item for item in proofs if not item[2].equal] == []
    assert len({item[:2] for item in proofs}) == len(shop.spec.metrics) * 3
    assert sum(1 for *_, proof in proofs if proof.published is not None) > 90


def test_one_group_of_a_composed_metric_is_proved_alone(shop: Sales) -> None:
    answers = PostgresAnswers(shop.spec, shop.source_url)
    for metric in ("share_of_total", "type_over_month", "spread"):
        for group in (("O'Neil; --",), (NULL,)):
            found = explain(shop.spec, shop.parts.store, metric, "lifetime", group)
            (proof,) = confirm(found, answers)

            assert proof.equal, found.sql
            assert proof.published is not None
            assert len(found.leaves) == len({leaf.term for leaf in found.leaves}) >= 2


def test_a_row_that_is_gone_is_found_in_the_formula_above_it(shop: Sales) -> None:
    answers = PostgresAnswers(shop.spec, shop.source_url)
    shop.run("DELETE FROM transactions WHERE transaction_id = 2")

    (proof,) = confirm(explain(shop.spec, shop.parts.store, "net", "lifetime"), answers)
    (month,) = confirm(explain(shop.spec, shop.parts.store, "month", "today"), answers)

    assert not proof.equal
    assert not month.equal


def test_groups_beyond_the_cap_are_never_divided_by_one_another(shop: Sales) -> None:
    declared = DECLARED.replace(
        "count_by_type: {agg: count, group_by: [transaction_type]}",
        "count_by_type: {agg: count, group_by: [transaction_type], most_groups: 2}",
    )
    capped = replace(shop, declaration=declared, state_url=shop.state_url)
    capped.rewind()
    capped.run("UPDATE transactions SET transaction_type = transaction_type || transaction_id % 5")
    capped.advance(sweep=True)
    answers = PostgresAnswers(capped.spec, capped.source_url)

    found = readings(snapshot_of(capped), "value_by_type", "lifetime")
    proofs = confirm(explain(capped.spec, capped.parts.store, "value_by_type", "lifetime"), answers)

    assert found["(other)",].value is None
    assert sum(1 for item in found.values() if item.value is None) > 3
    assert [proof for proof in proofs if not proof.equal] == []
    capped.close()


def test_a_look_for_the_rules_alone_judges_as_a_whole_snapshot_does(shop: Sales) -> None:
    wanted = {(rule.metric, rule.window) for rule in shop.spec.thresholds.values()}
    with shop.parts.store.read() as unit:
        state = unit.state()
        assert state.as_of is not None
        kept = retention(shop.spec, state.as_of)
        edges = unit.edges(state.as_of)
        whole = take_snapshot(shop.spec, state, unit, kept, edges)
        part = take_snapshot(shop.spec, state, unit, kept, edges, wanted)

    assert {(item.metric, item.window) for item in part.readings} == wanted
    assert [replace(item, baseline=None) for item in whole.readings if item in part.readings] == [
        item for item in part.readings if item in whole.readings
    ]
    assert judge_all(shop.spec, part, {}).verdicts == judge_all(shop.spec, whole, {}).verdicts


def test_history_of_three_days_has_nothing_to_look_back_at(sales: Sales) -> None:
    now = datetime.now(UTC)
    for days in range(3):
        sales.sell(10 + days, at=now - timedelta(days=days), user=days)
    young = replace(sales, declaration=DECLARED)
    young.advance()
    answers = PostgresAnswers(young.spec, young.source_url)

    assert young.value("users_28d", "today") is None
    assert young.value("stickiness", "today") is None
    assert young.value("week_over_week", "today") is None
    assert young.value("net", "lifetime") == 33
    for metric in ("stickiness", "week_over_week", "type_over_month"):
        proofs = confirm(explain(young.spec, young.parts.store, metric, "today"), answers)
        assert all(proof.equal for proof in proofs)
    young.close()
