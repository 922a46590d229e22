from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.calendar import day_start, days_in, whole_days
from kpi_pipeline.compute.grains import LADDER, buckets_in, ceiling, end_of, floor
from kpi_pipeline.compute.retention import Retention, segments
from kpi_pipeline.compute.slices import newest_slice
from kpi_pipeline.compute.windows import Bounds, baseline_bounds, bounds
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import (
    EARLIEST,
    MINUTE,
    Interval,
    floor_minute,
    subtract,
    total_minutes,
    union,
)
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import ToDate, Window
from kpi_pipeline_tests.properties.strategies import days, moments, zones

offsets = st.one_of(
    st.builds(Span, days=st.integers(1, 400)), st.builds(Span, months=st.integers(1, 13))
)
lengths = st.builds(Span, minutes=st.integers(1, 60 * 24 * 60))
windows = st.one_of(
    st.just(Window(name="w")),
    st.builds(
        Window,
        name=st.just("w"),
        grain_to_date=st.sampled_from(list(ToDate)),
        offset=offsets,
    ),
    st.builds(Window, name=st.just("w"), trailing=st.one_of(lengths, offsets), offset=offsets),
)


def kept_as_of(as_of: datetime, zone: ZoneInfo, minute_days: int = 35) -> Retention:
    return Retention(
        minutes_from=day_start(as_of, zone, shift=-minute_days),
        today=day_start(as_of, zone),
        made=floor(as_of, Grain.HOUR, zone),
        zone=zone,
    )


@given(moments, zones)
def test_every_moment_lies_in_its_local_day(moment: datetime, zone: ZoneInfo) -> None:
    assert day_start(moment, zone) <= moment < day_start(moment, zone, shift=1)


@given(moments, days(9), zones)
def test_days_tile_the_intervals_that_they_hold(
    start: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    whole = Interval(floor_minute(start), floor_minute(start) + length)

    touched = days_in((whole,), zone)

    assert all(left.end == right.start for left, right in pairwise(touched))
    assert (touched[0].start, touched[-1].end) == (
        whole_days(whole, zone).start,
        whole_days(whole, zone).end,
    )
    assert touched[0].start <= whole.start < touched[0].end
    assert touched[-1].start < whole.end <= touched[-1].end


@given(windows, moments, zones)
def test_a_window_ends_with_as_of_and_is_never_empty(
    window: Window, as_of: datetime, zone: ZoneInfo
) -> None:
    found = bounds(window, as_of, zone)

    assert found.end - MINUTE <= as_of < found.end
    assert found.start is None or found.start < found.end


@given(windows, moments, zones)
def test_segments_tile_a_window_and_its_baseline_exactly(
    window: Window, as_of: datetime, zone: ZoneInfo
) -> None:
    spans = [bounds(window, as_of, zone), baseline_bounds(window, as_of, zone)]

    for span in (found for found in spans if found):
        parts = segments(span, kept_as_of(as_of, zone))
        assert (parts[0].start, parts[-1].end) == (span.start or EARLIEST, span.end)
        assert all(left.end == right.start for left, right in pairwise(parts))
        assert all(part.start < part.end for part in parts)


@given(moments, days(900), days(3), zones)
def test_segments_are_whole_buckets_that_are_over(
    as_of: datetime, length: timedelta, ahead: timedelta, zone: ZoneInfo
) -> None:
    end = floor_minute(as_of) + ahead
    kept = kept_as_of(as_of, zone)

    for part in segments(Bounds(end - length, end), kept):
        assert [floor(edge, part.grain, zone) for edge in (part.start, part.end)] == [
            part.start,
            part.end,
        ]
        assert part.end <= kept.made or part.grain is Grain.MINUTE


@given(moments, days(900), zones)
def test_a_window_of_years_is_a_handful_of_buckets(
    as_of: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    kept, end = kept_as_of(as_of, zone), floor_minute(as_of) + MINUTE

    parts = segments(Bounds(end - length, end), kept)

    held = sum(len(buckets_in([Interval(p.start, p.end)], p.grain, zone)) for p in parts)
    assert held <= 2 * (60 + 25 + 31 + 12) + 3


@given(moments, zones, st.sampled_from(list(Grain)))
def test_every_moment_lies_in_its_bucket_of_each_grain(
    moment: datetime, zone: ZoneInfo, grain: Grain
) -> None:
    start = floor(moment, grain, zone)

    assert start <= moment < end_of(start, grain, zone)
    assert floor(start, grain, zone) == start
    assert ceiling(moment, grain, zone) in {start, end_of(start, grain, zone)}


@given(moments, zones, st.sampled_from(LADDER))
def test_buckets_are_tiled_by_those_that_they_are_made_of(
    moment: datetime, zone: ZoneInfo, step: tuple[Grain, Grain]
) -> None:
    grain, child = step
    start = floor(moment, grain, zone)
    end = end_of(start, grain, zone)

    made_of = buckets_in([Interval(start, end)], child, zone)

    assert (made_of[0].start, made_of[-1].end) == (start, end)
    assert all(left.end == right.start for left, right in pairwise(made_of))


@given(
    moments,
    zones,
    st.lists(st.tuples(days(90), days(12)), min_size=1, max_size=6),
    st.integers(1, 30),
)
def test_slices_drain_any_backlog_and_never_drop_a_minute(
    as_of: datetime, zone: ZoneInfo, ranges: list[tuple[timedelta, timedelta]], most_days: int
) -> None:
    end, kept = floor_minute(as_of) + MINUTE, kept_as_of(as_of, zone)
    whole = union(Interval(end - back, end - back + length) for back, length in ranges)
    left, taken = whole, list[Interval]()

    while left:
        piece = newest_slice(left, kept, most_days)
        rest = subtract(left, piece.intervals)
        assert rest != left
        assert total_minutes(rest) < total_minutes(left)
        assert all(item.start >= kept.minutes_from for item in piece.minutes)
        assert list(piece.days) == [whole_days(item, zone) for item in piece.days]
        taken.extend(piece.intervals)
        left = rest

    assert subtract(whole, taken) == ()
