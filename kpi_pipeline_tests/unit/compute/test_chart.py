from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.chart import MOST_POINTS, buckets_of, frame_of
from kpi_pipeline.compute.windows import frame_bounds
from kpi_pipeline.model.errors import RangeError
from kpi_pipeline.model.span import Span

NEW_YORK = ZoneInfo("America/New_York")
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # a quarter to, or past, every hour of UTC
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOON = datetime(2026, 11, 24, 17, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("grain", "until", "starts"),
    [
        ("minute", NOON + MINUTE, ["12:07", "12:08"]),
        ("five_minutes", NOON + 5 * MINUTE, ["12:05", "12:10"]),
        ("hour", NOON + HOUR, ["12:00", "13:00"]),
        ("day", NOON + 24 * HOUR, ["00:00", "00:00"]),
        ("month", NOON + 240 * HOUR, ["00:00", "00:00"]),
    ],
)
def test_buckets_begin_with_the_one_that_holds_the_moment(
    grain: str, until: datetime, starts: list[str]
) -> None:
    found = buckets_of(grain, NOON, until, NEW_YORK)

    assert [f"{item.start.astimezone(NEW_YORK):%H:%M}" for item in found] == starts
    assert found[0].end == found[1].start


def test_buckets_follow_the_local_clock() -> None:
    (hour,) = buckets_of("hour", NOON, NOON + MINUTE, KATHMANDU)

    assert hour.start == datetime(2026, 11, 24, 16, 15, tzinfo=UTC)


def test_as_many_as_fit_are_given_and_one_more_is_refused() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    end = start + MOST_POINTS * MINUTE

    assert len(buckets_of("minute", start, end, NEW_YORK)) == MOST_POINTS
    with pytest.raises(RangeError, match="more than 1,500 points of grain minute"):
        buckets_of("minute", start, end + MINUTE, NEW_YORK)


@pytest.mark.parametrize("grain", ["minute", "five_minutes", "hour", "day", "month"])
def test_a_bucket_that_is_over_is_read_whole_and_the_present_one_so_far(grain: str) -> None:
    (bucket,) = buckets_of(grain, NOON, NOON + timedelta(seconds=1), NEW_YORK)
    for as_of, end in ((bucket.end, bucket.end), (NOON, datetime(2026, 11, 24, 17, 8, tzinfo=UTC))):
        moment, frame = frame_of(grain, bucket, as_of)
        span = frame_bounds(frame, moment, NEW_YORK)

        assert (span.start, span.end) == (bucket.start, end)


def test_a_day_earlier_is_a_whole_day_where_clocks_were_moved_in_between() -> None:
    monday = datetime(2026, 11, 2, 12, tzinfo=UTC)  # Sunday had 25 hours
    (bucket,) = buckets_of("day", monday, monday + MINUTE, NEW_YORK)
    moment, frame = frame_of("day", bucket, bucket.end)
    span = frame_bounds(frame.moved(Span(days=1)), moment, NEW_YORK)

    assert span.end == bucket.start
    assert span.start is not None
    assert span.end - span.start == 25 * HOUR
