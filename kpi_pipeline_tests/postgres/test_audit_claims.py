"""What an audit says is what it did: nothing is called verified that was not compared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.compute.reconciliation import audit_sentence
from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.errors import SourceTimeoutError
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.postgres.test_audit import HISTORY, NEWER
from kpi_pipeline_tests.sales import DECLARATION, Sales


def test_rows_that_were_deleted_beside_an_infinite_amount_are_mended(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    at = datetime.now(UTC) - timedelta(days=3)
    for amount in ("Infinity", "1"):
        sales.sell(amount, at=at)
    sales.run(NEWER)
    sales.advance()
    sales.run("DELETE FROM transactions WHERE amount = 1")

    found = sales.audit(repair=True)

    assert found.queued == 1
    assert found.difference == {"transaction_count": 1}
    sales.advance()
    assert sales.audit().drifted == 0


def test_infinities_of_both_signs_do_not_stop_the_audit(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    for days, amount in ((3, "Infinity"), (4, "-Infinity")):
        sales.sell(amount, at=datetime.now(UTC) - timedelta(days=days), user=days)
    sales.run(NEWER)
    sales.advance()
    sales.run("DELETE FROM transactions WHERE user_id IN (3, 4)")

    found = sales.audit(repair=True)

    assert found.difference["total_revenue"].is_nan()
    assert sales.parts.store.audit() is not None
    assert found.queued == 2


def test_an_audit_that_went_on_from_an_earlier_one_is_a_part_of_history(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    sales.audit(share=0.3)
    sales.run("DELETE FROM transactions WHERE created_at > now() - interval '3 days'")

    older, everything = sales.audit(), sales.audit()

    assert (older.drifted, older.complete) == (0, False)
    assert "(a part of history)" in audit_sentence(older)
    assert everything.complete
    assert everything.drifted


def test_a_first_fill_that_is_not_done_is_not_verified(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance(0)

    found = sales.audit()

    assert found.drifted == 0
    assert f"but for {found.pending:,} minutes that wait to be folded" in audit_sentence(found)


def test_days_whose_minutes_are_kept_from_now_on_are_pending_and_no_drift(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    wider = DECLARATION.replace("  windows:", "  windows:\n    far: {window: 50 days}")
    declared = replace(sales, declaration=wider)

    before, outcome, after = declared.audit(), declared.advance(), declared.audit()
    declared.close()

    assert (before.drifted, before.pending > 0) == (0, True)
    assert outcome.rows
    assert (after.drifted, after.pending) == (0, 0)


def test_an_audit_that_fails_has_told_and_queued_what_it_found_until_then(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.run(HISTORY)
    sales.run(NEWER)
    sales.advance()
    deleted = "DELETE FROM transactions WHERE created_at"
    sales.run(f"{deleted} > now() - interval '3 days'")
    heavy = datetime.now(UTC) - timedelta(days=10)
    real = PostgresSource.aggregate

    def slow(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        if any(item.start <= heavy < item.end for item in piece.intervals):
            raise SourceTimeoutError("canceling statement due to statement timeout")
        return real(self, piece, as_of)

    with monkeypatch.context() as patch:
        patch.setattr(PostgresSource, "aggregate", slow)
        with pytest.raises(SourceTimeoutError):
            sales.audit(repair=True)
        found = sales.parts.store.audit()
        sales.advance()
        sales.run(f"{deleted} > now() - interval '6 days'")
        with pytest.raises(SourceTimeoutError):
            sales.audit(repair=True)

    assert found is not None
    assert found.interval is not None
    assert (found.drifted > 0, found.complete, found.all_history) == (True, False, False)
    assert found.interval.start > heavy
    again = sales.parts.store.audit()
    assert again is not None
    assert again.drifted
    assert again.queued
    sales.advance()
    assert sales.audit().drifted == 0


def test_a_share_is_one_of_the_past_whatever_the_future_holds(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.sell(1, at=datetime(9998, 1, 1, tzinfo=UTC))
    sales.advance()

    found = [sales.audit(share=0.3) for _ in range(5)]

    rows = [item.rows for item in found]
    assert all(60 < count < 110 for count in rows[:3])
    assert sum(rows[:4]) == 301
    assert rows[4] == rows[0]
