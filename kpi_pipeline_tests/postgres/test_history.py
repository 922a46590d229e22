"""Days computed again beside the folds, any number at once; nothing is lost or doubled."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.pipeline.history import Recomputed, recompute
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

HISTORY = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - n * interval '7 hours', n % 90, CASE n % 3 WHEN 0 THEN 'FOOD' WHEN 1 THEN 'FUEL' END,
       n % 17
FROM generate_series(1, 200) AS n
"""


def days_of(sales: Sales, count: int) -> list[Interval]:
    now = datetime.now(UTC)
    return days_in((Interval(now - timedelta(days=count), now),), sales.spec.timezone)


def again(sales: Sales, day: Interval) -> Recomputed:
    return recompute(sales.spec, sales.parts.source, sales.parts.store, day)


def test_a_day_computed_again_takes_in_what_was_deleted(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    sales.run("DELETE FROM transactions WHERE transaction_id % 2 = 0")

    for day in days_of(sales, 60):
        again(sales, day)

    assert_state_equals_source(sales)
    assert "history was computed again" in sales.peek().reason
    sales.advance()
    sales.deliver()
    assert sales.value("total_revenue") == sales.one("SELECT sum(amount) FROM transactions")
    assert not sales.peek().due


def test_a_day_computed_again_unchanged_writes_nothing(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()

    found = [again(sales, day) for day in days_of(sales, 60)]

    assert sum(item.rows for item in found) == 200
    assert sum(item.changed for item in found) == 0


def test_days_side_by_side_while_writers_write_and_the_sensor_folds(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    sales.run("UPDATE transactions SET amount = amount + 1 WHERE transaction_id % 3 = 0")
    stop = threading.Event()
    with ThreadPoolExecutor(6) as threads:
        background = [threads.submit(work, sales, stop) for work in (_write, _fold)]
        backfills = [threads.submit(_backfill, sales, part) for part in range(4)]
        wait(backfills)
        stop.set()
    sales.advance()

    assert [done.result() for done in (*background, *backfills)] == [None] * 6
    assert_state_equals_source(sales)


def _write(sales: Sales, stop: threading.Event) -> None:
    for number in count():
        if stop.is_set():
            return
        sales.sell(3, at=datetime.now(UTC) - timedelta(days=number % 50))
        stop.wait(0.01)


def _fold(sales: Sales, stop: threading.Event) -> None:
    mine = replace(sales)
    while not stop.is_set():
        mine.advance()
    mine.close()


def _backfill(sales: Sales, part: int) -> None:
    mine = replace(sales)
    for day in days_of(mine, 60)[part::4]:
        again(mine, day)
    mine.close()


def test_a_slow_recompute_does_not_put_back_what_a_fold_has_made_newer(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    sales.sell(1, at=at)
    sales.advance()
    (day,) = days_in((Interval(at, at + timedelta(minutes=1)),), sales.spec.timezone)
    real = PostgresSource.aggregate
    read: list[int] = []

    def slow(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        batch = real(self, piece, as_of)
        if self is slow_source and not read:
            read.append(batch.rows)
            sales.sell(2, at=at)
            sales.advance()
        return batch

    slow_source = PostgresSource(sales.spec, sales.source_url)
    monkeypatch.setattr(PostgresSource, "aggregate", slow)

    recompute(sales.spec, slow_source, sales.parts.store, day)
    slow_source.close()

    assert read == [1]
    assert_state_equals_source(sales)


def test_a_slow_fold_does_not_put_back_what_a_recompute_has_made_newer(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    sales.sell(1, at=at)
    sales.advance()
    (day,) = days_in((Interval(at, at + timedelta(minutes=1)),), sales.spec.timezone)
    other = replace(sales)
    real = PostgresSource.aggregate
    read: list[int] = []

    def slow(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        batch = real(self, piece, as_of)
        if self is sales.parts.source and not read:
            read.append(batch.rows)
            sales.run("DELETE FROM transactions WHERE amount = 1")
            again(other, day)
        return batch

    monkeypatch.setattr(PostgresSource, "aggregate", slow)
    sales.sell(2, at=at)

    sales.advance()
    other.close()

    assert read == [2]
    assert_state_equals_source(sales)


def test_a_fold_gets_past_a_backfill_that_works_on_the_same_days(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.run(HISTORY)
    sales.advance(seconds=0)
    other = replace(sales)
    real = PostgresSource.aggregate
    days = count()

    def beset(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        batch = real(self, piece, as_of)
        past = days_in(piece.intervals, sales.spec.timezone)[:-2]
        if self is sales.parts.source and past:
            again(other, past[next(days) % len(past)])
        return batch

    monkeypatch.setattr(PostgresSource, "aggregate", beset)

    assert sales.advance().left_minutes == 0
    other.close()
    assert next(days) > 5
    assert_state_equals_source(sales)


def test_before_the_first_fold_there_is_no_history_to_compute_again(sales: Sales) -> None:
    with pytest.raises(StateError, match="nothing was folded yet"):
        again(sales, days_of(sales, 1)[0])
