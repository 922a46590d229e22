"""A write transaction that stays open holds the horizon back; what was seen is not read again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Connection, text

from kpi_pipeline.source.position import Position, load_position
from kpi_pipeline.source.postgres.prints import MOST_PRINTS
from kpi_pipeline_tests.postgres.conftest import Shop
from kpi_pipeline_tests.postgres.scratch import Scratch
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

AGO = timedelta(hours=2)
SEED = 20261124
DEEDS = (
    "UPDATE transactions SET amount = amount + 1",
    "UPDATE transactions SET created_at = created_at - interval '1 minute'",
    "DELETE FROM transactions",
)
ANY = " WHERE transaction_id = (SELECT transaction_id FROM transactions ORDER BY random() LIMIT 1)"


@pytest.fixture
def slow(sales: Sales) -> Iterator[Connection]:
    """A transaction that wrote to another table, and stays open."""
    sales.run("CREATE TABLE other (n int)")
    sales.advance()
    with sales.shop.connect() as connection:
        connection.execute(text("INSERT INTO other VALUES (1)"))
        yield connection


def test_the_second_look_beside_an_open_write_transaction_reports_nothing(
    sales: Sales, slow: Connection
) -> None:
    _sell_here_and_there(sales)
    sales.advance()

    assert not sales.peek().due
    assert not sales.peek().due
    slow.commit()
    assert not sales.peek().due
    assert sales.value("total_revenue") == 7
    assert_state_equals_source(sales)


@pytest.mark.parametrize(
    ("sql", "total"),
    [
        (
            "INSERT INTO transactions (created_at, amount) SELECT created_at, 8 FROM transactions",
            31,
        ),
        ("UPDATE transactions SET amount = amount + 10", 37),
        ("UPDATE transactions SET created_at = created_at - interval '1 hour'", 7),
        ("DELETE FROM transactions WHERE amount = 2", 5),
        ("DELETE FROM transactions", 0),
    ],
    ids=["insert", "update", "move", "delete one", "delete all"],
)
def test_a_change_in_a_bucket_already_seen_is_found_whoever_holds_the_horizon(
    sales: Sales, slow: Connection, sql: str, total: int
) -> None:
    _sell_here_and_there(sales)
    sales.advance()

    sales.run(sql)

    assert sales.peek().due
    sales.advance()
    assert sales.value("total_revenue") == total
    assert not sales.peek().due
    slow.commit()
    sales.advance()
    assert_state_equals_source(sales)


def test_the_open_transactions_own_rows_are_found_when_it_commits(
    sales: Sales, slow: Connection
) -> None:
    sales.sell(1, on=slow)
    _sell_here_and_there(sales)
    sales.advance()
    assert sales.value("total_revenue") == 7

    slow.commit()
    sales.advance()

    assert sales.value("total_revenue") == 8
    assert_state_equals_source(sales)


def test_rows_that_the_horizon_has_passed_leave_no_print(sales: Sales, slow: Connection) -> None:
    _sell_here_and_there(sales)
    sales.advance()
    held = _position(sales).prints
    slow.commit()
    sales.sell(8)
    sales.advance()
    sales.advance()

    assert len(held) == 3
    assert _position(sales).prints == ()
    assert_state_equals_source(sales)


def test_a_sweep_beside_an_open_write_transaction_leaves_the_next_look_nothing(
    sales: Sales, slow: Connection
) -> None:
    _sell_here_and_there(sales)
    sales.advance()
    found = sales.parts.source.detect(_position(sales).dump(), sweep=True)

    look = sales.parts.source.detect(found.position)

    assert len(found.changed) == 3
    assert look.changed == ()
    slow.commit()


def test_prints_beyond_the_newest_are_read_again_and_not_lost(
    sales: Sales, slow: Connection
) -> None:
    sales.run(
        "INSERT INTO transactions (created_at, amount) "
        "SELECT now() - n * interval '1 minute', 1 FROM generate_series(1, :many) AS n",
        many=MOST_PRINTS + 30,
    )
    sales.advance()
    again = sales.parts.source.detect(_position(sales).dump())

    assert sum(item.minutes for item in again.changed) == 30
    assert len(_position(sales).prints) == MOST_PRINTS
    assert len(_position(sales).dump()) < 100_000
    slow.commit()
    sales.advance()
    assert_state_equals_source(sales)


def test_random_changes_beside_an_open_transaction_are_each_found(
    sales: Sales, slow: Connection
) -> None:
    print(f"seed {SEED}")
    random = Random(SEED)  # noqa: S311 - a test's own dice
    for _ in range(25):
        for _ in range(random.randint(1, 3)):
            _change(sales, random)
        sales.advance(seconds=5)
        assert_state_equals_source(sales)
        assert not sales.peek().due
    slow.commit()
    sales.advance()
    assert_state_equals_source(sales)


def _change(sales: Sales, random: Random) -> None:
    """A sale, or something that is done to one, and sometimes taken back."""
    if random.random() < 0.4:
        age = timedelta(minutes=random.choice([0, 1, 2, 60, 60 * 24 * 40]))
        sales.sell(random.randint(1, 90), at=datetime.now(UTC) - age, user=random.randint(1, 9))
        return
    with sales.shop.connect() as connection:
        connection.execute(text(random.choice(DEEDS) + ANY))
        if random.random() < 0.8:
            connection.commit()


def _sell_here_and_there(sales: Sales) -> None:
    for amount, age in ((1, timedelta()), (2, AGO), (4, timedelta(days=40))):
        sales.sell(amount, at=datetime.now(UTC) - age)


def _position(sales: Sales) -> Position:
    return load_position(str(sales.parts.store.load().position))


def test_a_prepared_transaction_that_nobody_ends_is_as_an_open_one(
    newest: Scratch, shop_on: Shop
) -> None:
    shop = shop_on(newest)
    shop.run("CREATE TABLE other (n int)")
    shop.advance()
    with shop.shop.connect() as connection:
        transaction = connection.begin_twophase()
        connection.execute(text("INSERT INTO other VALUES (1)"))
        shop.sell(8, on=connection)
        transaction.prepare()
        _sell_here_and_there(shop)
        shop.advance()
        assert not shop.peek().due
        shop.run("UPDATE transactions SET amount = 3 WHERE amount = 2")
        assert shop.peek().due
        shop.advance()
        assert not shop.peek().due
        transaction.commit()
    shop.advance()

    assert shop.value("total_revenue") == 16
    assert_state_equals_source(shop)
