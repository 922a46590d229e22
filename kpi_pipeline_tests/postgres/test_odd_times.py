"""Event times at the edges: the first and the last year, midnights of clock changes, the future."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.calendar import start_of
from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.sales import DECLARATION, Sales

DAYS = """
SELECT bucket, rows FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
WHERE grain = 'd' AND metric = 'transaction_count' ORDER BY bucket
"""
FRESH = "  freshness: {warn_after: 10m}\n"
Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let the source's clock go on: looks from now on happen so much later."""
    real = PostgresSource.detect

    def shift(by: timedelta) -> None:
        def detect(self: PostgresSource, position: str | None, *, sweep: bool = False) -> Detection:
            found = real(self, position, sweep=sweep)
            return replace(found, as_of=found.as_of + by)

        monkeypatch.setattr(PostgresSource, "detect", detect)

    return shift


@pytest.fixture
def watched(sales: Sales) -> Iterator[Sales]:
    """The shop with a freshness rule of ten minutes."""
    shop = replace(sales, declaration=DECLARATION + FRESH)
    yield shop
    shop.close()


def watermark(sales: Sales) -> datetime | None:
    return sales.parts.store.load().watermark


def test_a_row_of_the_future_raises_the_watermark_when_its_time_has_come(
    sales: Sales, later: Later
) -> None:
    now = datetime.now(UTC)
    sales.sell(1, at=now)
    sales.sell(2, at=now + timedelta(minutes=2))
    sales.sell(4, at=now + timedelta(minutes=30))
    sales.advance()
    assert watermark(sales) == now

    later(timedelta(minutes=5))
    sales.advance()

    assert watermark(sales) == floor_minute(now + timedelta(minutes=2))
    assert sales.value("total_revenue") == 3


def test_a_minute_that_is_not_over_raises_no_watermark(sales: Sales, later: Later) -> None:
    """Its row may still lie ahead: the watermark never claims more than there is."""
    soon = floor_minute(datetime.now(UTC)) + timedelta(minutes=3, seconds=59)
    sales.sell(1, at=soon)
    sales.advance()

    later(soon - datetime.now(UTC) - timedelta(seconds=30))
    sales.advance()
    assert watermark(sales) is None
    later(soon - datetime.now(UTC) + timedelta(seconds=30))
    sales.advance()

    assert watermark(sales) == floor_minute(soon)


def test_rows_whose_time_has_come_are_fresh_to_a_look_and_to_a_fold(
    watched: Sales, later: Later
) -> None:
    now = datetime.now(UTC)
    watched.sell(1, at=now - timedelta(minutes=5))
    watched.sell(1, at=now + timedelta(minutes=20))
    watched.advance()

    later(timedelta(minutes=22))
    assert not watched.peek().due
    watched.advance()
    assert phase(watched) == "ok"

    later(timedelta(minutes=32))
    assert "freshness" in watched.peek().reason
    watched.advance()
    assert phase(watched) == "firing"


def phase(sales: Sales) -> str:
    published = sales.parts.store.latest()
    assert published is not None
    (verdict,) = [item for item in published.verdicts if item.rule == "freshness"]
    return verdict.phase.value


def test_a_watermark_that_rose_by_itself_is_no_rewind_for_the_sensor(
    sales: Sales, later: Later
) -> None:
    now = datetime.now(UTC)
    sales.sell(1, at=now + timedelta(minutes=2))
    sales.advance()
    later(timedelta(minutes=5))
    sales.advance()

    state = sales.parts.store.load()

    assert sales.peek().watermark == state.watermark
    assert state.watermark in {item.watermark for item in state.recent}


def test_the_first_and_the_last_year_are_folded_where_the_start_allows(sales: Sales) -> None:
    declared = DECLARATION.replace("  metrics:", "  start: 0001-01-03\n  metrics:", 1)
    ancient = replace(sales, declaration=declared)
    for at in ("0001-01-02 23:59:59+00", "0001-01-03 00:00+00", "0001-06-01 12:00+00"):
        ancient.run("INSERT INTO transactions (created_at, amount) VALUES (:at, 1)", at=at)
    for at in ("9999-12-29 23:59:59+00", "9999-12-30 00:00+00", "infinity", "0044-03-15 BC"):
        ancient.run("INSERT INTO transactions (created_at, amount) VALUES (:at, 10)", at=at)
    ancient.sell(100)

    outcome = ancient.advance(600)

    assert outcome.published is not None
    assert outcome.report is not None
    assert ancient.value("total_revenue") == 102
    assert outcome.published.snapshot.future_rows == 1
    assert outcome.report.undated == 2
    assert outcome.left_minutes == 0
    assert not ancient.peek().due
    ancient.close()


@pytest.mark.parametrize("trailing", ["1 day", "1000 days"], ids=["from days", "from minutes"])
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        pytest.param("America/New_York", "2025-03-09", 23, id="spring"),
        pytest.param("America/New_York", "2025-11-02", 25, id="autumn"),
        pytest.param("America/Havana", "2025-03-09", 23, id="a day without a midnight"),
        pytest.param("America/Havana", "2025-11-02", 25, id="midnight, and an hour later again"),
    ],
)
def test_rows_at_the_midnights_of_a_clock_change_are_each_in_one_day(
    sales: Sales, zone: str, day: str, hours: int, trailing: str
) -> None:
    """Whether the day is read whole from the source, or rolled up from its minutes."""
    declared = DECLARATION.replace("{window: 60 minutes", f"{{window: {trailing}")
    shop = replace(sales, declaration=declared.replace("America/New_York", zone))
    first = datetime.fromisoformat(day).date()
    starts = [start_of(first + timedelta(days=k), ZoneInfo(zone)) for k in (-1, 0, 1, 2)]
    tick = timedelta(microseconds=1)
    for start in starts:
        for at in (start - tick, start, start + tick, start + timedelta(hours=2)):
            shop.sell(1, at=at)

    shop.advance()
    shop.rewind()
    shop.advance()

    found = shop.state_rows(DAYS)
    shop.close()
    assert starts[2] - starts[1] == timedelta(hours=hours)
    assert found == [
        (start_of(first - timedelta(days=2), ZoneInfo(zone)), 1),
        *((start, 4) for start in starts[:3]),
        (starts[3], 3),
    ]
