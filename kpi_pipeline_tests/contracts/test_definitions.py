"""A metric that is added or changed refills alone, whichever database the rows are in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute
from kpi_pipeline_tests.postgres.declarations import (
    ELSE,
    LARGEST,
    assert_declared_equals_source,
    others,
    snapshot,
)
from kpi_pipeline_tests.sales import Sales

NOW = datetime.now(UTC)


def some_history(shop: Sales) -> None:
    for n in range(60):
        kind = ("FOOD", "FUEL", None)[n % 3]
        at = NOW - timedelta(days=n * n // 90, minutes=n)
        shop.sell(n % 9, at=at, kind=kind, user=n % 5)


def test_a_slice_of_some_metrics_reads_no_others(shop: Sales) -> None:
    shop.sell(7, at=NOW - timedelta(minutes=2))
    minute = floor_minute(NOW - timedelta(minutes=2))
    piece = Slice(
        minutes=(Interval(minute, minute + MINUTE),), metrics=frozenset({"revenue_by_type"})
    )

    batch = shop.parts.source.aggregate(piece, datetime.now(UTC))

    assert {item.metric for item in batch.minutes} == {"revenue_by_type"}
    assert batch.rows == 1
    assert batch.newest is not None


def test_a_changed_metric_is_filled_beside_the_others(shop: Sales) -> None:
    some_history(shop)
    shop.advance()
    newer = replace(shop, declaration=shop.declaration.replace(LARGEST, ELSE))
    newer.sell(50)
    left = newer.advance(0).left_minutes

    assert left > 0
    assert not any(reading.building for reading in others(newer, "largest"))
    assert newer.value("transaction_count") == 61
    while newer.advance(0).left_minutes:
        assert newer.value("transaction_count") == 61
    assert newer.value("largest") == 50
    assert snapshot(newer).filled == {}
    assert_declared_equals_source(newer)
    newer.close()
