"""The audit: finds what no look can, names it, mends just that, and says so."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.model.batch import Batch, Grain, Slice
from kpi_pipeline.model.errors import SourceError, SourceTimeoutError, StateError
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.pipeline.audit import AuditProgress
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

HISTORY = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - n * interval '7 hours', n % 90, CASE n % 3 WHEN 0 THEN 'FOOD' WHEN 1 THEN 'FUEL' END,
       n % 17
FROM generate_series(1, 300) AS n
"""
# As many rows that are newer: so that keys do not tell the older ones to be fresh.
NEWER = """
INSERT INTO transactions (created_at, amount) SELECT now() - interval '20 days', 0
FROM generate_series(1, 1100)
"""
WRONG_MEMBERS = """
UPDATE kpi.partial SET sketch = (
  SELECT sketch FROM kpi.partial WHERE sketch IS NOT NULL
  ORDER BY length(sketch) DESC, sketch LIMIT 1)
WHERE sketch IS NOT NULL
"""
TOO_MUCH = """
INSERT INTO kpi.partial
SELECT pipeline_id, grain, bucket + interval '1 minute', series_id, rows, n, total, low, high,
       sketch
FROM kpi.partial WHERE grain = 'm' ON CONFLICT DO NOTHING
"""


def change_state(sales: Sales, sql: str) -> None:
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()


def test_a_state_that_equals_the_source_is_verified_in_all_its_values(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()

    found = sales.audit()

    assert (found.drifted, found.pending, found.complete) == (0, 0, True)
    stored = sales.state_rows("SELECT count(*) FROM kpi.partial WHERE grain IN ('m', 'h', 'd')")
    assert found.buckets == stored[0][0]
    assert sales.parts.store.audit() == found


@pytest.mark.parametrize("days", [0.1, 3, 60], ids=["recent", "within minutes", "whole days only"])
@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("DELETE FROM transactions WHERE user_id = 77", Decimal(30)),
        ("UPDATE transactions SET amount = 12 WHERE user_id = 77", Decimal(18)),
    ],
    ids=["delete", "update"],
)
def test_what_no_look_can_see_is_found_told_by_its_bucket_and_mended(
    sales: Sales, change: str, difference: Decimal, days: float
) -> None:
    sales.run(HISTORY)
    at = datetime.now(UTC) - timedelta(days=days)
    sales.sell(30, at=at, user=77)
    sales.run(NEWER)
    sales.advance()
    sales.deliver()
    sales.run(change)
    assert not sales.peek().due

    found = sales.audit(repair=True)

    (drift,) = [item for item in found.drifts if item.metric == "total_revenue"]
    assert drift.bucket <= at < drift.end
    assert drift.grain is (Grain.DAY if days == 60 else Grain.MINUTE)
    assert drift.state is not None
    assert drift.state - (drift.source or 0) == difference
    assert found.difference["total_revenue"] == difference
    assert found.queued == (total_minutes_of_a_day(drift) if days == 60 else 1)
    assert sales.peek().due
    assert sales.advance().rows < 20
    assert sales.audit().drifted == 0
    assert_state_equals_source(sales)


def total_minutes_of_a_day(drift: object) -> int:
    return int((drift.end - drift.bucket) / timedelta(minutes=1))  # type: ignore[attr-defined]


def test_an_audit_without_repair_changes_nothing(sales: Sales) -> None:
    sales.sell(5, at=datetime.now(UTC) - timedelta(days=2))
    sales.advance()
    sales.run("DELETE FROM transactions")

    found = sales.audit()

    assert found.drifted
    assert found.queued == 0
    assert not sales.peek().due
    assert sales.value("total_revenue") == 5


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE kpi.partial SET total = total + 1 WHERE grain = 'm' AND total IS NOT NULL",
        "UPDATE kpi.partial SET total = total + 1 WHERE grain = 'd' AND total IS NOT NULL",
        "UPDATE kpi.partial SET high = high + 1 WHERE high IS NOT NULL",
        "UPDATE kpi.partial SET rows = rows + 1",
        WRONG_MEMBERS,
        "DELETE FROM kpi.partial WHERE grain = 'd'",
        "DELETE FROM kpi.partial WHERE grain = 'm'",
        TOO_MUCH,
    ],
    ids=["sums", "days", "greatest", "counts", "members", "no days", "no minutes", "too much"],
)
def test_whatever_is_wrong_in_the_state_is_found_and_mended(sales: Sales, damage: str) -> None:
    sales.run(HISTORY)
    sales.advance()
    change_state(sales, damage)

    found = sales.audit(repair=True)

    assert found.drifted
    sales.advance()
    assert_state_equals_source(sales)
    assert sales.audit().drifted == 0


