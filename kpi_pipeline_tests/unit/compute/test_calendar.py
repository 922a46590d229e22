from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.calendar import day_start, days_in, start_of, whole_days
from kpi_pipeline.model.moment import MINUTE, Interval, minute_interval, parse_moment

NEW_YORK = ZoneInfo("America/New_York")


def span(start: str, end: str) -> Interval:
    return Interval(parse_moment(start), parse_moment(end))


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        pytest.param("UTC", "2026-11-24", "2026-11-24T00:00Z", id="no offset"),
        pytest.param("America/New_York", "2026-03-08", "2026-03-08T05:00Z", id="a day of 23 hours"),
        pytest.param("America/New_York", "2026-03-09", "2026-03-09T04:00Z", id="the day after it"),
        pytest.param("America/New_York", "2026-11-01", "2026-11-01T04:00Z", id="a day of 25 hours"),
        pytest.param(
            "America/New_York", "2026-11-02", "2026-11-02T05:00Z", id="the day after that"
        ),
        pytest.param("Asia/Kathmandu", "2026-11-24", "2026-11-23T18:15Z", id="5 hours 45 ahead"),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30Z", id="half an hour less"
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-05", "2026-10-04T13:00Z", id="and the day after"
        ),
        pytest.param(
            "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z", id="no midnight: 01:00"
        ),
        pytest.param("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00Z", id="23:00 came twice"),
        pytest.param("Africa/Cairo", "2023-04-28", "2023-04-27T22:00Z", id="no midnight in Cairo"),
        pytest.param(
            "America/Havana", "2026-11-01", "2026-11-01T04:00Z", id="two midnights: the first"
        ),
        pytest.param(
            "Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z", id="before the skipped day"
        ),
        pytest.param("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z", id="a day that never was"),
        pytest.param("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z", id="after the skipped day"),
        pytest.param(
            "Europe/Paris", "1900-01-01", "1899-12-31T23:51Z", id="9 min 21 s: a whole minute"
        ),
    ],
)
def test_a_day_begins_with_its_first_moment(zone: str, day: str, expected: str) -> None:
    assert start_of(date.fromisoformat(day), ZoneInfo(zone)) == parse_moment(expected)


@pytest.mark.parametrize(
    ("moment", "shift", "expected"),
    [
        pytest.param("2026-11-24T04:59Z", 0, "2026-11-23T05:00Z", id="late in the evening"),
        pytest.param("2026-11-24T05:00Z", 0, "2026-11-24T05:00Z", id="at midnight"),
        pytest.param("2026-11-24T05:00Z", 1, "2026-11-25T05:00Z", id="tomorrow"),
        pytest.param("2026-11-02T12:00Z", -1, "2026-11-01T04:00Z", id="yesterday, of 25 hours"),
        pytest.param("2026-03-08T12:00Z", 1, "2026-03-09T04:00Z", id="tomorrow, after 23 hours"),
    ],
)
def test_days_are_counted_on_the_local_calendar(moment: str, shift: int, expected: str) -> None:
    start = day_start(parse_moment(moment), NEW_YORK, shift=shift)

    assert start == parse_moment(expected)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        pytest.param(
            span("2026-11-01T12:00Z", "2026-11-01T12:01Z"),
            span("2026-11-01T04:00Z", "2026-11-02T05:00Z"),
            id="a minute of a day of 25 hours",
        ),
        pytest.param(
            span("2026-11-01T04:00Z", "2026-11-02T05:00Z"),
            span("2026-11-01T04:00Z", "2026-11-02T05:00Z"),
            id="a whole day stays as it is",
        ),
        pytest.param(
            span("2026-11-02T04:59Z", "2026-11-02T05:01Z"),
            span("2026-11-01T04:00Z", "2026-11-03T05:00Z"),
            id="a midnight within",
        ),
    ],
)
def test_an_interval_is_widened_to_the_days_that_it_touches(
    interval: Interval, expected: Interval
) -> None:
    assert whole_days(interval, NEW_YORK) == expected


@pytest.mark.parametrize(
    ("zone", "interval", "hours"),
    [
        pytest.param(
            NEW_YORK, span("2026-03-07T12:00Z", "2026-03-09T12:00Z"), [24, 23, 24], id="spring"
        ),
        pytest.param(
            NEW_YORK, span("2026-10-31T12:00Z", "2026-11-02T12:00Z"), [24, 25, 24], id="fall"
        ),
        pytest.param(
            ZoneInfo("Australia/Lord_Howe"),
            span("2026-10-03T12:00Z", "2026-10-04T12:00Z"),
            [24, 23.5],
            id="half an hour",
        ),
        pytest.param(
            ZoneInfo("Pacific/Apia"),
            span("2011-12-29T12:00Z", "2011-12-31T09:00Z"),
            [24, 24],
            id="the 30th was skipped",
        ),
    ],
)
def test_every_touched_day_comes_once_with_its_own_length(
    zone: ZoneInfo, interval: Interval, hours: list[float]
) -> None:
    days = days_in((interval,), zone)

    assert [(day.end - day.start) / timedelta(hours=1) for day in days] == hours


def test_days_of_several_intervals_come_once_and_in_order() -> None:
    late, early = parse_moment("2026-11-24T12:00Z"), parse_moment("2026-11-20T12:00Z")
    touched = (minute_interval(late), minute_interval(early), minute_interval(late + 5 * MINUTE))

    days = days_in(touched, NEW_YORK)

    starts: list[datetime] = [day.start for day in days]
    assert starts == [parse_moment("2026-11-20T05:00Z"), parse_moment("2026-11-24T05:00Z")]
