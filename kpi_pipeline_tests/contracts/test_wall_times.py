"""Columns without a time zone: hours that a clock shows twice, and hours that it skips."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.moment import MINUTE, Interval, total_minutes
from kpi_pipeline_tests.contracts.conftest import OPEN, Opened
from kpi_pipeline_tests.contracts.shops import OtherSales
from kpi_pipeline_tests.truth import assert_state_equals_source

ZONE = "America/New_York"
TWICE, NEVER = datetime(2026, 11, 1), datetime(2026, 3, 8)  # noqa: DTZ001 - wall times


@pytest.fixture(params=OPEN)
def moved(request: pytest.FixtureRequest, opened: Opened) -> OtherSales:
    """An empty shop whose clock shows New York's time."""
    return opened(request.param, ZONE)


def sell_at(shop: OtherSales, shown: datetime, amount: int = 1) -> None:
    shop.sell_at(shown.isoformat(" "), amount, kind="FOOD", user=amount)


def at_source_time(shop: OtherSales, moment: str) -> None:
    """The source's clock shows another time; everything else is real."""
    shop.parts.source.dialect.now = f"SELECT '{moment}'"  # type: ignore[attr-defined]


@pytest.mark.parametrize("day", [TWICE, NEVER], ids=["shown twice", "never shown"])
def test_every_row_of_a_day_on_which_clocks_are_moved_is_in_one_bucket(
    moved: OtherSales, day: datetime
) -> None:
    for minute in range(-120, 27 * 60, 10):
        sell_at(moved, day + minute * MINUTE, amount=minute % 7)

    moved.advance()

    assert moved.value("transaction_count") == 174
    assert_state_equals_source(moved)


@pytest.mark.parametrize("day", [TWICE, NEVER], ids=["shown twice", "never shown"])
def test_however_the_hours_are_sliced_each_row_is_read_once(
    moved: OtherSales, day: datetime
) -> None:
    for minute in range(0, 300, 5):
        sell_at(moved, day + minute * MINUTE)
    first = day.replace(tzinfo=UTC)
    source, now = moved.parts.source, datetime.now(UTC)
    for step in (7, 60, 90, 840):
        starts = [first + k * step * MINUTE for k in range(840 // step)]
        pieces = [Interval(start, start + step * MINUTE) for start in starts]
        alone = [source.aggregate(Slice(minutes=(piece,)), now) for piece in pieces]
        together = source.aggregate(Slice(minutes=tuple(pieces[::2])), now)

        assert sum(batch.rows for batch in alone) == 60
        assert together.rows == sum(batch.rows for batch in alone[::2])


def test_a_row_of_the_second_pass_is_found_and_counts_in_the_first(moved: OtherSales) -> None:
    at_source_time(moved, "2026-11-01 05:58:00")
    first = moved.parts.source.detect(None)
    sell_at(moved, datetime(2026, 11, 1, 1, 3))  # noqa: DTZ001 - written at 06:03 UTC
    at_source_time(moved, "2026-11-01 06:04:00")
    second = moved.parts.source.detect(first.position)
    sell_at(moved, datetime(2026, 11, 1, 1, 50))  # noqa: DTZ001 - written at 06:50 UTC
    at_source_time(moved, "2026-11-01 06:51:00")
    third = moved.parts.source.detect(second.position)
    batch = moved.parts.source.aggregate(Slice(minutes=second.changed + third.changed), third.as_of)

    starts = [item.start for item in second.changed + third.changed]
    assert starts == [
        datetime(2026, 11, 1, 5, 3, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 50, tzinfo=UTC),
    ]
    assert batch.rows == 2


def test_rows_of_the_skipped_hour_and_of_the_next_one_share_minutes(moved: OtherSales) -> None:
    at_source_time(moved, "2026-03-08 07:20:00")
    before = moved.parts.source.detect(None)
    sell_at(moved, datetime(2026, 3, 8, 2, 15), 1)  # noqa: DTZ001
    sell_at(moved, datetime(2026, 3, 8, 3, 15), 2)  # noqa: DTZ001
    found = moved.parts.source.detect(before.position)

    batch = moved.parts.source.aggregate(Slice(minutes=found.changed), found.as_of)

    assert total_minutes(found.changed) == 1
    (buyers,) = (a for a in batch.minutes if a.metric == "unique_users")
    assert buyers.members == ("1", "2")
    assert moved.parts.source.detect(found.position).changed == ()


def test_a_column_without_a_zone_needs_a_declared_one(other: OtherSales) -> None:
    other.sell(1)
    text = other.declaration.replace(", timezone: UTC", "")
    vague = replace(other, declaration=text)

    with pytest.raises(SourceError, match=r"declare the one .* as source\.timezone, such as UTC"):
        vague.advance()
    vague.close()


def test_the_extent_holds_both_ends(moved: OtherSales) -> None:
    sell_at(moved, TWICE + timedelta(minutes=90))
    sell_at(moved, NEVER + timedelta(minutes=150))

    extent = moved.parts.source.extent()

    assert extent is not None
    assert extent.start <= datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert extent.end > datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
