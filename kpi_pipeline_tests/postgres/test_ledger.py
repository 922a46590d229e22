"""The late-row ledger: shown numbers that changed, by how much, because of what."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.model.correction import Correction, Why
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline_tests.sales import Sales

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
AGES = pytest.mark.parametrize("days", [0.01, 3, 60], ids=["minutes", "days", "whole days only"])


def ledger(sales: Sales, metric: str = "total_revenue") -> list[Correction]:
    _, found = sales.parts.store.corrections(LONG_AGO, 1000)
    return [item for item in found if item.metric == metric]


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def test_rows_that_come_in_time_are_no_corrections(sales: Sales) -> None:
    sales.sell(1, at=ago(3))
    sales.advance()
    for _ in range(3):
        sales.sell(2)
        sales.advance()

    assert ledger(sales) == []


@AGES
def test_a_late_row_is_told_with_its_bucket_its_amount_and_its_lateness(
    sales: Sales, days: float
) -> None:
    at = ago(days)
    sales.sell(1, at=at)
    sales.advance()

    sales.sell(5, at=at)
    sales.advance()

    (item,) = ledger(sales)
    assert item.why is Why.LATE
    assert (item.before, item.after) == (Decimal(1), Decimal(6))
    assert (item.rows_before, item.rows_after) == (1, 2)
    assert item.bucket <= at
    assert timedelta(0) < item.lateness <= timedelta(days=days, minutes=1)


def test_a_late_row_in_a_minute_that_was_empty_is_told(sales: Sales) -> None:
    sales.sell(1, at=ago(3))
    sales.advance()

    sales.sell(5, at=ago(1), kind="NEW")
    sales.advance()

    (item,) = ledger(sales)
    assert (item.before, item.after) == (Decimal(0), Decimal(5))
    (group,) = ledger(sales, "revenue_by_type")
    assert group.dims == ("NEW",)


def test_an_update_and_a_delete_are_told_as_such(sales: Sales) -> None:
    at = ago(0.005)
    for user in (1, 2, 3):
        sales.sell(user, at=at, user=user)
    sales.advance()

    sales.run("UPDATE transactions SET amount = 10 WHERE user_id = 2")
    sales.advance()
    sales.run("DELETE FROM transactions WHERE user_id = 3")
    sales.audit(repair=True)
    sales.advance()

    assert [(i.why, i.before, i.after) for i in ledger(sales)] == [
        (Why.DELETE, Decimal(14), Decimal(11)),
        (Why.UPDATE, Decimal(6), Decimal(14)),
    ]
    assert [i.why for i in ledger(sales, "unique_users")] == [Why.DELETE]


def test_what_a_rewind_changes_is_told_as_a_rewind(sales: Sales) -> None:
    sales.sell(5, at=ago(3))
    sales.sell(6, at=ago(3))
    sales.advance()
    sales.run("DELETE FROM transactions WHERE amount = 6")

    sales.rewind()
    sales.advance()

    (item,) = ledger(sales)
    assert (item.why, item.before, item.after) == (Why.REWIND, Decimal(11), Decimal(5))


def test_a_rewind_that_changes_nothing_writes_no_bucket_and_no_correction(sales: Sales) -> None:
    sales.sell(5, at=ago(3))
    sales.sell(5, at=ago(60))
    sales.advance()
    before = sales.state_rows("SELECT ctid, xmin, * FROM kpi.partial WHERE grain = 'm'")

    sales.rewind()
    sales.advance()

    assert ledger(sales) == []
    assert sales.state_rows("SELECT ctid, xmin, * FROM kpi.partial WHERE grain = 'm'") == before


def test_the_distribution_of_lateness_is_measured_in_rows(sales: Sales) -> None:
    now = floor_minute(datetime.now(UTC))
    for _ in range(10):
        sales.sell(1, at=now - timedelta(minutes=5))
    sales.advance()
    for minutes, rows in ((10, 8), (60, 1), (1440, 1)):
        for _ in range(rows):
            sales.sell(1, at=now - timedelta(minutes=minutes))
    sales.advance()

    found = sales.parts.store.lateness(LONG_AGO, "transaction_count")

    assert (found.rows, found.late) == (20, 10)
    assert found.half is not None
    assert found.most is not None
    assert found.latest is not None
    assert timedelta(minutes=8) < found.half < timedelta(minutes=12)
    assert timedelta(minutes=58) < found.most < timedelta(minutes=62)
    assert found.latest > timedelta(hours=23)
    assert found.nearly_all == found.latest


def test_history_that_is_first_filled_is_no_correction(sales: Sales) -> None:
    sales.run(
        "INSERT INTO transactions (created_at, amount) "
        "SELECT now() - n * interval '1 day', 1 FROM generate_series(1, 50) AS n"
    )
    while sales.advance(seconds=0).left_minutes:
        pass

    assert ledger(sales) == []


def test_a_value_that_a_late_row_did_not_change_is_not_listed_and_its_row_is_late(
    sales: Sales,
) -> None:
    at = ago(3)
    sales.sell(5, at=at, user=1)
    sales.advance()
    sales.sell(5, at=at, user=1)
    sales.advance()

    assert ledger(sales, "unique_users") == []
    assert ledger(sales, "largest") == []
    assert sales.parts.store.lateness(LONG_AGO, "total_revenue").late == 1
