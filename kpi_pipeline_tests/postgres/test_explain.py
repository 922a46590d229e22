"""The SQL of an explanation gives, from the source, exactly what was published."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.compute.explanation import NULL
from kpi_pipeline.model.errors import SourceError, StateError
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.source.postgres.answers import PostgresAnswers
from kpi_pipeline_tests.sales import DECLARATION, Sales

HOSTILE = (
    "O'Neil'; DROP TABLE transactions; --",
    "back\\slash\\'; DROP TABLE transactions; --",
    "50 % :off %s %(x)s",
    'double "quotes"',
    "line\nbreak\ttab\x1b[31m",
    "",
    "é" * 150,
    NULL,
    "NULL",
    "(other)",
    r"\(other)",
)
MORE = """
    mean: {agg: average, expr: amount}
    mean_of_big: {agg: average, expr: amount, filter: amount >= 50}
    smallest: {agg: min, expr: amount / 3}
    with_user: {agg: count, expr: user_id}
    odd: {agg: sum, expr: '"Odd Column:1" * 2', filter: "\\"Odd Column:1\\" % 2 = 1"}
    marked: {agg: count, filter: 'transaction_type LIKE ''back%'' AND note = ''a\\b:c\\:d'''}
    by_odd: {agg: count_distinct, expr: amount, group_by: [transaction_type, "Odd Column:1"]}
    mean_by_type: {agg: average, expr: amount, group_by: [transaction_type], filter: user_id > 1}
    p95: {agg: percentile, percentile: 0.95, expr: amount}
    middle_by_odd: {agg: median, expr: amount / 3, group_by: [transaction_type, "Odd Column:1"]}
    about_users: {agg: count_distinct, expr: user_id, approximate: true}
    spread: {type: ratio, numerator: p95, denominator: about_users}
    mean_per_user: {type: ratio, numerator: mean, denominator: unique_users}
    users_per_order: {type: ratio, numerator: unique_users, denominator: transaction_count}
  windows:
    this_week: {grain_to_date: week}
    this_hour: {grain_to_date: hour}
    last_3d: {window: 3 days, compare: {offset_window: 1 days}}
