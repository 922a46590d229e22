"""Windows and offsets against a naive calendar: every local minute listed, nothing computed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.windows import earlier, frame_bounds
from kpi_pipeline.model.moment import MINUTE, floor_minute, parse_moment
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import Frame, Reach

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
DAY = timedelta(days=1)

zones = st.sampled_from(ZONES).map(ZoneInfo)
CHANGES = (
    "2026-03-08T07:00",
    "2026-03-29T01:00",
    "2026-04-04T15:00",
    "2026-10-03T15:30",
    "2026-10-25T01:00",
    "2026-11-01T06:00",
)
"""In UTC, when the clocks of these zones go forward or back."""
changes = st.sampled_from(CHANGES).map(parse_moment)
near = st.builds(
    lambda change, days, minutes: change + timedelta(days=days, minutes=minutes),
    changes,
    st.sampled_from([0, 1, 7, 28, 30, 31]),
    st.integers(-180, 180),
)
moments = near | st.datetimes(
    min_value=datetime(2023, 6, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2029, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)
spans = st.builds(Span, days=st.integers(1, 400)) | st.builds(Span, months=st.integers(1, 30))


def naive(moment: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """By walking: day after day, or month after month, then looking for the clock time."""
    shown = moment.astimezone(zone).replace(tzinfo=None)
    day = shown.date()
    for _ in range(span.days):
        day -= timedelta(days=1)
    wanted = day.day
    for _ in range(span.months):
        day = day.replace(day=1) - timedelta(days=1)
    day = day.replace(day=min(wanted, day.day)) if span.months else day
    return first_showing(day, shown, zone)


def first_showing(day: date, shown: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which a clock on the wall shows this; of a gap, as if it went on."""
    wall = datetime.combine(day, shown.time())
    start = datetime.combine(day, shown.time(), UTC) - DAY
    for minutes in range(2 * 24 * 60):
        moment = start + minutes * MINUTE
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            return moment
    before = (datetime.combine(day, shown.time(), UTC) - DAY).astimezone(zone).utcoffset()
    assert before is not None
    return wall.replace(tzinfo=UTC) - before


@given(moments, spans, zones)
def test_so_much_earlier_is_what_the_wall_calendar_shows(
    moment: datetime, span: Span, zone: ZoneInfo
) -> None:
    assert earlier(moment, (span,), zone) == naive(moment, span, zone)


@given(moments, spans, zones)
def test_a_trailing_window_begins_so_much_before_its_end(
    as_of: datetime, span: Span, zone: ZoneInfo
) -> None:
    found = frame_bounds(Frame(reach=Reach(trailing=span)), as_of, zone)

    assert found.end == floor_minute(as_of) + MINUTE
    assert found.start == naive(found.end, span, zone)


@given(moments, spans, st.integers(1, 100_000), zones)
def test_minutes_are_elapsed_time_also_in_a_frame_that_is_moved_back(
    as_of: datetime, span: Span, minutes: int, zone: ZoneInfo
) -> None:
    frame = Frame(reach=Reach(trailing=Span(minutes=minutes))).moved(span)

    found = frame_bounds(frame, as_of, zone)

    assert found.end == floor_minute(naive(as_of, span, zone)) + MINUTE
    assert found.start == found.end - minutes * MINUTE


@given(moments, spans, spans, zones)
def test_a_frame_lies_within_the_days_that_it_says(
    as_of: datetime, trailing: Span, offset: Span, zone: ZoneInfo
) -> None:
    frame = Frame(reach=Reach(trailing=trailing)).moved(offset)

    found = frame_bounds(frame, as_of, zone)

    assert found.start is not None
    assert found.start >= as_of - timedelta(days=frame.most_days + 1)
    assert found.start < found.end


@pytest.mark.parametrize(
    ("zone", "moment", "span", "expected"),
    [
        ("UTC", "2026-03-31T12:00", Span(months=1), "2026-02-28T12:00+00:00"),
        ("UTC", "2024-03-31T12:00", Span(months=1), "2024-02-29T12:00+00:00"),
        ("UTC", "2024-02-29T12:00", Span(months=12), "2023-02-28T12:00+00:00"),
        ("UTC", "2026-05-31T12:00", Span(months=3), "2026-02-28T12:00+00:00"),
        ("UTC", "2026-01-15T12:00", Span(months=1), "2025-12-15T12:00+00:00"),
        ("Europe/Berlin", "2026-04-05T02:30", Span(days=7), "2026-03-29T03:30+02:00"),
        ("Europe/Berlin", "2026-11-01T02:30", Span(days=7), "2026-10-25T02:30+02:00"),
        ("America/New_York", "2026-03-15T02:30", Span(days=7), "2026-03-08T03:30-04:00"),
        ("America/New_York", "2026-12-01T01:30", Span(months=1), "2026-11-01T01:30-04:00"),
        ("Australia/Lord_Howe", "2026-10-11T02:15", Span(days=7), "2026-10-04T02:45+11:00"),
        ("Australia/Lord_Howe", "2026-04-12T01:45", Span(days=7), "2026-04-05T01:45+11:00"),
        ("Asia/Kolkata", "2026-11-24T14:03", Span(days=7), "2026-11-17T14:03+05:30"),
        ("Europe/Berlin", "2026-03-31T14:03", Span(days=7), "2026-03-24T14:03+01:00"),
    ],
)
def test_month_ends_clamp_and_odd_hours_are_read_as_zoneinfo_reads_them(
    zone: str, moment: str, span: Span, expected: str
) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))

    assert earlier(local, (span,), ZoneInfo(zone)) == datetime.fromisoformat(expected)


def test_time_has_a_beginning() -> None:
    early = datetime(3, 1, 5, tzinfo=UTC)

    assert earlier(early, (Span(months=1200),), ZoneInfo("Asia/Tokyo")).year == 1
    assert earlier(early, (Span(minutes=60 * 24 * 36525),), ZoneInfo("UTC")).year == 1
    assert earlier(early, (Span(days=36525),), ZoneInfo("UTC")).year == 1
