"""Metrics come, change and go between folds, while rows come, change and go too."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from kpi_pipeline_tests.postgres.declarations import (
    YEAR,
    Redeclared,
    assert_declared_equals_source,
    snapshot,
)
from kpi_pipeline_tests.sales import DECLARATION, Sales

FORMS = {
    "largest": ("{agg: max, expr: amount}", "{agg: max, expr: amount + 0}", ""),
    "big_orders": (
        "{agg: count, filter: amount >= 50}",
        "{agg: count, filter: amount >= 50.0}",
        "",
    ),
    "unique_users": (
        "{agg: count_distinct, expr: user_id}",
        "{agg: count_distinct, expr: user_id + 0}",
        "",
    ),
    "revenue_by_type": (
        "{agg: sum, expr: amount, group_by: [transaction_type], unit: USD}",
        "{agg: sum, expr: amount * 1, group_by: [transaction_type], unit: USD}",
        "",
    ),
}
"""Each metric in two definitions that give the same numbers, and absent."""


def declared(forms: dict[str, int]) -> str:
    text = DECLARATION
    for name, form in forms.items():
        line = f"    {name}: {FORMS[name][0]}\n"
        assert line in text
        wanted = FORMS[name][form]
        text = text.replace(line, f"    {name}: {wanted}\n" if wanted else "")
    return text


def write(sales: Sales, random: Random) -> None:
    """Rows of today and of long ago; updates and deletes of old ones, which a rewind finds."""
    now = datetime.now(UTC)
    for _ in range(random.randrange(4)):
        old = now - timedelta(days=random.choice([0, 0, 1, 20, 200, 350]), minutes=3)
        kind, user = random.choice(["FOOD", "NEW", None]), random.randrange(50)
        sales.sell(random.randrange(200), at=old, kind=kind, user=user)
    if random.random() < 0.3:
        pick = f"transaction_id % 17 = {random.randrange(17)}"
        sales.run(f"DELETE FROM transactions WHERE {pick}")  # noqa: S608 - a number
        sales.run(f"UPDATE transactions SET amount = amount + 1 WHERE user_id % 7 = 3 AND {pick}")  # noqa: S608
        sales.rewind()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_declared_in_the_end_is_what_the_source_says(sales: Sales, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test's dice
    sales.run(YEAR)
    sales.advance(0)
    shop = Redeclared(sales)
    forms = dict.fromkeys(FORMS, 0)
    for _ in range(14):
        if random.random() < 0.5:
            forms[random.choice(sorted(FORMS))] = random.randrange(3)
            shop.declare(declared(forms))
        write(shop.now, random)
        if random.random() < 0.2:
            shop.now.advance()
        for _ in range(random.randrange(4)):
            shop.now.advance(0)
        if random.random() < 0.2:  # an older release folds once more
            random.choice([*shop.before, shop.now]).advance(0)
    shop.now.advance()

    assert snapshot(shop.now).filled == {}
    assert_declared_equals_source(shop.now)
    count = shop.now.one("SELECT count(*) FROM transactions")
    assert shop.now.value("transaction_count") == count
    shop.close()
