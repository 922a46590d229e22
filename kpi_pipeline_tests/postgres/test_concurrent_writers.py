"""Twelve writers at once, polled throughout: nothing is lost, nothing is counted twice."""

from sqlalchemy import text

from kpi_pipeline_tests.postgres.conftest import Shop
from kpi_pipeline_tests.postgres.scratch import Scratch
from kpi_pipeline_tests.postgres.writers import Habits, poll_for, writing
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

SEED = 20261124
SECONDS = 15
SWEPT_SECONDS = 6
HELD_SECONDS = 5
WRITERS = 12
OLD = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - n * interval '1 hour', n % 90, 'FOOD', n % 50 FROM generate_series(2, 2000) AS n
"""


def test_polling_under_twelve_writers_ends_equal_to_the_source_without_a_sweep(
    sales: Sales,
) -> None:
    with writing(sales, SEED, WRITERS):
        polls = poll_for(SECONDS, sales)
    sales.advance()

    assert polls > 5
    rows = sales.one("SELECT count(*) FROM transactions")
    print(f"{polls} polls, {rows} rows")
    assert_state_equals_source(sales)
    assert sales.value("transaction_count") == rows
    assert sales.value("total_revenue") == sales.one("SELECT sum(amount) FROM transactions")


def test_with_prepared_transactions_and_updates_of_old_rows_one_sweep_makes_it_equal(
    newest: Scratch, shop_on: Shop
) -> None:
    shop = shop_on(newest)
    with writing(shop, SEED, WRITERS, Habits(two_phase=True, old_updates=True)):
        polls = poll_for(SWEPT_SECONDS, shop)
    shop.advance()

    swept = shop.advance(sweep=True).rows

    print(f"{polls} polls, {swept} rows swept")
    assert_state_equals_source(shop)


def test_with_the_horizon_held_back_throughout_looks_still_find_every_row(
    newest: Scratch, shop_on: Shop
) -> None:
    shop = shop_on(newest)
    shop.run("CREATE TABLE other (n int)")
    shop.advance()
    with shop.shop.connect() as slow:
        slow.execute(text("INSERT INTO other VALUES (1)"))
        with writing(shop, SEED, WRITERS, Habits(two_phase=True)):
            polls = poll_for(HELD_SECONDS, shop)
        shop.advance()
        assert_state_equals_source(shop)
        look = shop.parts.source.detect(shop.parts.store.load().position)
        assert look.changed == ()
        slow.commit()
    shop.advance()

    print(f"{polls} polls")
    assert_state_equals_source(shop)


def test_with_updates_and_deletes_of_rows_of_any_age_one_audit_makes_it_equal(
    newest: Scratch, shop_on: Shop
) -> None:
    shop = shop_on(newest)
    shop.run(OLD)
    shop.sell(1)
    shop.advance()
    habits = Habits(two_phase=True, old_updates=True, deletes=True)
    with writing(shop, SEED + 1, WRITERS, habits):
        polls = poll_for(SWEPT_SECONDS, shop)
    shop.advance()

    found = shop.audit(repair=True)

    print(f"{polls} polls, {found.drifted} values drifted, {found.queued} minutes folded again")
    assert found.drifted
    shop.advance()
    assert_state_equals_source(shop)
    assert shop.audit().drifted == 0
    assert shop.value("total_revenue") == shop.one("SELECT sum(amount) FROM transactions")
