"""Time goes on: midnight, weeks without a poll, and days that leave their minutes behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kpi_pipeline.source.postgres import horizon
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

NOW = datetime.now(UTC)


@contextmanager
def clock(monkeypatch: pytest.MonkeyPatch, shift: timedelta) -> Iterator[None]:
    """The source's clock shows another time; everything else is real."""
    real = horizon.ACTIVITY_SQL
    shifted = str(real).replace(
        "clock_timestamp() AS now",
        f"clock_timestamp() + interval '{int(shift.total_seconds())} s' AS now",
    )
    with monkeypatch.context() as patch:
        patch.setattr(horizon, "ACTIVITY_SQL", text(shifted))
        yield


def test_a_quiet_midnight_changes_no_lifetime(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.sell(500, at=NOW - timedelta(days=3))
    sales.sell(700, at=NOW)
    sales.advance()

    with clock(monkeypatch, timedelta(days=1)):
        found = sales.peek()
        assert "milestone" not in found.reason
        sales.advance()

    assert sales.value("total_revenue") == 1200
    assert sales.value("total_revenue", "today") == 0


@pytest.mark.parametrize("days", [1, 8, 34, 35, 36, 80], ids=lambda days: f"{days} days")
def test_after_days_without_a_poll_every_bucket_is_right(
    sales: Sales, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    for age in range(0, 120, 3):
        sales.sell(10, at=NOW - timedelta(days=age), user=age)
    sales.advance()
    sales.sell(1, at=NOW - timedelta(days=2))

    with clock(monkeypatch, timedelta(days=days)):
        sales.sell(3, at=NOW + timedelta(days=days) - timedelta(minutes=1))
        sales.sell(4, at=NOW + timedelta(days=days) - timedelta(days=days / 2))
        sales.advance()
        assert_state_equals_source(sales)

        sales.sell(5, at=NOW - timedelta(days=60))
        sales.sell(6, at=NOW - timedelta(hours=5))
        sales.advance()
        assert_state_equals_source(sales)
