"""Percentiles and approximate counts on every kind of source, against the exact numbers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil
from random import Random

import pytest

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.source.open import open_answers
from kpi_pipeline_tests.contracts.conftest import Opened
from kpi_pipeline_tests.contracts.shops import OtherSales
from kpi_pipeline_tests.sales import Sales

MORE = """
    p95: {agg: percentile, percentile: 0.95, expr: amount}
    middle: {agg: median, expr: amount, relative_error: 0.001}
    low: {agg: percentile, percentile: 0.05, expr: amount, relative_error: 0.1}
    middle_by_type: {agg: median, expr: amount, group_by: transaction_type, filter: user_id > 3}
    nobody: {agg: median, expr: amount, filter: user_id < 0}
    about_users: {agg: count_distinct, expr: user_id, approximate: true}
  windows:
"""
AMOUNTS = ("0", "-0.0", "0.01", "-0.01", "9999999999.99", "-9999999999.99", None)


@pytest.fixture
def busy(shop: Sales) -> Iterator[Sales]:
    """Rows of three months, some of them less than zero, some without an amount."""
    declared = replace(
        shop, declaration=shop.declaration.replace("  windows:\n", MORE.lstrip("\n"))
    )
    random, now = Random(51), datetime.now(UTC)  # noqa: S311 - a seed
    for n in range(200):
        amount = AMOUNTS[n % 7] if n % 11 == 0 else round(random.lognormvariate(3, 2) - 5, 2)
        age = timedelta(minutes=random.random() * (90 * 1440 if n % 2 else 90))
        declared.sell(amount, at=now - age, kind=f"K{n % 3}", user=n % 50)
    declared.advance()
    yield declared
    declared.close()


def nearest(values: list[Decimal], percentile: float) -> Decimal:
    return sorted(values)[max(1, ceil(percentile * len(values))) - 1]


def test_every_percentile_is_within_its_error_of_the_exact_one(busy: Sales) -> None:
    rows = busy.rows()
    amounts = [amount for _, amount, _, _ in rows if amount is not None]
    wanted = {"p95": (0.95, "0.01"), "middle": (0.5, "0.001"), "low": (0.05, "0.1")}

    for metric, (percentile, error) in wanted.items():
        exact, estimate = nearest(amounts, percentile), busy.value(metric)
        assert estimate is not None
        assert abs(estimate - exact) <= abs(exact) * Decimal(error)
    assert busy.value("about_users") == 50
    assert busy.value("nobody") is None


def test_groups_have_percentiles_of_their_own_rows(busy: Sales) -> None:
    published = busy.parts.store.latest()
    assert published is not None
    found = {r.dims: r.value for r in published.snapshot.find("middle_by_type", "lifetime")}

    assert len(found) == 3
    for (kind,), estimate in found.items():
        own = [a for _, a, k, user in busy.rows() if a is not None and k == kind and user > 3]  # type: ignore[operator]
        exact = nearest(own, 0.5)
        assert estimate is not None
        assert abs(estimate - exact) <= abs(exact) * Decimal("0.01")


def test_rolled_up_days_and_an_audit_agree_with_the_source(busy: Sales) -> None:
    audit = busy.audit()

    assert audit.complete
    assert audit.drifted == 0
    values = busy.state_rows(
        "SELECT DISTINCT sketch IS NULL, value IS NULL FROM kpi.partial p "
        "JOIN kpi.series s ON s.id = p.series_id WHERE n > 0 AND metric IN ('p95', 'about_users')"
    )
    assert values == [(False, False)]


def test_groups_that_are_summed_together_equal_the_source(shop: Sales) -> None:
    capped = MORE.replace(
        "group_by: transaction_type,", "group_by: transaction_type, most_groups: 1,"
    )
    few = replace(shop, declaration=shop.declaration.replace("  windows:\n", capped.lstrip("\n")))
    for n in range(40):
        few.sell(n * n, kind=f"K{n % 4}", user=n)
    few.advance()
    answers = open_answers(few.spec, few.source_url)
    explained = explain(few.spec, few.parts.store, "middle_by_type", "lifetime", (), answers.write)
    other = ("(other)",)
    alone = explain(few.spec, few.parts.store, "middle_by_type", "lifetime", other, answers.write)
    proofs, (proof,) = confirm(explained, answers), confirm(alone, answers)
    few.close()

    assert {item.dims for item in proofs} == {("K0",), other}
    assert all(item.equal for item in (*proofs, proof))


def test_a_text_among_sqlites_numbers_is_named(opened: Opened) -> None:
    lite = opened("sqlite")
    shop = replace(lite, declaration=lite.declaration.replace("  windows:\n", MORE.lstrip("\n")))
    shop.run("INSERT INTO transactions (created_at, amount) VALUES (datetime('now'), 9e999)")
    shop.run("INSERT INTO transactions (created_at, amount) VALUES (datetime('now'), 1e-320)")
    shop.advance()
    tenth = shop.value("low")
    shop.run("INSERT INTO transactions (created_at, amount) VALUES (datetime('now'), 'abc')")
    with pytest.raises(SourceError, match="'abc' is not a number"):
        shop.advance()
    shop.close()

    assert tenth == 0


def test_doubles_of_mariadb_have_bins_to_their_ends(opened: Opened) -> None:
    maria: OtherSales = opened("mariadb")
    maria.run("ALTER TABLE transactions MODIFY amount double")
    shop = replace(maria, declaration=maria.declaration.replace("  windows:\n", MORE.lstrip("\n")))
    for amount in ("1.7e308", "-1.7e308", "1e-305", "-2", "-2", "0"):
        shop.sell(amount)
    shop.advance()
    found = [shop.value(name) for name in ("low", "middle", "p95")]
    shop.close()

    assert found[0] is not None
    assert found[0] < Decimal("-9e299")
    assert found[1] is not None
    assert abs(found[1]) <= Decimal("2.002")
    assert found[2] is not None
    assert found[2] > Decimal("9e299")
