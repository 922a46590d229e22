"""Estimates of a real fold: however rows come, and whatever they hold."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.source.postgres.answers import PostgresAnswers
from kpi_pipeline_tests.conftest import fresh_database, fresh_state
from kpi_pipeline_tests.sales import DECLARATION, Sales

MORE = """
    p95: {agg: percentile, percentile: 0.95, expr: amount}
    middle: {agg: median, expr: amount, relative_error: 0.001}
    about_users: {agg: count_distinct, expr: user_id, approximate: true}
    middle_by_type:
      {agg: median, expr: amount, group_by: [transaction_type], most_groups: 3}
    users_by_type:
      agg: count_distinct
      expr: user_id
      approximate: true
      group_by: [transaction_type]
      most_groups: 3
  windows:
"""
DECLARED = DECLARATION.replace("  windows:\n", MORE.lstrip("\n"))
ROWS = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - n * n * interval '20 minutes', n * 7919 % 1009 - 100, 'K' || n * n % 11, n * 31 % 70
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
"""
COUNT = 99
"""The oldest row is 136 days old: beyond the minutes that are kept."""
Declared = Callable[[str], Sales]
Values = dict[tuple[str, str, tuple[str | None, ...]], Decimal | None]


@pytest.fixture
def declared(postgres: Cluster) -> Iterator[Declared]:
    """Opens empty shops, each with two databases of its own; the amount's type is given."""
    with ExitStack() as stack:

        def open_with(kind: str) -> Sales:
            source = stack.enter_context(fresh_database(postgres))
            state = stack.enter_context(fresh_state(postgres))
            shop = Sales(source, state, DECLARED).open()
            stack.callback(shop.close)
            shop.run(f"ALTER TABLE transactions ALTER amount TYPE {kind} USING NULL")
            return shop

        yield open_with


def values(shop: Sales) -> Values:
    published = shop.parts.store.latest()
    assert published is not None
    return {(r.metric, r.window, r.dims): r.value for r in published.snapshot.readings}


@pytest.mark.parametrize("seed", range(3))
def test_however_rows_come_the_snapshot_is_that_of_one_fold(declared: Declared, seed: int) -> None:
    whole, split = declared("numeric"), declared("numeric")
    split.advance()
    random = Random(seed)  # noqa: S311 - a seed
    cuts = sorted(random.sample(range(1, COUNT), 4))
    for first, last in pairwise([0, *cuts, COUNT]):
        split.run(ROWS, first=first + 1, last=last)
        split.advance(seconds=random.choice((0, 60)))
    copy_rows(split, whole)

    split.advance()
    whole.advance()

    ungrouped = {key: value for key, value in values(whole).items() if not key[2]}
    assert ungrouped == {key: value for key, value in values(split).items() if not key[2]}
    for shop in (whole, split):
        audit = shop.audit()
        assert (audit.complete, audit.drifted) == (True, 0)
        proven(shop)
        said(shop)


def copy_rows(source: Sales, to: Sales) -> None:
    with to.shop.begin() as connection:
        for row in source.rows():
            connection.execute(
                text(
                    "INSERT INTO transactions (created_at, amount, transaction_type, user_id) "
                    "VALUES (:at, :amount, :type, :user)"
                ),
                dict(zip(("at", "amount", "type", "user"), row, strict=True)),
            )


def proven(shop: Sales) -> None:
    """Every metric over every window, and `(other)`, against the source."""
    answers = PostgresAnswers(shop.spec, shop.source_url)
    proofs = [
        (metric, window, proof)
        for metric in shop.spec.metrics
        for window in shop.spec.windows
        for proof in confirm(explain(shop.spec, shop.parts.store, metric, window), answers)
    ]

    assert [item for item in proofs if not item[2].equal] == []
    others = {metric for metric, _, proof in proofs if proof.dims == ("(other)",)}
    assert {"middle_by_type", "users_by_type"} <= others


def said(shop: Sales) -> None:
    """The column beside a sketch is what the sketch says, of minutes and of days."""
    found = shop.state_rows("SELECT grain, sketch, value FROM kpi.partial")

    assert {row[0] for row in found if row[1] is not None} >= {"m", "h", "d", "mo"}
    for _, data, value in found:
        assert value == sketch.value(data)  # type: ignore[arg-type]


