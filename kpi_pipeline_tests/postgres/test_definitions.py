"""A metric that is added or changed refills alone; the others stay as they are, and live."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.pipeline.advance import Progress, advance
from kpi_pipeline.pipeline.history import recompute
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.postgres.declarations import (
    ELSE,
    LARGEST,
    WITHOUT,
    YEAR,
    Redeclared,
    assert_declared_equals_source,
    building,
    others,
    snapshot,
    writes,
)
from kpi_pipeline_tests.sales import DECLARATION, Sales

LONG = timedelta(minutes=10)


@pytest.fixture
def shop(sales: Sales) -> Iterator[Redeclared]:
    """A year of history, folded without the largest order."""
    sales.run(YEAR)
    shop = Redeclared(sales)
    shop.declare(WITHOUT).advance()
    yield shop
    shop.close()


def test_an_added_metric_is_filled_newest_first_and_no_other_is_touched(shop: Redeclared) -> None:
    before = {(r.metric, r.window, r.dims): r.value for r in snapshot(shop.now).readings}
    written = writes(shop.now, "largest")
    sales = shop.declare(DECLARATION)
    seen: list[int] = []
    ticks = count()  # a clock of steps, not of seconds: each run makes a few, however slow they are

    while sales.advance(4, clock=lambda: next(ticks) * 0.3).left_minutes:
        seen.append(snapshot(sales).filled["largest"])
        assert snapshot(sales).filled.keys() == {"largest"}
        assert not any(r.building for r in others(sales, "largest"))
        assert {(r.metric, r.window, r.dims): r.value for r in others(sales, "largest")} == before
        assert building(sales, "largest") == {"lifetime": True, "today": False, "last_60m": False}

    assert seen == sorted(seen)
    assert len(seen) > 3
    assert 0 <= seen[0] < 20
    assert building(sales, "largest")["lifetime"] is False
    assert snapshot(sales).filled == {}
    assert sales.value("largest") == sales.one("SELECT max(amount) FROM transactions")
    assert writes(sales, "largest") == written
    assert_declared_equals_source(sales)


def test_a_refill_asks_the_source_about_the_changed_metric_alone(
    shop: Redeclared, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[frozenset[str] | None, set[str]]] = []
    real = PostgresSource.aggregate

    def and_note(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        batch = real(self, piece, as_of)
        asked.append((piece.metrics, {item.metric for item in (*batch.minutes, *batch.days)}))
        return batch

    monkeypatch.setattr(PostgresSource, "aggregate", and_note)
    shop.declare(DECLARATION).advance()

    assert {metrics for metrics, _ in asked} == {frozenset({"largest"})}
    assert set.union(*(found for _, found in asked)) == {"largest"}


def test_the_comparison_of_other_metrics_stands_while_one_is_filled(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION)
    sales.advance(0)

    baselines = {r.metric: r.baseline for r in snapshot(sales).readings if r.window == "today"}

    assert baselines["transaction_count"] is not None
    assert baselines["largest"] is None


def test_rows_that_come_at_every_step_are_live_and_hold_no_refill_up(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION)
    parts = sales.parts
    known = sales.one("SELECT count(*) FROM transactions")
    assert isinstance(known, int)
    late: list[int] = []
    sales.sell(1)

    def and_sell(step: Progress) -> None:
        if step.filled:  # a source that is written to all the time
            missing = sales.one("SELECT count(*) FROM transactions")
            late.append(int(str(missing)) - int(str(sales.value("transaction_count"))))
            sales.sell(2000 + len(late), kind="NEW")

    advance(
        parts.spec, parts.source, parts.store, budget=LONG, clock=time.monotonic, progress=and_sell
    )

    assert len(late) > 5
    assert max(late) == 1  # the row sold after the look before; none waits longer
    assert sales.value("transaction_count") == known + 1 + len(late)
    assert sales.value("largest") == 2000 + len(late)
    assert_declared_equals_source(sales)


def test_a_killed_refill_goes_on_where_it_stopped(
    shop: Redeclared, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = shop.declare(DECLARATION)
    real = PostgresSource.aggregate
    read: list[int] = []

    def or_die(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        if len(read) == 4:
            raise KeyboardInterrupt
        batch = real(self, piece, as_of)
        read.append(batch.rows)
        return batch

    monkeypatch.setattr(PostgresSource, "aggregate", or_die)
    with pytest.raises(KeyboardInterrupt):
        sales.advance()
    monkeypatch.setattr(PostgresSource, "aggregate", real)
    halfway = snapshot(sales).filled["largest"]
    outcome = sales.advance()

    assert halfway > 0
    assert sum(read) + outcome.rows == 1300
    assert_declared_equals_source(sales)


def test_two_metrics_that_change_one_after_the_other_both_converge(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION)
    for _ in range(3):
        sales.advance(0)
    sales = shop.replace("amount >= 50", "amount * 1 >= 50")
    sales.advance(0)
    filled = dict(snapshot(sales).filled)
    rows = sales.advance().rows

    assert filled.keys() == {"largest", "big_orders"}
    assert rows < 1400  # from where both wait on, each row is read for both at once
    assert_declared_equals_source(sales)


def test_a_metric_that_is_changed_back_is_filled_again_because_its_rows_are_stale(
    shop: Redeclared,
) -> None:
    sales = shop.declare(DECLARATION)
    sales.advance()
    sales = shop.replace(LARGEST, ELSE)
    for _ in range(4):
        sales.advance(0)
    old = datetime.now(UTC) - timedelta(days=200)
    sales.sell(7000, at=old)
    sales.run("DELETE FROM transactions WHERE created_at < now() - interval '300 days'")
    sales.rewind()
    sales.advance()
    sales = shop.replace(ELSE, LARGEST)
    sales.advance(0)

    assert building(sales, "largest")["lifetime"]
    sales.advance()
    assert sales.value("largest") == 7000
    assert_declared_equals_source(sales)


def test_a_removed_metric_that_comes_back_is_filled_again(shop: Redeclared) -> None:
    shop.declare(DECLARATION).advance()
    sales = shop.declare(WITHOUT)
    sales.sell(7000, at=datetime.now(UTC) - timedelta(days=100))
    sales.run("UPDATE transactions SET amount = 1 WHERE amount = 89")
    sales.rewind()
    sales.advance()
    sales = shop.declare(DECLARATION)
    sales.advance(0)

    assert building(sales, "largest")["lifetime"]
    sales.advance()
    assert sales.value("largest") == 7000
    assert_declared_equals_source(sales)


def test_a_metric_that_is_removed_while_it_is_filled_leaves_nothing_to_do(
    shop: Redeclared,
) -> None:
    shop.declare(DECLARATION).advance(0)
    sales = shop.declare(WITHOUT)
    sales.sell(1)
    outcome = sales.advance(0)

    assert outcome.left_minutes == 0
    assert "to fold" not in sales.peek().reason


def test_what_changed_while_a_metric_is_filled_is_folded_once_for_all(shop: Redeclared) -> None:
    sales = shop.declare(DECLARATION)
    sales.advance(0)
    sales.rewind()
    outcome = sales.advance()

    assert outcome.rows == 1300
    assert_declared_equals_source(sales)


def test_another_time_zone_fills_every_metric_again(shop: Redeclared) -> None:
    sales = shop.replace("America/New_York", "Asia/Kolkata")
    sales.advance(0)
    assert all(r.building for r in snapshot(sales).readings if r.window == "lifetime")

    sales.advance()

    assert not any(r.building for r in snapshot(sales).readings)
    assert_declared_equals_source(sales)


def test_a_longer_window_is_building_until_its_minutes_are_there_and_no_other_is(
    shop: Redeclared,
) -> None:
    sales = shop.replace("    lifetime: {}\n", "    lifetime: {}\n    days_60: {window: 60 days}\n")
    before = shop.before[-1].value("transaction_count")
    sales.sell(1)  # a row of today, which all windows hold
    sales.advance(0)
    seen = {r.window for r in snapshot(sales).readings if r.building}

    assert seen == {"days_60"}
    assert before is not None
    assert sales.value("transaction_count") == before + 1
    sales.advance()
    assert not any(r.building for r in snapshot(sales).readings)
    assert_declared_equals_source(sales)


def test_a_backfill_of_the_new_declaration_beside_its_refill_is_right(
    shop: Redeclared, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = shop.declare(DECLARATION)
    sales.advance(0)
    other = shop.declare(DECLARATION)
    real = PostgresSource.aggregate
    now = datetime.now(UTC)
    spans = [Interval(now - timedelta(days=d + 20), now - timedelta(days=d)) for d in (1, 50, 200)]

    def and_meanwhile(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        batch = real(self, piece, as_of)
        if self is sales.parts.source and spans:
            recompute(other.spec, other.parts.source, other.parts.store, spans.pop())
        return batch

    monkeypatch.setattr(PostgresSource, "aggregate", and_meanwhile)
    sales.advance()

    assert spans == []
    assert_declared_equals_source(sales)
