"""Folding a real table: what is in the state is what is in the source."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from sqlalchemy import text

from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

NOW = datetime.now(UTC)
YEAR = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - random() * interval '400 days', round((random() * 100)::numeric, 2),
       (ARRAY['FOOD', 'FUEL', NULL])[1 + floor(random() * 3)::int], floor(random() * 300)::int
FROM generate_series(1, 4000)
"""


def test_a_first_run_folds_all_of_history(sales: Sales) -> None:
    sales.run(YEAR)

    outcome = sales.advance()

    assert outcome.left_minutes == 0
    assert outcome.rows == 4000
    assert_state_equals_source(sales)
    assert sales.value("total_revenue") == sales.one("SELECT sum(amount) FROM transactions")
    users = sales.one("SELECT count(DISTINCT user_id) FROM transactions")
    assert sales.value("unique_users") == users


def test_history_is_filled_newest_first_and_resumed_where_a_run_ended(sales: Sales) -> None:
    sales.run(YEAR)

    first = sales.advance(seconds=0)

    assert first.steps == 1
    assert first.left_minutes > 300 * 1440
    today = sales.value("transaction_count", "today")
    assert today is not None
    assert sales.advance().left_minutes == 0
    assert_state_equals_source(sales)


def test_an_empty_table_is_no_error_and_an_average_of_nothing_is_no_number(sales: Sales) -> None:
    outcome = sales.advance()

    assert outcome.rows == 0
    assert sales.value("transaction_count") == 0
    assert sales.value("avg_order_value") is None
    assert not sales.peek().due


def test_new_rows_are_found_once_and_an_idle_look_is_not_due(sales: Sales) -> None:
    sales.sell(10)
    sales.advance()
    assert not sales.peek().due

    sales.sell("2.50", user=2)

    assert sales.peek().due
    assert sales.advance().rows == 2  # the whole minute is read again, none is added twice
    assert sales.value("total_revenue") == Decimal("12.50")
    assert not sales.peek().due
    assert_state_equals_source(sales)


def test_a_row_that_commits_late_is_found(sales: Sales) -> None:
    with sales.shop.connect() as slow:
        sales.sell(1, on=slow)
        sales.sell(2)
        sales.advance()
        assert sales.value("total_revenue") == 2
        slow.commit()
    sales.advance()

    assert sales.value("total_revenue") == 3
    assert_state_equals_source(sales)


def test_a_row_of_a_savepoint_that_commits_late_is_found(sales: Sales) -> None:
    with sales.shop.connect() as slow:
        with slow.begin_nested():
            sales.sell(1, on=slow)
        sales.sell(2)
        sales.advance()
        with slow.begin_nested():
            sales.sell(4, on=slow)
        sales.advance()
        slow.commit()
    sales.advance()

    assert sales.value("total_revenue") == 7
    assert_state_equals_source(sales)


def test_a_backdated_row_is_found_by_its_fresh_key(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()

    sales.sell(2, at=NOW - timedelta(days=3))
    sales.sell(4, at=NOW - timedelta(days=200))
    sales.advance()

    assert sales.value("total_revenue") == 7
    assert_state_equals_source(sales)


def test_an_update_and_a_refund_of_a_recent_row_are_found(sales: Sales) -> None:
    sales.sell(10)
    sales.sell(20)
    sales.advance()

    with sales.shop.connect() as open_for_long:
        open_for_long.execute(text("SELECT 1"))
        sales.run("UPDATE transactions SET amount = 5 WHERE amount = 10")
        sales.sell(-20)
    sales.advance()

    assert sales.value("total_revenue") == sales.one("SELECT sum(amount) FROM transactions")


def test_a_rewind_changes_nothing_but_finds_updates_and_deletes(sales: Sales) -> None:
    sales.run(YEAR)
    sales.advance()
    before = sales.value("total_revenue")
    sales.rewind()
    sales.advance()
    assert sales.value("total_revenue") == before

    sales.run("DELETE FROM transactions WHERE transaction_id % 7 = 0")
    sales.run(
        "UPDATE transactions SET amount = amount + 1, user_id = 1 WHERE transaction_id % 5 = 0"
    )
    sales.rewind()
    sales.advance()

    assert_state_equals_source(sales)


def test_readers_see_old_or_new_values_but_never_zero_while_history_is_folded_again(
    sales: Sales,
) -> None:
    sales.run(YEAR)
    sales.advance()
    total = sales.value("total_revenue")
    sales.rewind()
    ticks, runs = count(), 1  # a clock of steps: a few in each run

    while sales.advance(6, clock=lambda: next(ticks) * 0.3).left_minutes:
        assert sales.value("total_revenue") == total
        runs += 1

    assert runs > 3
    assert sales.value("total_revenue") == total
    assert_state_equals_source(sales)


def test_null_amounts_types_and_users_are_counted_as_what_they_are(sales: Sales) -> None:
    sales.sell(None, kind=None, user=None)
    sales.sell(8)
    sales.advance()

    assert sales.value("transaction_count") == 2
    assert sales.value("total_revenue") == 8
    assert sales.value("unique_users") == 1
    assert_state_equals_source(sales)


def test_future_rows_are_shown_apart_and_neither_stall_nor_push_the_watermark(
    sales: Sales,
) -> None:
    sales.sell(1)
    sales.sell(1000, at=NOW + timedelta(days=2))
    sales.sell(1000, at=datetime(2999, 1, 1, tzinfo=UTC))
    outcome = sales.advance()

    assert outcome.published is not None
    snapshot = outcome.published.snapshot
    assert snapshot.future_rows == 2
    assert sales.value("total_revenue") == 1
    assert snapshot.watermark is not None
    assert snapshot.watermark <= snapshot.as_of
    sales.sell(2)
    sales.advance()
    assert sales.value("total_revenue") == 3


def test_rows_without_an_event_time_are_counted_and_told(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER created_at DROP NOT NULL")
    sales.sell(1)
    sales.run("INSERT INTO transactions (created_at, amount) VALUES (NULL, 5), (NULL, 6)")

    report = sales.advance().report

    assert report is not None
    assert report.undated == 2
    assert sales.value("total_revenue") == 1


def test_a_truncated_table_is_folded_again(sales: Sales) -> None:
    sales.run(YEAR)
    sales.advance()

    sales.run("TRUNCATE transactions")
    sales.sell(5)
    sales.advance()

    assert sales.value("total_revenue") == 5
    assert_state_equals_source(sales)


def test_random_histories_end_equal_to_the_source(sales: Sales) -> None:
    random = Random(20261124)  # noqa: S311 - a test's own dice
    for _ in range(60):
        age = timedelta(minutes=random.choice([0, 1, 3, 60, 60 * 24 * 2, 60 * 24 * 50]))
        kind = random.choice(["FOOD", "FUEL", None, "a|b"])
        sales.sell(random.randint(1, 90), at=NOW - age, kind=kind, user=random.randint(1, 9))
        if random.random() < 0.4:
            sales.advance(seconds=0)
        if random.random() < 0.1:
            sales.rewind(NOW - timedelta(days=random.randint(0, 60)))
    sales.advance()

    assert_state_equals_source(sales)