def test_nothing_and_rows_without_a_value_have_no_percentile(declared: Declared) -> None:
    shop, nothing = declared("numeric"), (None, Decimal(0))
    shop.advance()
    empty = shop.value("p95"), shop.value("about_users")
    shop.sell(None, user=None)
    shop.advance()

    assert empty == nothing
    assert (shop.value("p95"), shop.value("about_users")) == nothing
    assert shop.state_rows("SELECT * FROM kpi.partial WHERE sketch IS NOT NULL") == []


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        pytest.param("numeric", ("1e400", "-1e400", "1e-400", "NaN", "5", "5", "5"), id="numeric"),
        pytest.param("numeric", ("Infinity", "-Infinity", "5", "1e131000"), id="infinite"),
        pytest.param("numeric", (f"{'7' * 500}.{'3' * 500}", "5"), id="a thousand digits"),
        pytest.param("float8", ("Infinity", "-Infinity", "NaN", "-0.0", "1e308"), id="double"),
        pytest.param("float8", ("5e-324", "2.2e-308", "0.1"), id="the least doubles"),
        pytest.param("float4", ("Infinity", "NaN", "0.1", "-0.0", "1e-45"), id="real"),
        pytest.param("bigint", ("9223372036854775807", "-9223372036854775808", "0"), id="whole"),
        pytest.param("money", ("0.01", "-0.01", "92233720368547758.07"), id="money"),
    ],
)
def test_any_number_has_a_bin_and_is_near_the_exact_percentile(
    declared: Declared, kind: str, amounts: tuple[str, ...]
) -> None:
    shop = replace(declared(kind), declaration=without_others(kind))
    now = datetime.now(UTC)
    for age in (timedelta(0), timedelta(days=3), timedelta(days=50)):
        for amount in amounts:
            shop.run(
                f"INSERT INTO transactions (created_at, amount) VALUES (:at, CAST(:v AS {kind}))",  # noqa: S608 - a type above
                at=now - age,
                v=amount if kind != "money" else f"${amount}",
            )
    shop.advance()
    answers = PostgresAnswers(shop.spec, shop.source_url)
    for metric in ("p05", "p50", "p99"):
        (proof,) = confirm(explain(shop.spec, shop.parts.store, metric, "lifetime"), answers)

        assert proof.equal, (metric, proof)
        assert proof.published is not None
    assert shop.audit().drifted == 0
    shop.close()


def without_others(kind: str) -> str:
    """Only percentiles: a sum of infinities is another test's."""
    filtered = "" if kind == "money" else ", filter: amount = amount"
    metrics = "".join(
        f"    p{n:02}: {{agg: percentile, percentile: {n / 100}, expr: amount{filtered}}}\n"
        for n in (5, 50, 99)
    )
    head, _, rest = DECLARATION.partition("    total_revenue:")
    windows = rest.partition("  windows:")[2].partition("  thresholds:")[0]
    return f"{head}{metrics}  windows:{windows}"


def test_a_text_that_is_no_number_is_named_and_its_value_is_not(declared: Declared) -> None:
    shop = declared("numeric")
    expr = "expr: \"transaction_type || ''\"}"
    broken = replace(shop, declaration=DECLARED.replace("0.95, expr: amount}", f"0.95, {expr}"))
    broken.sell(1, kind="alice@example.com")

    with pytest.raises(SourceError) as caught:
        broken.advance()
    broken.close()

    assert str(caught.value) == (
        "source database: metrics.p95: invalid text representation (SQLSTATE 22P02; the value is "
        "not shown)"
    )


def test_a_bare_column_of_text_is_refused(declared: Declared) -> None:
    shop = declared("text")
    broken = replace(shop, declaration=without_others("money"))

    with pytest.raises(SourceError, match="amount is text; agg percentile needs a number"):
        broken.advance()
    broken.close()


def test_values_of_an_approximate_count_are_not_remembered(declared: Declared) -> None:
    shop = declared("numeric")
    declaration = DECLARED.replace("unique_users: {agg: count_distinct, expr: user_id}", "")
    alone = replace(shop, declaration=declaration)
    alone.run(ROWS, first=1, last=COUNT)
    alone.advance()
    exact = alone.one("SELECT count(DISTINCT user_id) FROM transactions")

    assert abs(int(alone.value("about_users") or 0) - int(str(exact))) <= 1
    assert alone.state_rows("SELECT * FROM kpi.member") == []
    alone.close()


def test_damaged_sketches_are_told_and_folding_again_mends_them(declared: Declared) -> None:
    shop = declared("numeric")
    shop.sell(5)
    shop.advance()
    engine = create_engine(shop.state_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE kpi.partial SET sketch = substr(sketch, 1, 9) WHERE sketch IS NOT NULL")
        )
    engine.dispose()
    shop.sell(7, at=datetime.now(UTC) - timedelta(days=1))

    with pytest.raises(ValueError, match="fold their buckets again"):
        shop.advance()
