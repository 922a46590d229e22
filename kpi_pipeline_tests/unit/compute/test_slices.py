from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.slices import MOST_INTERVALS, newest_slice
from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.declaration.pipeline import FIRST_START
from kpi_pipeline.model.moment import MINUTE, Interval, minute_interval, parse_moment, subtract
from kpi_pipeline_tests.unit.builders import AS_OF, sales

KEPT = retention(replace(sales(), keep_minutes=timedelta(days=35)), AS_OF)


def span(start: str, end: str) -> Interval:
    return Interval(parse_moment(start), parse_moment(end))


@pytest.mark.parametrize(
    ("backlog", "days", "expected"),
    [
        pytest.param((), 1, Slice(), id="nothing to do"),
        pytest.param(
            (span("2026-11-24T11:00Z", "2026-11-24T12:01Z"),),
            1,
            Slice(minutes=(span("2026-11-24T11:00Z", "2026-11-24T12:01Z"),)),
            id="all of it, if it is recent and short",
        ),
        pytest.param(
            (span("2020-01-01T05:00Z", "2026-11-24T12:01Z"),),
            1,
            Slice(minutes=(span("2026-11-23T05:00Z", "2026-11-24T12:01Z"),)),
            id="today and the day before come first",
        ),
        pytest.param(
            (span("2020-01-01T05:00Z", "2026-11-24T05:00Z"),),
            2,
            Slice(minutes=(span("2026-11-22T05:00Z", "2026-11-24T05:00Z"),)),
            id="then the days before it",
        ),
        pytest.param(
            (span("2020-01-01T05:00Z", "2026-10-20T04:00Z"),),
            30,
            Slice(days=(span("2026-09-20T04:00Z", "2026-10-20T04:00Z"),)),
            id="older history as whole days",
        ),
        pytest.param(
            (span("2026-10-18T12:00Z", "2026-10-21T12:00Z"),),
            30,
            Slice(
                minutes=(span("2026-10-20T04:00Z", "2026-10-21T12:00Z"),),
                days=(span("2026-10-18T04:00Z", "2026-10-20T04:00Z"),),
            ),
            id="across the border both, the days widened to whole ones",
        ),
        pytest.param(
            (
                span("2026-11-20T12:00Z", "2026-11-20T12:01Z"),
                span("2026-11-24T12:00Z", "2026-11-24T12:01Z"),
            ),
            1,
            Slice(
                minutes=(
                    span("2026-11-20T12:00Z", "2026-11-20T12:01Z"),
                    span("2026-11-24T12:00Z", "2026-11-24T12:01Z"),
                )
            ),
            id="a minute that is always dirty hides no history",
        ),
        pytest.param(
            (
                span("2020-01-01T05:00Z", "2026-11-24T12:01Z"),
                span("2990-01-01T05:00Z", "2990-01-01T05:01Z"),
            ),
            1,
            Slice(minutes=(span("2026-11-23T05:00Z", "2026-11-24T12:01Z"),)),
            id="what lies after today waits",
        ),
        pytest.param(
            (
                span("2026-11-24T12:00Z", "2026-11-24T12:01Z"),
                span("2990-01-01T05:00Z", "2990-01-01T05:01Z"),
            ),
            1,
            Slice(
                minutes=(
                    span("2026-11-24T12:00Z", "2026-11-24T12:01Z"),
                    span("2990-01-01T05:00Z", "2990-01-01T05:01Z"),
                )
            ),
            id="and comes with the last of the rest",
        ),
        pytest.param(
            (
                span("2020-05-01T12:00Z", "2020-05-01T12:01Z"),
                span("2020-05-01T15:00Z", "2020-05-01T15:01Z"),
            ),
            1,
            Slice(days=(span("2020-05-01T04:00Z", "2020-05-02T04:00Z"),)),
            id="two old minutes of one day are that day once",
        ),
    ],
)
def test_the_newest_part_comes_first(
    backlog: tuple[Interval, ...], days: int, expected: Slice
) -> None:
    assert newest_slice(backlog, KEPT, days) == expected


def test_scattered_intervals_are_taken_a_few_at_a_time() -> None:
    scattered = tuple(minute_interval(AS_OF + 2 * k * MINUTE) for k in range(MOST_INTERVALS + 9))

    assert newest_slice(scattered, KEPT, 1).minutes == scattered[9:]


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("days", [1, 10, 1_000_000])
def test_a_backlog_since_the_first_start_is_taken_to_its_end(zone: str, days: int) -> None:
    kept = retention(replace(sales(), timezone=ZoneInfo(zone)), parse_moment("0001-03-20"))
    left: tuple[Interval, ...] = (Interval(FIRST_START, parse_moment("0001-03-20")),)

    for _ in range(100):
        if left:
            left = subtract(left, newest_slice(left, kept, days).intervals)

    assert left == ()
