"""The wall times of a window are those, and only those, that the clock reads as in it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.source.sql.clock import WallClock
from kpi_pipeline.source.sql.spelling import MariaDbSpelling, SqliteSpelling
from kpi_pipeline.source.sql.walls import moved, walls

NEW_YORK = WallClock(ZoneInfo("America/New_York"))
TWICE = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 10, 3, tzinfo=UTC)),
    ],
    ids=["twice", "never", "half an hour twice", "half an hour never", "no change"],
)
def test_each_minute_that_the_clock_can_show_is_in_the_walls_if_it_is_in_the_window(
    zone: str, day: datetime
) -> None:
    clock = WallClock(ZoneInfo(zone))
    shown = [day.replace(tzinfo=None) + k * 10 * MINUTE for k in range(-200, 500)]
    for first in range(0, 24 * 60, 50):
        for length in (10, 60, 90, 1440):
            start = day + first * MINUTE
            end = start + length * MINUTE
            expected = {at for at in shown if start <= clock.moment(at) < end}
            found = walls(clock, start, end)

            assert {at for at in shown if any(low <= at < high for low, high in found)} == expected


def test_a_window_of_the_second_pass_alone_holds_no_row() -> None:
    span = Bounds(TWICE + timedelta(hours=1), TWICE + timedelta(minutes=70))

    for spelling in (SqliteSpelling(NEW_YORK), MariaDbSpelling(NEW_YORK)):
        assert spelling.within("at", span) == ["1 = 0"]


def test_two_stretches_are_one_condition() -> None:
    skipped = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    span = Bounds(skipped, skipped + 20 * MINUTE)

    assert MariaDbSpelling(NEW_YORK).within("`at`", span) == [
        (
            "(`at` >= '2026-03-08 02:30:00' AND `at` < '2026-03-08 02:50:00'\n"
            "    OR `at` >= '2026-03-08 03:30:00' AND `at` < '2026-03-08 03:50:00')"
        )
    ]


def test_clocks_that_are_moved_near_a_bound_are_told_of() -> None:
    assert moved(NEW_YORK, TWICE, TWICE + timedelta(days=40))
    assert not moved(NEW_YORK, TWICE - timedelta(days=9), TWICE + timedelta(days=40))


@pytest.mark.parametrize(
    ("value", "lite", "maria"),
    [
        ("FOOD", "'FOOD'", "'FOOD'"),
        ("O'Neil", "'O''Neil'", "'O''Neil'"),
        ("a\\'b", "'a\\''b'", "X'615C2762'"),
        ("a\nb\x1b", "'a' || char(10) || 'b' || char(27)", "X'610A621B'"),
        ("\u202e", "char(8238)", "X'E280AE'"),
        ("é", "'é'", "X'C3A9'"),
        ("", "''", "''"),
    ],
    ids=["plain", "quote", "backslash", "line", "right to left", "accent", "empty"],
)
def test_a_literal_can_neither_be_left_nor_move_the_terminal(
    value: str, lite: str, maria: str
) -> None:
    assert SqliteSpelling(NEW_YORK).literal(value) == lite
    assert MariaDbSpelling(NEW_YORK).literal(value) == maria
