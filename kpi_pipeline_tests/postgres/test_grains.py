"""Coarse buckets: made of finer ones, kept true by every fold, made anew after an upgrade."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.pipeline.fold import fold
from kpi_pipeline.pipeline.history import recompute
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

YEARS = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - i * interval '31 hours', i % 90, CASE i % 3 WHEN 0 THEN 'A' WHEN 1 THEN 'B' END,
       i % 7 FROM generate_series(1, 900) i
"""
AN_EARLIER_RELEASE = """
WITH gone AS (DELETE FROM kpi.partial WHERE grain IN ('h', 'mo', 'y'))
UPDATE kpi.pipeline SET rolled_until = NULL
"""


def kinds(sales: Sales) -> dict[object, object]:
    return dict(sales.state_rows("SELECT grain, count(*) FROM kpi.partial GROUP BY 1"))  # type: ignore[arg-type]


def test_every_grain_holds_what_the_source_says(sales: Sales) -> None:
    sales.run(YEARS)
    sales.advance()

    assert set(kinds(sales)) == {"m", "h", "d", "mo", "y"}
    assert_state_equals_source(sales)
    assert sales.value("total_revenue") == sales.one("SELECT sum(amount) FROM transactions")


def test_a_late_row_is_in_every_bucket_above_it(sales: Sales) -> None:
    sales.run(YEARS)
    sales.advance()

    sales.sell(1000, at=datetime.now(UTC) - timedelta(days=500), kind="NEW", user=12345)
    sales.sell(2000, at=datetime.now(UTC) - timedelta(days=3), user=None)
    sales.advance()

    assert_state_equals_source(sales)


def test_a_row_that_goes_takes_its_buckets_along(sales: Sales) -> None:
    sales.sell(7, at=datetime.now(UTC) - timedelta(days=700))
    sales.sell(8)
    sales.advance()

    sales.run("DELETE FROM transactions WHERE amount = 7")
    sales.rewind()
    sales.advance()

    assert_state_equals_source(sales)
    assert sales.value("unique_users") == 1


def test_a_state_of_an_earlier_release_is_completed_by_the_next_step(sales: Sales) -> None:
    sales.run(YEARS)
    sales.advance()
    sales.deliver()
    before = sales.value("total_revenue")
    with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql(AN_EARLIER_RELEASE)

    assert "an earlier release did not keep" in sales.peek().reason
    sales.advance()

    assert_state_equals_source(sales)
    assert sales.value("total_revenue") == before
    assert not sales.peek().due


LONGER = DECLARATION.replace("  thresholds:", "    q: {window: 90 days}\n  thresholds:")
HOURLY = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - i * interval '1 hour', 1, 'A', i % 7 FROM generate_series(1, 2400) i
"""


@pytest.mark.parametrize("waiting", [False, True], ids=["at once", "while minutes wait"])
def test_an_upgrade_with_longer_windows_keeps_the_days_that_have_no_minutes_yet(
    sales: Sales, *, waiting: bool
) -> None:
    sales.run(HOURLY)
    sales.advance()
    shop = replace(sales, declaration=LONGER)
    parts = shop.parts
    if waiting:
        fold(parts.spec, parts.source, parts.store, 1)
    with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql(AN_EARLIER_RELEASE)

    fold(parts.spec, parts.source, parts.store, 1)
    at_once = shop.value("total_revenue")
    shop.advance()

    assert at_once == 2400
    assert_state_equals_source(shop)
    shop.close()


def test_history_by_a_declaration_of_shorter_windows_keeps_the_minutes_of_longer_ones(
    sales: Sales,
) -> None:
    sales.run(HOURLY)
    sales.advance()
    shop = replace(sales, declaration=LONGER)
    shop.advance()
    zone = sales.spec.timezone
    start = day_start(datetime.now(UTC) - timedelta(days=50), zone)

    recompute(
        sales.spec,
        sales.parts.source,
        sales.parts.store,
        Interval(start, day_start(start, zone, shift=1)),
    )
    shop.sell(1)
    shop.advance()

    assert_state_equals_source(shop)
    shop.close()


def test_a_row_of_a_far_future_is_one_piece_of_one_statement(sales: Sales) -> None:
    sales.sell(1, at=datetime(9000, 12, 1, tzinfo=UTC))
    sales.sell(2)

    sales.advance()

    latest = sales.parts.store.latest()
    assert latest is not None
    assert [sales.value("total_revenue"), latest.snapshot.future_rows] == [2, 1]


def test_an_audit_finds_a_year_that_is_not_its_months(sales: Sales) -> None:
    sales.run(YEARS)
    sales.advance()
    with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql(
            "UPDATE kpi.partial SET total = total + 1 WHERE grain = 'y' AND total IS NOT NULL"
        )

    found = sales.audit(repair=True)
    sales.advance()

    assert {item.grain.name for item in found.drifts} == {"YEAR"}
    assert_state_equals_source(sales)


def test_metrics_that_change_places_are_not_mixed_up(sales: Sales) -> None:
    """Series are found by metric and definition together: here each definition is still known."""
    sales.sell(10, user=1)
    sales.sell(50, user=1)
    sales.advance()
    swapped = DECLARATION.replace("largest: {agg: max", "smallest: {agg: max").replace(
        "transaction_count: {agg: count}",
        "transaction_count: {agg: count}\n    largest: {agg: min, expr: amount}",
    )
    again = (
        swapped.replace("smallest: {agg: max", "x: {agg: max")
        .replace("largest: {agg: min", "smallest: {agg: min")
        .replace("x: {agg: max", "largest: {agg: max")
    )
    for text in (swapped, again):
        shop = replace(sales, declaration=text)
        shop.advance()
        found = [shop.value("largest"), shop.value("smallest")]
        shop.close()

    assert found == [50, 10]


@pytest.mark.parametrize("shift", ["0 days", "400 days"])
def test_a_long_window_is_exact_whatever_grain_it_is_read_from(sales: Sales, shift: str) -> None:
    sales.run(YEARS.replace("now()", f"now() - interval '{shift}'"))
    more = "    half: {window: 6 months}\n    year: {grain_to_date: year}\n  thresholds:"
    shop = replace(sales, declaration=DECLARATION.replace("  thresholds:", more))

    shop.advance()

    zone = "America/New_York"
    year = f"date_trunc('year', now() AT TIME ZONE '{zone}') AT TIME ZONE '{zone}'"
    total = "SELECT coalesce(sum(amount), 0) FROM transactions WHERE created_at >= "
    assert shop.value("total_revenue", "year") == shop.one(total + year)
    shop.close()
