from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.windows import Bounds, baseline_bounds, bounds, minute_days
from kpi_pipeline.model.moment import parse_moment
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import ToDate, Window
from kpi_pipeline_tests.unit.builders import sales, shop

LIFETIME = Window(name="lifetime")
TODAY = Window(name="today", grain_to_date=ToDate.DAY, offset=Span(days=7))
THIS_HOUR = Window(name="this_hour", grain_to_date=ToDate.HOUR)
LAST_HOUR = Window(name="last_hour", trailing=Span(minutes=60), offset=Span(days=7))


def between(start: str | None, end: str) -> Bounds:
    return Bounds(None if start is None else parse_moment(start), parse_moment(end))


@pytest.mark.parametrize(
    ("window", "as_of", "expected"),
    [
        pytest.param(
            LIFETIME, "2026-11-24T12:00:30Z", between(None, "2026-11-24T12:01Z"), id="from ever"
        ),
        pytest.param(
            LAST_HOUR,
            "2026-11-24T12:00:30Z",
            between("2026-11-24T11:01Z", "2026-11-24T12:01Z"),
            id="60 whole minutes, the last one holds as-of",
        ),
        pytest.param(
            TODAY,
            "2026-11-24T05:00:00Z",
            between("2026-11-24T05:00Z", "2026-11-24T05:01Z"),
            id="at midnight today is one minute long",
        ),
        pytest.param(
            TODAY,
            "2026-11-24T04:59:59Z",
            between("2026-11-23T05:00Z", "2026-11-24T05:00Z"),
            id="a second earlier it is a whole day",
        ),
        pytest.param(
            TODAY,
            "2026-03-08T12:00Z",
            between("2026-03-08T05:00Z", "2026-03-08T12:01Z"),
            id="08:00 in the morning of a spring day is 7 hours after midnight",
        ),
        pytest.param(
            TODAY,
            "2026-11-01T13:00Z",
            between("2026-11-01T04:00Z", "2026-11-01T13:01Z"),
            id="08:00 in the morning of a fall day is 9 hours after midnight",
        ),
        pytest.param(
            LAST_HOUR,
            "2026-11-01T06:30Z",
            between("2026-11-01T05:31Z", "2026-11-01T06:31Z"),
            id="an hour is 60 minutes also while the clock is set back",
        ),
    ],
)
def test_a_window_ends_with_the_minute_that_holds_as_of(
    window: Window, as_of: str, expected: Bounds
) -> None:
    found = bounds(window, parse_moment(as_of), ZoneInfo("America/New_York"))

    assert found == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        pytest.param(ToDate.HOUR, "2026-11-24T12:00Z", id="hour"),
        pytest.param(ToDate.DAY, "2026-11-24T05:00Z", id="day"),
        pytest.param(ToDate.WEEK, "2026-11-23T05:00Z", id="weeks begin on Monday"),
        pytest.param(ToDate.MONTH, "2026-11-01T04:00Z", id="month, begun in summer time"),
        pytest.param(ToDate.QUARTER, "2026-10-01T04:00Z", id="quarter"),
        pytest.param(ToDate.YEAR, "2026-01-01T05:00Z", id="year"),
    ],
)
def test_a_period_to_date_begins_on_the_local_calendar(period: ToDate, expected: str) -> None:
    window = Window(name="x", grain_to_date=period)

    found = bounds(window, parse_moment("2026-11-24T12:34:56Z"), ZoneInfo("America/New_York"))

    assert found == between(expected, "2026-11-24T12:35Z")


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param("2026-01-15T12:00Z", "2026-01-01T00:00Z", id="the first"),
        pytest.param("2026-06-30T23:59Z", "2026-04-01T00:00Z", id="the second, its last minute"),
        pytest.param("2026-07-01T00:00Z", "2026-07-01T00:00Z", id="the third, its first minute"),
        pytest.param("2026-12-31T12:00Z", "2026-10-01T00:00Z", id="the fourth"),
    ],
)
def test_a_quarter_has_three_months(as_of: str, expected: str) -> None:
    window = Window(name="x", grain_to_date=ToDate.QUARTER)

    assert bounds(window, parse_moment(as_of), ZoneInfo("UTC")).start == parse_moment(expected)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("Asia/Kathmandu", "2026-11-24T12:15Z", id="5 hours 45 ahead"),
        pytest.param("Asia/Kolkata", "2026-11-24T12:30Z", id="5 hours 30 ahead"),
        pytest.param("UTC", "2026-11-24T12:00Z", id="no offset"),
    ],
)
def test_an_hour_to_date_begins_when_the_local_clock_strikes(zone: str, expected: str) -> None:
    found = bounds(THIS_HOUR, parse_moment("2026-11-24T12:34Z"), ZoneInfo(zone))

    assert found == between(expected, "2026-11-24T12:35Z")


