"""A new metric that the source cannot compute is named, and holds no other metric up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.errors import RefillError, SourceError, SourceTimeoutError
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.postgres.declarations import (
    LARGEST,
    WITHOUT,
    YEAR,
    Redeclared,
    assert_declared_equals_source,
    building,
    others,
    snapshot,
)
from kpi_pipeline_tests.sales import DECLARATION, Sales

SHARE = "    share: {agg: sum, expr: 1 / user_id}\n"
MENDED = "    share: {agg: sum, expr: '1 / nullif(user_id, 0)'}\n"
LONG_AGO = datetime.now(UTC) - timedelta(days=250)
FAULT = r"metrics\.share: division by zero .*cannot be filled until .*mended"


@pytest.fixture
def shop(sales: Sales) -> Iterator[Redeclared]:
    """A year of history, and one user long ago whom a share cannot be divided by."""
    sales.run(YEAR)
    sales.run("UPDATE transactions SET user_id = 1 WHERE user_id = 0")
    sales.sell(5, at=LONG_AGO, user=0)
    shop = Redeclared(sales)
    shop.declare(WITHOUT).advance()
    yield shop
    shop.close()


def test_the_others_stay_fresh_and_the_run_names_the_metric(shop: Redeclared) -> None:
    sales = shop.declare(WITHOUT.replace("  windows:", f"{SHARE}  windows:", 1))
    count = sales.value("transaction_count")
    assert count is not None
    sales.sell(77)
    with pytest.raises(RefillError, match=FAULT):
        sales.advance()

    assert sales.value("transaction_count") == count + 1
    assert building(sales, "share") == {"lifetime": True, "today": False, "last_60m": False}
    assert not any(r.building for r in others(sales, "share"))


def test_its_history_is_filled_up_to_the_day_where_it_fails(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + SHARE))
    filled = [0]
    while len(filled) < 3 or filled[-1] > filled[-2]:
        with pytest.raises(RefillError, match=FAULT):
            sales.advance()
        filled.append(snapshot(sales).filled["share"])

    assert 60 < filled[-1] < 68  # of 379 days the newest 250


def test_another_new_metric_is_filled_though_one_fails(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + SHARE))
    with pytest.raises(RefillError, match=FAULT):
        sales.advance()

    assert snapshot(sales).filled.keys() == {"share"}
    assert sales.value("largest") == 89


def test_a_new_row_that_a_new_metric_fails_at_is_live_for_the_others(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + SHARE))
    sales.sell(5000, user=0)
    with pytest.raises(RefillError, match=FAULT):
        sales.advance()
    sales.sell(6000, user=2)
    with pytest.raises(RefillError, match=FAULT):
        sales.advance()

    assert sales.value("largest") == 6000
    assert building(sales, "share")["last_60m"]
    assert not any(r.building for r in others(sales, "share"))


def test_a_metric_that_fits_no_types_holds_no_other_up(shop: Redeclared) -> None:
    odd = "    odd: {agg: sum, expr: amount + transaction_type}\n"
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + odd))
    sales.sell(5000)
    with pytest.raises(RefillError, match=r"metrics\.odd"):
        sales.advance()

    assert sales.value("largest") == 5000
    assert snapshot(sales).filled == {"odd": 0}


def test_a_mended_metric_is_filled(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + SHARE))
    sales.sell(1, user=0)
    with pytest.raises(RefillError, match=FAULT):
        sales.advance()
    sales = shop.replace(SHARE, MENDED)
    sales.advance()

    assert sales.value("share") == sales.one("SELECT sum(1 / nullif(user_id, 0)) FROM transactions")
    assert snapshot(sales).filled == {}
    assert sales.audit(resume=False).drifted == 0


def test_an_audit_proves_the_others_while_one_fails(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + SHARE))
    with pytest.raises(RefillError, match=FAULT):
        sales.advance()

    found = sales.audit(resume=False)

    assert found.drifted == 0
    assert found.rows == 1301
    assert found.pending > 0


def test_a_metric_that_worked_so_far_fails_as_a_whole_at_a_new_row(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION.replace(LARGEST, LARGEST + SHARE))
    sales.run("DELETE FROM transactions WHERE user_id = 0")
    sales.advance()
    before = snapshot(sales).revision
    sales.sell(5000, user=0)

    with pytest.raises(SourceError, match=r"metrics\.share: division by zero"):
        sales.advance()

    assert snapshot(sales).revision == before


def test_a_source_that_is_too_slow_for_a_refill_names_the_metrics(
    shop: Redeclared, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = shop.declare(DECLARATION)
    sales.sell(1)

    def slow(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        if piece.metrics is not None:
            raise SourceTimeoutError("statement timeout")
        return real(self, piece, as_of)

    real = PostgresSource.aggregate
    monkeypatch.setattr(PostgresSource, "aggregate", slow)
    count = sales.value("transaction_count")
    with pytest.raises(SourceTimeoutError, match="filling the history of largest: statement"):
        sales.advance()

    assert count is not None
    assert sales.value("transaction_count") == count + 1
    monkeypatch.setattr(PostgresSource, "aggregate", real)
    sales.advance()
    assert_declared_equals_source(sales)