"""
DECLARED = DECLARATION.replace("  windows:\n", MORE.lstrip("\n"))


@pytest.fixture
def busy(sales: Sales) -> Iterator[Sales]:
    """Rows of many days, some without an amount, a user or a type, some in the future."""
    sales.run('ALTER TABLE transactions ADD "Odd Column:1" integer')
    sales.run(r"ALTER TABLE transactions ADD note text DEFAULT 'a\b\:c\\:d'")
    now = datetime.now(UTC)
    ages = [timedelta(minutes=9 * n) for n in range(30)] + [
        timedelta(hours=31 * n) for n in range(60)
    ]
    for n, age in enumerate([*ages, timedelta(days=-2), timedelta(hours=-3)]):
        kind = None if n % 7 == 3 else ("FOOD", "FUEL", *HOSTILE)[n % 11]
        amount = None if n % 5 == 4 else f"{n * 7 % 101}.{n % 100:02}"
        sales.sell(amount, at=now - age, kind=kind, user=None if n % 6 == 5 else n % 13)
    sales.run('UPDATE transactions SET "Odd Column:1" = transaction_id % 4 WHERE amount <> 14.02')
    shop = replace(sales, declaration=DECLARED)
    shop.advance()
    yield shop
    shop.close()


def test_every_metric_over_every_window_equals_the_source(busy: Sales) -> None:
    answers = PostgresAnswers(busy.spec, busy.source_url)
    proofs = [
        (metric, window, proof)
        for metric in busy.spec.metrics
        for window in busy.spec.windows
        for proof in confirm(explain(busy.spec, busy.parts.store, metric, window), answers)
    ]

    assert [item for item in proofs if not item[2].equal] == []
    assert busy.value("marked") == 6
    assert len({(metric, window) for metric, window, _ in proofs}) == 21 * 6
    assert sum(1 for *_, proof in proofs if proof.source is not None) > 150


def test_every_group_alone_equals_the_source_whatever_its_value_holds(busy: Sales) -> None:
    answers = PostgresAnswers(busy.spec, busy.source_url)
    seen = set()
    for metric in ("revenue_by_type", "by_odd", "mean_by_type"):
        for reading in explain(busy.spec, busy.parts.store, metric, "lifetime").readings:
            found = explain(busy.spec, busy.parts.store, metric, "lifetime", reading.dims)
            (proof,) = confirm(found, answers)
            seen.add(proof.dims[0])

            assert proof.equal, found.sql
            assert proof.published == found.readings[0].value
    assert {"O'Neil'; DROP TABLE transactions; --", "é" * 100} <= seen
    assert busy.one("SELECT count(*) FROM transactions") == 92


def test_the_group_without_a_value_is_named_null(sales: Sales) -> None:
    sales.sell(3, kind=None)
    sales.sell(4, kind="FOOD")
    sales.advance()

    found = explain(sales.spec, sales.parts.store, "revenue_by_type", "today", (NULL,))
    (proof,) = confirm(found, PostgresAnswers(sales.spec, sales.source_url))

    assert '"transaction_type" IS NULL' in found.sql
    assert proof.dims == (None,)
    assert proof.equal
    assert proof.published == proof.source == 3


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_a_pasted_value_cannot_leave_its_quotes_whatever_the_session_says(
    busy: Sales, conforming: str
) -> None:
    with busy.shop.connect() as connection:
        connection.exec_driver_sql(f"SET standard_conforming_strings = {conforming}")
        connection.exec_driver_sql("SET escape_string_warning = off")
        for reading in explain(busy.spec, busy.parts.store, "revenue_by_type", "lifetime").readings:
            found = explain(
                busy.spec, busy.parts.store, "revenue_by_type", "lifetime", reading.dims
            )
            cursor = connection.connection.cursor()
            cursor.execute(found.sql)  # as psql sends it: no bind parameters
            row = cursor.fetchone()

            assert row is not None
            assert (row[0], row[1]) == (reading.value, reading.rows)


def test_rows_that_came_since_are_a_difference_with_its_size(sales: Sales) -> None:
    sales.sell(10)
    sales.advance()
    sales.sell("2.50", at=sales.rows()[0][0])  # the published window ends with its minute
    answers = PostgresAnswers(sales.spec, sales.source_url)

    (before,) = confirm(explain(sales.spec, sales.parts.store, "total_revenue", "today"), answers)
    sales.advance()
    (after,) = confirm(explain(sales.spec, sales.parts.store, "total_revenue", "today"), answers)

    assert not before.equal
    assert str(before.difference) == "2.50"
    assert (before.published_rows, before.source_rows) == (1, 2)
    assert after.equal


def test_a_metric_that_no_run_has_published_yet_asks_for_one(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    more = replace(sales, declaration=DECLARED)

    with pytest.raises(StateError, match="mean over today is newly declared; run"):
        explain(more.spec, sales.parts.store, "mean", "today")


def test_a_statement_that_writes_is_refused_by_the_connection(sales: Sales) -> None:
    with pytest.raises(SourceError, match="read-only transaction"):
        PostgresAnswers(sales.spec, sales.source_url).ask("DELETE FROM transactions RETURNING 1")


def test_amounts_that_are_no_numbers_are_equal_too(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    for amount in ("NaN", "Infinity", "5"):
        sales.sell(amount)
    sales.advance()
    answers = PostgresAnswers(sales.spec, sales.source_url)

    for metric in ("total_revenue", "avg_order_value", "largest"):
        (proof,) = confirm(explain(sales.spec, sales.parts.store, metric, "lifetime"), answers)
        assert proof.equal
        assert proof.difference is None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("numeric", ("1", "1.0", "1.00", "2", "0.30000000000000004")),
        ("double precision", ("0", "-0", "0.30000000000000004", "12345678.901234567")),
        ("real", ("1.2345678", "16777217", "0.1")),
    ],
)
def test_values_are_written_as_they_were_counted_whatever_their_type(
    sales: Sales, kind: str, values: tuple[str, ...]
) -> None:
    declared = DECLARATION.replace("expr: user_id", "expr: amount")
    sales.run(f"ALTER TABLE transactions ALTER amount TYPE {kind}")
    for value in values:
        sales.sell(value)
    shop = replace(sales, declaration=declared)
    shop.advance()
    answers = PostgresAnswers(shop.spec, shop.source_url)

    for metric in ("unique_users", "total_revenue", "largest", "revenue_by_type"):
        found = explain(shop.spec, shop.parts.store, metric, "lifetime", (), answers.write)
        assert [proof.equal for proof in confirm(found, answers)] == [True]
    shop.close()


def test_without_the_source_the_statement_is_shown_and_says_what_it_does_not_know(
    sales: Sales,
) -> None:
    sales.sell(1)
    sales.advance()
    away = PostgresAnswers(sales.spec, "postgresql://nobody@127.0.0.1:1/shop")

    found = explain(sales.spec, sales.parts.store, "total_revenue", "today", (), away.write)

    assert found.sql.startswith("SELECT coalesce(sum(")
    assert found.notes == (
        "the source is away, so types are not known: floats and decimals may be cut",
    )
