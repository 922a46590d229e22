"""Rows of metrics that are declared no more go later, a few at a time, and never in a fight."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.pipeline import advance
from kpi_pipeline_tests.postgres.declarations import (
    ELSE,
    LARGEST,
    WITHOUT,
    YEAR,
    Redeclared,
    assert_declared_equals_source,
)
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

COUNT = """
SELECT count(*) FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
WHERE s.metric = 'largest'
"""
MIGRATION = "kpi_pipeline.store.migrations.versions.0004_retired"
RETIRED = "SELECT metric FROM kpi.retired ORDER BY metric"


@pytest.fixture
def shop(sales: Sales) -> Iterator[Redeclared]:
    """A year of history."""
    sales.run(YEAR)
    sales.advance()
    shop = Redeclared(sales)
    yield shop
    shop.close()


def change_state(sales: Sales, sql: str) -> None:
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()


def later(sales: Sales, hours: int) -> None:
    """So many hours pass."""
    change_state(sales, f"UPDATE kpi.retired SET at = at - interval '{hours} hours'")  # noqa: S608


def count(sales: Sales) -> int:
    return int(str(sales.state_rows(COUNT)[0][0]))


def test_a_removed_metrics_rows_go_a_day_later_and_in_portions(
    shop: Redeclared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advance, "MOST_PURGED", 100)
    before = count(shop.now)
    sales = shop.declare(WITHOUT)
    for hours in (0, 23):
        later(sales, hours)
        sales.sell(1)
        sales.advance()
        assert count(sales) == before
    later(sales, 2)

    left = []
    while sales.state_rows(RETIRED):
        sales.advance()
        left.append(count(sales))

    assert left[:2] == [before - 100, before - 200]
    assert left[-1] == 0
    assert_declared_equals_source(sales)


def test_a_metric_that_comes_back_before_the_purge_is_not_purged(shop: Redeclared) -> None:
    shop.declare(WITHOUT).advance()
    later(shop.now, 30)
    sales = shop.declare(DECLARATION)
    sales.advance()

    assert sales.state_rows(RETIRED) == []
    assert_state_equals_source(sales)


def test_two_declarations_that_fold_in_turn_purge_nothing_of_each_other(
    shop: Redeclared,
) -> None:
    before = count(shop.now)
    older, newer = shop.now, shop.declare(WITHOUT)
    for _ in range(3):
        for sales in (newer, older):
            sales.sell(1, user=None)
            sales.advance()
            later(sales, 20)
            assert count(sales) >= before

    assert_state_equals_source(older)


def test_rows_of_a_changed_metric_go_as_its_new_ones_come(shop: Redeclared) -> None:
    before = count(shop.now)
    sales = shop.replace(LARGEST, ELSE)
    sales.advance()

    assert count(sales) == before
    assert_state_equals_source(sales)


def test_what_was_removed_before_the_purge_existed_is_found(shop: Redeclared) -> None:
    sales = shop.declare(WITHOUT)
    sales.advance()
    change_state(sales, "DELETE FROM kpi.retired")

    change_state(sales, str(import_module(MIGRATION).FOUND_SQL))

    assert sales.state_rows(RETIRED) == [("largest",)]


def test_a_metric_that_is_purged_and_declared_again_is_filled(shop: Redeclared) -> None:
    shop.declare(WITHOUT).advance()
    later(shop.now, 30)
    shop.now.advance()
    assert count(shop.now) == 0
    sales = shop.declare(DECLARATION)
    sales.advance()

    assert_state_equals_source(sales)