def test_rows_that_came_since_the_last_fold_are_pending_and_no_drift(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    sales.sell(1)
    sales.sell(2, at=datetime.now(UTC) - timedelta(days=3))

    found = sales.audit()

    assert (found.drifted, found.pending) == (0, 2)


def test_an_audit_under_live_writes_and_folds_finds_no_drift(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            sales.sell(3)
            sales.sell(4, at=datetime.now(UTC) - timedelta(days=2))
            with sales.shop.begin() as connection:
                sales.sell(5, on=connection)
                stop.wait(0.05)

    def fold() -> None:
        folder = replace(sales)
        while not stop.is_set():
            folder.advance()
        folder.close()

    threads = [threading.Thread(target=work) for work in (write, write, fold)]
    for thread in threads:
        thread.start()
    found = [sales.audit() for _ in range(10)]
    stop.set()
    for thread in threads:
        thread.join()

    assert [item.drifts for item in found] == [()] * 10
    assert any(item.pending for item in found)


def test_an_audit_since_a_moment_reads_only_the_days_since_then(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    sales.run("DELETE FROM transactions WHERE created_at < now() - interval '30 days'")

    found = sales.audit(since=datetime.now(UTC) - timedelta(hours=48))

    assert found.drifted == 0
    assert found.rows < 15
    assert not found.all_history
    assert sales.audit().drifted


def test_a_share_of_history_is_audited_at_a_time_until_all_is(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()

    found = [sales.audit(share=0.3) for _ in range(5)]

    intervals = [item.interval for item in found]
    assert all(intervals)
    assert [a.start for a in intervals[:3] if a] == [b.end for b in intervals[1:4] if b]
    assert intervals[4] is not None
    assert intervals[0] is not None
    assert intervals[4].end == intervals[0].end
    assert sum(item.rows for item in found[:4]) == 300


def test_an_audit_that_ran_out_of_time_goes_on_where_it_stopped(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()

    first = sales.audit(seconds=0)
    second = sales.audit()

    assert not first.complete
    assert first.interval is not None
    assert second.interval is not None
    assert second.interval.end == first.interval.start
    assert first.rows + second.rows == 300


def test_progress_is_told_and_a_slow_source_is_asked_for_less(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.run(HISTORY)
    sales.advance()
    told: list[AuditProgress] = []
    real = PostgresSource.aggregate

    def slow(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        if total_minutes(piece.intervals) > 20 * 1440:
            raise SourceTimeoutError("canceling statement due to statement timeout")
        return real(self, piece, as_of)

    monkeypatch.setattr(PostgresSource, "aggregate", slow)

    found = sales.audit(progress=told.append)

    assert found.complete
    assert found.rows == 300
    assert told[-1].left_minutes == 0
    assert [step.done_minutes for step in told] == sorted(step.done_minutes for step in told)


def test_before_the_first_fold_there_is_nothing_to_audit(sales: Sales) -> None:
    with pytest.raises(StateError, match="run `advance`"):
        sales.audit()


def test_a_source_that_was_replaced_is_folded_before_it_is_audited(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    sales.run("TRUNCATE transactions")

    with pytest.raises(SourceError, match="rewritten or truncated; run `advance`"):
        sales.audit()

    sales.advance()
    assert sales.audit().drifted == 0


def test_amounts_that_are_no_numbers_are_no_drift(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    for amount in ("NaN", "Infinity", "-Infinity", "5.00"):
        sales.sell(amount, at=datetime.now(UTC) - timedelta(days=3))
        sales.sell(amount, at=datetime.now(UTC) - timedelta(days=70))
    sales.advance()

    assert sales.audit().drifted == 0


def test_a_group_and_a_member_that_the_state_has_never_seen_are_drift(sales: Sales) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    sales.sell(5, at=at, kind="FOOD", user=1)
    sales.run(NEWER)
    sales.advance()
    sales.run("UPDATE transactions SET transaction_type = 'NEW', user_id = 99")

    found = sales.audit(repair=True)

    assert {item.metric for item in found.drifts} == {"revenue_by_type", "unique_users"}
    assert sales.state_rows("SELECT value FROM kpi.member") == []
    sales.advance()
    assert_state_equals_source(sales)


def test_a_changed_declaration_is_not_drift_of_what_is_not_built_yet(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    changed = DECLARATION.replace("amount >= 50", "amount >= 60")
    other = replace(sales, declaration=changed)

    found = other.audit()
    other.close()

    assert found.drifted == 0
