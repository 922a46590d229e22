from datetime import UTC, datetime, timedelta, timezone

import pytest

from kpi_pipeline.model.errors import CursorError
from kpi_pipeline.model.moment import (
    MINUTE,
    Interval,
    coalesced,
    floor_minute,
    minute_interval,
    parse_moment,
    subtract,
    total_minutes,
    union,
    utc,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + minutes * MINUTE


def span(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone; give one"):
        utc(datetime(2026, 11, 24, 12))  # noqa: DTZ001 - the very fault


def test_a_minute_begins_with_its_first_microsecond() -> None:
    moment = datetime(2026, 11, 24, 13, 30, 59, 999999, tzinfo=timezone(timedelta(hours=1)))

    assert floor_minute(moment) == at(30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-11-24T12:00:00+00:00", NOON, id="as the sensor writes it"),
        pytest.param("2026-11-24T13:00+01:00", NOON, id="another zone"),
        pytest.param(" 2026-11-24 12:00Z\n", NOON, id="white space around it"),
        pytest.param("2026-11-24T12:00:00", NOON, id="no zone means UTC"),
        pytest.param("2026-11-24", at(-720), id="a date is its midnight"),
        pytest.param("2026-11-24 12:00:00.000000+00", NOON, id="as psql shows it"),
        pytest.param("2026-11-24T12:00:00.0Z", NOON, id="a tenth of a second"),
    ],
)
def test_a_timestamp_is_read(text: str, expected: datetime) -> None:
    moment = parse_moment(text)

    assert (moment, moment.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("yesterday", id="a word"),
        pytest.param("1764000000", id="seconds since 1970"),
        pytest.param("10000101", id="a number that is a date without dashes"),
        pytest.param("20261124T0700", id="without dashes and colons"),
        pytest.param("2026-W01", id="a week"),
        pytest.param("2026-W01-3", id="a day of a week"),
        pytest.param("2026-328", id="a day of the year"),
        pytest.param("2026-11-24x07:00", id="another letter between"),
        pytest.param("2026-11-24T07", id="an hour alone"),
        pytest.param("2026-11-24T07:00:00,5", id="a comma"),
        pytest.param("2026-11-24Z", id="a date with a zone"),
        pytest.param("٢٠٢٦-11-24", id="digits of another script"),
        pytest.param("2026-11-24T25:00", id="a 25th hour"),
        pytest.param("2026-11-24T07:00+25:00", id="a zone of more than a day"),
        pytest.param("2026-13-01", id="a thirteenth month"),
        pytest.param("2026-02-30", id="a day that is not"),
        pytest.param("24/11/2026", id="another order"),
        pytest.param("0001-01-01T00:00:00+23:00", id="before the first year in UTC"),
        pytest.param("9999-12-31T23:00:00-05:00", id="after the last year in UTC"),
        pytest.param('{"watermark": 1}', id="a cursor of another program"),
    ],
)
def test_what_is_no_timestamp_is_refused_with_the_format(text: str) -> None:
    with pytest.raises(CursorError) as caught:
        parse_moment(text)

    assert str(caught.value) == (
        f"{text!r} is not a timestamp; write it like 2026-11-24T07:00:00+00:00"
    )


def test_a_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(CursorError) as caught:
        parse_moment("x" * 61)

    assert str(caught.value).startswith("'" + "x" * 60 + "...' is not a timestamp")


@pytest.mark.parametrize(("start", "end"), [(0, 0), (1, 0)])
def test_an_interval_holds_something(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is empty"):
        span(start, end)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(-5, 20, span(0, 10), id="wider"),
        pytest.param(2, 3, span(2, 3), id="narrower"),
        pytest.param(-5, 2, span(0, 2), id="from the left"),
        pytest.param(8, 20, span(8, 10), id="from the right"),
        pytest.param(10, 20, None, id="touching on the right"),
        pytest.param(-5, 0, None, id="touching on the left"),
    ],
)
def test_a_clip_is_what_lies_inside(start: int, end: int, expected: Interval | None) -> None:
    assert span(0, 10).clip(at(start), at(end)) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(at(9), at(20), True, id="the last minute"),
        pytest.param(at(10), at(20), False, id="the end is outside"),
        pytest.param(at(-9), at(0), False, id="ends where the interval starts"),
        pytest.param(at(-9), at(1), True, id="the first minute"),
        pytest.param(None, at(1), True, id="from ever"),
        pytest.param(None, at(0), False, id="from ever, but too early an end"),
    ],
)
def test_intervals_overlap_where_they_share_a_moment(
    start: datetime | None, end: datetime, *, expected: bool
) -> None:
    assert span(0, 10).overlaps(start, end) is expected


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        pytest.param([], (), id="nothing"),
        pytest.param([span(5, 6), span(0, 1)], (span(0, 1), span(5, 6)), id="sorted"),
        pytest.param([span(0, 2), span(1, 3)], (span(0, 3),), id="overlapping"),
        pytest.param([span(0, 1), span(1, 2)], (span(0, 2),), id="touching"),
        pytest.param([span(0, 9), span(2, 3)], (span(0, 9),), id="one in the other"),
        pytest.param([span(0, 1), span(0, 1)], (span(0, 1),), id="twice the same"),
    ],
)
def test_a_union_is_sorted_and_disjoint(
    intervals: list[Interval], expected: tuple[Interval, ...]
) -> None:
    assert union(intervals) == expected


@pytest.mark.parametrize(
    ("removed", "expected"),
    [
        pytest.param([], (span(0, 10),), id="nothing"),
        pytest.param([span(0, 10)], (), id="all"),
        pytest.param([span(-5, 20)], (), id="more than all"),
        pytest.param([span(3, 4)], (span(0, 3), span(4, 10)), id="a hole"),
        pytest.param([span(3, 4), span(6, 7)], (span(0, 3), span(4, 6), span(7, 10)), id="two"),
        pytest.param([span(-5, 3)], (span(3, 10),), id="the start"),
        pytest.param([span(8, 20)], (span(0, 8),), id="the end"),
        pytest.param([span(20, 30)], (span(0, 10),), id="something else"),
    ],
)
def test_subtraction_leaves_the_rest(
    removed: list[Interval], expected: tuple[Interval, ...]
) -> None:
    assert subtract([span(0, 10)], removed) == expected


def test_minutes_are_counted_once() -> None:
    assert total_minutes([span(0, 10), span(5, 15), minute_interval(at(30))]) == 16


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        pytest.param(9, ["0-1", "3-4", "90-91", "2000-2001", "90000-90001"], id="few enough"),
        pytest.param(4, ["0-4", "90-91", "2000-2001", "90000-90001"], id="an hour apart"),
        pytest.param(3, ["0-91", "2000-2001", "90000-90001"], id="a day apart"),
        pytest.param(2, ["0-2001", "90000-90001"], id="a month apart"),
        pytest.param(1, ["0-90001"], id="any"),
    ],
)
def test_too_many_intervals_are_joined_over_the_smallest_gaps(
    most: int, expected: list[str]
) -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    found = coalesced([minute_interval(start + n * MINUTE) for n in (3, 0, 90, 2000, 90000)], most)

    shown = [f"{(i.start - start) // MINUTE}-{(i.end - start) // MINUTE}" for i in found]
    assert shown == expected