@pytest.mark.parametrize(
    ("zone", "as_of", "start"),
    [
        pytest.param("Pacific/Apia", "2011-12-31T09:00Z", "2011-12-30T10:00Z", id="a skipped day"),
        pytest.param(
            "America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", id="no midnight"
        ),
        pytest.param("Africa/Cairo", "2023-04-28T12:00Z", "2023-04-27T22:00Z", id="none in Cairo"),
        pytest.param("Asia/Kathmandu", "2026-11-24T12:00Z", "2026-11-23T18:15Z", id="odd minutes"),
    ],
)
def test_today_begins_with_the_first_moment_of_the_local_day(
    zone: str, as_of: str, start: str
) -> None:
    found = bounds(TODAY, parse_moment(as_of), ZoneInfo(zone))

    assert found.start == parse_moment(start)


@pytest.mark.parametrize(
    ("window", "zone", "as_of", "expected"),
    [
        pytest.param(
            TODAY,
            "America/New_York",
            "2026-03-10T12:00Z",
            between("2026-03-03T05:00Z", "2026-03-03T13:01Z"),
            id="08:00 summer time against 08:00 standard time",
        ),
        pytest.param(
            TODAY,
            "America/New_York",
            "2026-11-03T13:00Z",
            between("2026-10-27T04:00Z", "2026-10-27T12:01Z"),
            id="08:00 standard time against 08:00 summer time",
        ),
        pytest.param(
            LAST_HOUR,
            "America/New_York",
            "2026-03-15T06:30Z",
            between("2026-03-08T06:31Z", "2026-03-08T07:31Z"),
            id="02:30 of a day that had no 02:30: an hour later",
        ),
        pytest.param(
            LAST_HOUR,
            "America/New_York",
            "2026-11-08T06:30Z",
            between("2026-11-01T04:31Z", "2026-11-01T05:31Z"),
            id="01:30 of a day that had two: the first",
        ),
        pytest.param(
            TODAY,
            "Pacific/Apia",
            "2012-01-05T20:00Z",
            between("2011-12-30T10:00Z", "2011-12-30T20:01Z"),
            id="10:00 of a day that never was: 10:00 of the next",
        ),
        pytest.param(
            TODAY,
            "Australia/Lord_Howe",
            "2026-10-06T00:00Z",
            between("2026-09-28T13:30Z", "2026-09-29T00:31Z"),
            id="half an hour of summer time",
        ),
    ],
)
def test_a_baseline_ends_at_the_same_local_clock_time_days_before(
    window: Window, zone: str, as_of: str, expected: Bounds
) -> None:
    assert baseline_bounds(window, parse_moment(as_of), ZoneInfo(zone)) == expected


def test_a_window_that_is_not_compared_has_no_baseline() -> None:
    assert baseline_bounds(LIFETIME, parse_moment("2026-11-24"), ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param("{window: 60m}", 9, id="today a week ago, and its ragged ends"),
        pytest.param("{window: 34 days}", 36, id="a long window and its ragged ends"),
        pytest.param("{window: 49h, compare: {offset_window: 40 days}}", 45, id="and its baseline"),
        pytest.param(
            "{grain_to_date: month, compare: {offset_window: 365 days}}", 367, id="a year"
        ),
    ],
)
def test_minutes_are_kept_as_long_as_a_window_needs_them(new: str, expected: int) -> None:
    assert minute_days(shop("{window: 60m}", new)) == expected


def test_the_demo_shop_needs_a_week_of_minutes_and_its_ragged_ends() -> None:
    assert minute_days(sales()) == 1 + 7 + 2


def test_minutes_are_kept_longer_if_that_is_declared() -> None:
    kept = replace(sales(), keep_minutes=timedelta(days=35))

    assert minute_days(kept) == 35
