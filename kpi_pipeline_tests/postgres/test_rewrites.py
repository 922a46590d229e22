"""What a table's owner does to the table itself: rewrite, freeze, empty, strip of its indexes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

AGES = (timedelta(), timedelta(days=3), timedelta(days=40))


@pytest.mark.parametrize(
    "sql",
    [
        "VACUUM FULL transactions",
        "CLUSTER transactions USING transactions_created_at_idx",
        "ALTER TABLE transactions ALTER amount TYPE numeric(14, 3)",
        "TRUNCATE transactions",
    ],
)
def test_a_rewritten_table_is_folded_again_and_says_why(sales: Sales, sql: str) -> None:
    position = _folded(sales)
    _own(sales, sql)
    sales.sell(8, at=datetime.now(UTC) - timedelta(days=100))

    found = sales.parts.source.detect(position)
    outcome = sales.advance()

    assert found.everything == "the table was rewritten or truncated"
    assert outcome.everything == found.everything
    assert sales.state_rows("SELECT why FROM kpi.rewind") == [(found.everything,)]
    assert_state_equals_source(sales)
    assert not sales.peek().due


@pytest.mark.parametrize(
    "sql",
    [
        "VACUUM FREEZE transactions",
        "VACUUM (FREEZE, DISABLE_PAGE_SKIPPING, INDEX_CLEANUP ON) transactions",
        "REINDEX TABLE transactions",
        "ALTER TABLE transactions ADD IF NOT EXISTS note text DEFAULT 'new'",
        "ANALYZE transactions",
    ],
)
def test_what_leaves_the_rows_in_place_neither_loses_nor_folds_again(
    sales: Sales, sql: str
) -> None:
    position = _folded(sales)
    sales.sell(8, at=datetime.now(UTC) - timedelta(days=100))

    _own(sales, sql)

    look = sales.parts.source.detect(position)
    sweep = sales.parts.source.detect(position, sweep=True)
    assert look.everything is None
    assert [item.minutes for item in look.changed] == [1]
    assert sweep.changed == look.changed
    sales.advance()
    assert_state_equals_source(sales)
    _own(sales, sql)
    assert not sales.peek().due


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE transactions DROP CONSTRAINT transactions_pkey",
        "ALTER TABLE transactions DROP transaction_id; DROP INDEX transactions_created_at_idx",
        "ALTER TABLE transactions SET UNLOGGED",
    ],
    ids=["no primary key", "no index and no key", "unlogged"],
)
def test_a_table_of_any_make_is_followed(sales: Sales, sql: str) -> None:
    sales.run(sql)
    keyless = replace(sales, declaration=DECLARATION.replace("key: transaction_id, ", ""))
    _folded(keyless)

    keyless.sell(8)
    keyless.sell(16, at=datetime.now(UTC) - timedelta(minutes=10))
    keyless.run("UPDATE transactions SET amount = 32 WHERE amount = 8")
    keyless.advance()

    assert keyless.value("total_revenue") == 55
    assert_state_equals_source(keyless)
    assert not keyless.peek().due
    keyless.close()


def _folded(sales: Sales) -> str:
    for amount, age in zip((1, 2, 4), AGES, strict=True):
        sales.sell(amount, at=datetime.now(UTC) - age)
    sales.advance()
    return str(sales.parts.store.load().position)


def _own(sales: Sales, sql: str) -> None:
    """As the owner, outside of a transaction."""
    with sales.shop.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        owner.execute(text(sql))
