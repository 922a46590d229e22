"""A backfill of one declaration beside folds of another throws nothing away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.pipeline.history import recompute
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.sales import DECLARATION, Sales

HISTORY = """
INSERT INTO transactions (created_at, amount, transaction_type)
SELECT now() - n * interval '7 hours', n % 90, 'FOOD' FROM generate_series(1, 200) AS n
"""
OTHER = DECLARATION.replace("amount >= 50", "amount >= 60")


def again(sales: Sales) -> None:
    now = datetime.now(UTC)
    whole = Interval(now - timedelta(days=60), now)
    recompute(sales.spec, sales.parts.source, sales.parts.store, whole)


def test_a_backfill_of_an_older_declaration_is_refused(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    newer = replace(sales, declaration=OTHER)
    newer.advance()
    expected = newer.value("big_orders")

    with pytest.raises(StateError, match="load the newest declaration"):
        again(sales)

    newer.advance()
    assert newer.value("big_orders") == expected
    assert newer.audit().drifted == 0
    newer.close()


def test_a_backfill_of_a_newer_declaration_waits_for_its_first_fold(sales: Sales) -> None:
    sales.run(HISTORY)
    sales.advance()
    expected = sales.value("big_orders")
    newer = replace(sales, declaration=OTHER)

    with pytest.raises(StateError, match="let the sensor fold it"):
        again(newer)

    newer.close()
    sales.sell(1)
    sales.advance()
    assert sales.value("big_orders") == expected


def test_a_declaration_that_is_folded_while_a_backfill_reads_stops_it(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.run(HISTORY)
    sales.advance()
    newer = replace(sales, declaration=OTHER)
    real = PostgresSource.aggregate

    def and_meanwhile(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        batch = real(self, piece, as_of)
        monkeypatch.setattr(PostgresSource, "aggregate", real)
        newer.advance(0)  # today alone; the step of history is of other days
        return batch

    monkeypatch.setattr(PostgresSource, "aggregate", and_meanwhile)
    now = datetime.now(UTC)
    older = Interval(now - timedelta(days=50), now - timedelta(days=20))

    with pytest.raises(StateError, match="declared otherwise"):
        recompute(sales.spec, sales.parts.source, sales.parts.store, older)

    newer.advance()
    assert newer.audit().drifted == 0
    newer.close()
