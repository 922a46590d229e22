"""Every minute that a clock showed is one minute of UTC, also where clocks are moved."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.model.moment import EARLIEST, LATEST, MINUTE, Interval, floor_minute
from kpi_pipeline.source.sql.buckets import Buckets
from kpi_pipeline.source.sql.clock import WallClock

MOVES = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kathmandu", "2026-05-05"),
    ("Europe/Amsterdam", "1937-07-01"),
    ("UTC", "2026-05-05"),
]
"""Hours, half hours, midnights, a whole day, no move at all; seconds in the offset."""
BUSINESS = ("UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def minutes(first: datetime, days: int) -> Iterator[datetime]:
    for k in range(days * 24 * 60):
        yield first + k * MINUTE


@pytest.mark.parametrize(("zone", "day"), MOVES)
def test_every_shown_minute_lies_within_what_is_read_for_its_bucket(zone: str, day: str) -> None:
    clock = WallClock(ZoneInfo(zone))
    for shown in minutes(datetime.fromisoformat(day) - timedelta(days=1), 3):
        bucket = floor_minute(clock.moment(shown))
        low, high = clock.shown(Interval(bucket, bucket + MINUTE))

        assert low <= shown < high


@pytest.mark.parametrize(("zone", "day"), MOVES)
def test_a_moment_is_what_python_says_with_the_first_pass(zone: str, day: str) -> None:
    clock = WallClock(ZoneInfo(zone))
    for shown in minutes(datetime.fromisoformat(day) - timedelta(days=1), 3):
        expected = shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

        assert floor_minute(clock.moment(shown)) == floor_minute(expected)


@pytest.mark.parametrize(("zone", "day"), MOVES)
@pytest.mark.parametrize("business", BUSINESS)
def test_groups_of_days_are_never_of_two_days(zone: str, day: str, business: str) -> None:
    clock = WallClock(ZoneInfo(zone))
    first = datetime.fromisoformat(day).replace(tzinfo=UTC)
    wanted = (Interval(first - timedelta(days=1), first + timedelta(days=2)),)
    days = Buckets(clock, wanted, EARLIEST, ZoneInfo(business))
    single = Buckets(clock, wanted, EARLIEST, None)
    assert single.length == 16

    for shown in minutes(datetime.fromisoformat(day) - timedelta(days=2), 5):
        text = shown.isoformat(" ", "minutes")

        assert days.bucket(text[: days.length]) == days.bucket(text)


@pytest.mark.parametrize(
    ("zone", "business", "length"),
    [
        ("UTC", "UTC", 10),
        ("America/New_York", "America/New_York", 10),
        ("UTC", "America/New_York", 13),
        ("UTC", "Asia/Kathmandu", 16),
    ],
    ids=["same zone", "same zone, clocks moved", "whole hours apart", "quarters apart"],
)
def test_the_database_groups_as_coarsely_as_days_allow(
    zone: str, business: str, length: int
) -> None:
    year = Interval(datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))

    buckets = Buckets(WallClock(ZoneInfo(zone)), (year,), EARLIEST, ZoneInfo(business))

    assert buckets.length == length


@pytest.mark.parametrize(("zone", "day"), MOVES)
def test_days_and_minutes_together_hold_every_shown_minute_once(zone: str, day: str) -> None:
    clock = WallClock(ZoneInfo(zone))
    first = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=2)
    halves = [
        Buckets(clock, (Interval(first, first + timedelta(days=2)),), EARLIEST, None),
        Buckets(clock, (Interval(first + timedelta(days=2), LATEST),), EARLIEST, None),
    ]
    seen: Counter[int] = Counter()
    for shown in minutes(datetime.fromisoformat(day) - timedelta(days=1), 3):
        text = shown.isoformat(" ", "minutes")
        seen[sum(half.bucket(text) is not None for half in halves)] += 1

    assert set(seen) == {1}


def test_the_ends_of_the_calendar_are_read_without_leaving_it() -> None:
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        low, high = WallClock(ZoneInfo(zone)).shown(Interval(EARLIEST, LATEST))

        assert low.year == 1
        assert high.year == 9999
