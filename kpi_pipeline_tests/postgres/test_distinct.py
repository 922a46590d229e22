"""Distinct counts say what count(DISTINCT expr) says, whatever the type."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline_tests.sales import DECLARATION, Sales

Typed = Callable[[str, str], Sales]
SEVERAL_BUCKETS = (timedelta(0), timedelta(minutes=7), timedelta(days=2), timedelta(days=40))

CITEXT = """
CREATE TYPE citext;
CREATE FUNCTION citextin(cstring) RETURNS citext AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION citextout(citext) RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE citext (INPUT = citextin, OUTPUT = citextout, LIKE = text);
CREATE CAST (citext AS text) WITHOUT FUNCTION AS IMPLICIT;
"""
"""The extension's type as far as it goes in SQL; the embedded server comes without extensions."""


@pytest.fixture
def typed(sales: Sales) -> Iterator[Typed]:
    """The shop, with `user_id` of some type and counted by some expression."""
    opened: list[Sales] = []

    def open_with(kind: str, expr: str) -> Sales:
        sales.run(f"ALTER TABLE transactions ALTER user_id TYPE {kind} USING NULL")
        declaration = DECLARATION.replace("expr: user_id", f"expr: {expr}")
        opened.append(replace(sales, declaration=declaration))
        return opened[-1]

    yield open_with
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        pytest.param("numeric", ("1", "1.0", "1.00", "10", "NaN", "NaN", "Infinity"), id="numeric"),
        pytest.param("numeric(9, 3)", ("1", "1.5", "1.50"), id="numeric with a scale"),
        pytest.param("double precision", ("0", "-0", "0.1", "1e-1", "NaN", "1e300"), id="double"),
        pytest.param("real", ("0", "-0", "0.1", "16777217", "16777216"), id="real"),
        pytest.param("interval", ("1 day", "24 hours", "1 mon", "30 days", "-1 h"), id="interval"),
        pytest.param("char(5)", ("a", "a ", "b"), id="padded text"),
        pytest.param("text", ("a", "a ", "A", ""), id="text"),
        pytest.param("boolean", ("t", "true", "f"), id="boolean"),
        pytest.param("timestamptz", ("2026-01-01 00:00+00", "2026-01-01 01:00+01"), id="moment"),
        pytest.param("uuid", ("A" * 32, "a" * 32, "b" * 32), id="uuid"),
        pytest.param("jsonb", ('{"a":1,"b":2}', '{"b": 2, "a": 1}'), id="jsonb"),
        pytest.param("bytea", ("\\x00", "\\000", "a"), id="bytes"),
        pytest.param("money", ("1", "$1.00", "1.01"), id="money"),
    ],
)
def test_equal_values_are_one_member(
    sales: Sales, typed: Typed, kind: str, values: tuple[str, ...]
) -> None:
    shop = typed(kind, "user_id")
    for value in values:
        for ago in SEVERAL_BUCKETS:
            shop.run(
                "INSERT INTO transactions (created_at, user_id) "  # noqa: S608 - a type above
                f"VALUES (:at, CAST(CAST(:v AS text) AS {kind}))",
                at=datetime.now(UTC) - ago,
                v=value,
            )

    shop.advance()

    expected = sales.one("SELECT count(DISTINCT user_id) FROM transactions")
    assert shop.value("unique_users") == expected


def test_an_expression_has_the_type_that_the_server_gives_it(typed: Typed) -> None:
    shop = typed("bigint", "user_id * 1.250")
    for user in (2, 2, 6):
        shop.sell(1, user=user, at=datetime.now(UTC) - timedelta(days=3))
    shop.sell(1, user=None)

    shop.advance()

    assert shop.value("unique_users") == 2
    values = shop.state_rows("SELECT value FROM kpi.member ORDER BY value")
    assert values == [("2.5",), ("7.5",)]


def test_a_text_without_case_has_none_in_the_count(sales: Sales, typed: Typed) -> None:
    sales.run(CITEXT)
    shop = typed("citext", "user_id")
    sales.run("INSERT INTO transactions (user_id) VALUES ('Ann'), ('ANN'), ('Bob')")

    shop.advance()

    assert shop.value("unique_users") == 2


def test_a_role_of_other_habits_writes_values_the_same_way(sales: Sales, typed: Typed) -> None:
    shop = typed("timestamptz", "user_id")
    sales.run("INSERT INTO transactions (user_id) VALUES ('2026-01-02 03:04+00')")
    shop.advance()
    user = sales.one("SELECT current_user")
    sales.run(f"ALTER ROLE {user} SET DateStyle = 'German'")
    try:
        shop.parts.close()
        sales.run("INSERT INTO transactions (user_id) VALUES ('2026-01-02 03:04+00')")
        shop.advance()
    finally:
        sales.run(f"ALTER ROLE {user} RESET DateStyle")

    assert shop.value("transaction_count") == 2
    assert shop.value("unique_users") == 1
