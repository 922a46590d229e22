"""Numbers that a database can hold and a dashboard would rather not see."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline_tests.properties.strategies import exact_sum
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

EXTREMES = """
    smallest: {agg: min, expr: amount}
    mean: {agg: average, expr: amount}
"""
WITH_EXTREMES = DECLARATION.replace("  windows:", f"{EXTREMES.lstrip(chr(10))}  windows:", 1)
DAYS_AGO = timedelta(days=3)
Declared = Callable[[str], Sales]


@pytest.fixture
def declared(sales: Sales) -> Iterator[Declared]:
    """The shop with another declaration, closed at the end."""
    opened: list[Sales] = []

    def open_with(declaration: str) -> Sales:
        opened.append(replace(sales, declaration=declaration))
        return opened[-1]

    yield open_with
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        (
            "user_id * 9000000000000000000",
            (
                "metrics.total_revenue: numeric value out of range (SQLSTATE 22003; the value is "
                "not shown); begin a product of whole numbers with 1.0 * to make it numeric"
            ),
        ),
        (
            "amount / (user_id - 2)",
            (
                "metrics.total_revenue: division by zero (SQLSTATE 22012; the value is not shown); "
                "divide by NULLIF(divisor, 0)"
            ),
        ),
        (
            "amount * transaction_type",
            "metrics.total_revenue: operator does not exist: numeric * text",
        ),
        (
            "amount * '12x'",
            "metrics.total_revenue: invalid text representation (SQLSTATE 22P02; the value is not",
        ),
    ],
    ids=["whole numbers overflow", "division by zero", "no such operator", "no number"],
)
def test_an_expression_that_cannot_be_computed_is_named_and_loses_nothing(
    sales: Sales, declared: Declared, expr: str, said: str
) -> None:
    sales.sell(1, user=1)
    sales.advance()
    broken = declared(DECLARATION.replace("expr: amount, unit", f'expr: "{expr}", unit'))
    sales.sell(2, user=2)

    with pytest.raises(SourceError) as caught:
        broken.advance()

    assert str(caught.value).startswith(f"source database: {said}")
    sales.advance()
    assert_state_equals_source(sales)


def test_a_numeric_that_outgrows_all_digits_is_named(sales: Sales, declared: Declared) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    sales.sell("1e131000")
    broken = declared(DECLARATION.replace("expr: amount, unit", "expr: amount * amount, unit"))

    with pytest.raises(SourceError, match=r"metrics.total_revenue: numeric value out of range"):
        broken.advance()


def test_a_filter_that_cannot_be_computed_is_named_by_its_metric(
    sales: Sales, declared: Declared
) -> None:
    broken = declared(DECLARATION.replace("amount >= 50", "amount / user_id > 1"))
    broken.sell(1, user=0)

    with pytest.raises(SourceError, match=r"metrics.big_orders: division by zero"):
        broken.advance()

    sales.run("UPDATE transactions SET user_id = 1")
    broken.advance()
    assert broken.value("total_revenue") == 1


@pytest.mark.parametrize(
    "view",
    [
        "SELECT *, CAST(note AS integer) AS pieces FROM transactions",
        "SELECT * FROM transactions WHERE CAST(note AS integer) > 0",
    ],
    ids=["in a column", "in a condition"],
)
def test_a_value_of_a_row_is_in_no_error(sales: Sales, declared: Declared, view: str) -> None:
    sales.run("ALTER TABLE transactions ADD note text")
    sales.run(f"CREATE VIEW v AS {view}")
    sales.run("INSERT INTO transactions (amount, note) VALUES (1, 'alice@example.com')")
    shop = declared(DECLARATION.replace("public.transactions", "v"))

    with pytest.raises(SourceError) as caught:
        shop.advance()

    assert str(caught.value) == (
        "source database: invalid text representation (SQLSTATE 22P02; the value is not shown)"
    )


def test_what_is_no_number_follows_the_order_of_the_database(
    sales: Sales, declared: Declared
) -> None:
    """NaN is above all numbers, so it is a greatest and never a least, unless it is alone."""
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    shop = declared(WITH_EXTREMES)
    for amount in ("5", "NaN", "Infinity", "-Infinity"):
        for ago in (timedelta(0), DAYS_AGO, timedelta(days=40)):
            shop.sell(amount, at=datetime.now(UTC) - ago)
        shop.advance()
        assert extremes(shop) == in_source(sales)

    shop.rewind()
    shop.advance()

    assert extremes(shop) == in_source(sales) == ["NaN", "-Infinity"]
    assert shop.value("mean") is None
    sales.run("DELETE FROM transactions WHERE amount = 'NaN'")
    shop.rewind()
    shop.advance()
    assert extremes(shop) == in_source(sales) == ["Infinity", "-Infinity"]
    sales.run("DELETE FROM transactions WHERE abs(amount) = 'Infinity'")
    shop.rewind()
    shop.advance()
    assert shop.value("total_revenue") == 15
    assert shop.value("mean") == 5


def extremes(shop: Sales) -> list[str]:
    return [str(shop.value("largest")), str(shop.value("smallest"))]


def in_source(sales: Sales) -> list[str]:
    ends = ("SELECT max(amount) FROM transactions", "SELECT min(amount) FROM transactions")
    return [str(sales.one(sql)) for sql in ends]


@pytest.mark.parametrize("kind", ["double precision", "real"])
def test_every_digit_of_a_float_counts(sales: Sales, declared: Declared, kind: str) -> None:
    shop = declared(WITH_EXTREMES)
    sales.run(f"ALTER TABLE transactions ALTER amount TYPE {kind}")
    amounts = ["0.1", "0.2", "1e-7", "16777216", "-3.5"]
    if kind == "double precision":
        amounts += ["9007199254740993", "0.30000000000000004"]
    for amount in amounts:
        shop.sell(amount, at=datetime.now(UTC) - DAYS_AGO)
    shop.sell(1)

    shop.advance()

    texts = sales.one("SELECT string_agg(CAST(amount AS text), ' ') FROM transactions")
    values = [Decimal(word) for word in str(texts).split()]
    assert shop.value("total_revenue") == exact_sum(values)
    assert shop.value("largest") == max(values)
    assert shop.value("smallest") == min(values)


def test_money_is_summed_to_the_cent(sales: Sales, declared: Declared) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE money")
    for amount in ("10.10", "0.05", "92233720368547758.07"):
        sales.sell(amount)
    big = declared(DECLARATION.replace("filter: amount >= 50", "expr: amount"))

    big.advance()

    assert big.value("total_revenue") == Decimal("92233720368547768.22")


def test_a_thousand_digits_are_kept(sales: Sales, declared: Declared) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    shop = declared(WITH_EXTREMES)
    long = f"{'7' * 500}.{'3' * 500}"
    for ago in (timedelta(0), DAYS_AGO, timedelta(days=40)):
        shop.sell(long, at=datetime.now(UTC) - ago)
    shop.sell(f"-{long}")

    shop.advance()

    total = sales.one("SELECT sum(amount) FROM transactions")
    assert str(shop.value("total_revenue")) == str(total)
    assert str(shop.value("largest")) == long
