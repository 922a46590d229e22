from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.retention import Retention, Segment, retention, segments
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import EARLIEST, parse_moment
from kpi_pipeline_tests.unit.builders import AS_OF, sales

KEPT = retention(sales(), AS_OF)


def between(start: str | None, end: str) -> Bounds:
    return Bounds(None if start is None else parse_moment(start), parse_moment(end))


def test_minutes_are_kept_from_a_local_midnight_on() -> None:
    kept = retention(sales(), AS_OF)

    assert kept == Retention(
        minutes_from=parse_moment("2026-11-14T05:00Z"),
        today=parse_moment("2026-11-24T05:00Z"),
        made=parse_moment("2026-11-24T12:00Z"),
        zone=ZoneInfo("America/New_York"),
    )


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param(
            between("2026-11-24T11:01Z", "2026-11-24T12:01Z"),
            [("m", "2026-11-24T11:01Z", "2026-11-24T12:01Z")],
            id="less than an hour that is over: minutes",
        ),
        pytest.param(
            between("2026-11-24T05:00Z", "2026-11-24T12:01Z"),
            [
                ("h", "2026-11-24T05:00Z", "2026-11-24T12:00Z"),
                ("m", "2026-11-24T12:00Z", "2026-11-24T12:01Z"),
            ],
            id="today has no day bucket yet, this hour none of its own",
        ),
        pytest.param(
            between("2026-11-22T05:00Z", "2026-11-24T05:00Z"),
            [("d", "2026-11-22T05:00Z", "2026-11-24T05:00Z")],
            id="whole days: no minutes",
        ),
        pytest.param(
            between("2026-11-22T04:59Z", "2026-11-24T12:01Z"),
            [
                ("m", "2026-11-22T04:59Z", "2026-11-22T05:00Z"),
                ("d", "2026-11-22T05:00Z", "2026-11-24T05:00Z"),
                ("h", "2026-11-24T05:00Z", "2026-11-24T12:00Z"),
                ("m", "2026-11-24T12:00Z", "2026-11-24T12:01Z"),
            ],
            id="days between two ragged ends",
        ),
        pytest.param(
            between("2026-11-23T04:00Z", "2026-11-23T06:00Z"),
            [("h", "2026-11-23T04:00Z", "2026-11-23T06:00Z")],
            id="a midnight within, but no whole day",
        ),
        pytest.param(
            between(None, "2026-11-24T12:01Z"),
            [
                ("y", EARLIEST.isoformat(), "2026-01-01T05:00Z"),
                ("mo", "2026-01-01T05:00Z", "2026-11-01T04:00Z"),
                ("d", "2026-11-01T04:00Z", "2026-11-24T05:00Z"),
                ("h", "2026-11-24T05:00Z", "2026-11-24T12:00Z"),
                ("m", "2026-11-24T12:00Z", "2026-11-24T12:01Z"),
            ],
            id="a lifetime is years, and what this one, this month, this day and this hour hold",
        ),
        pytest.param(
            between("2026-10-31T04:00Z", "2026-11-02T05:00Z"),
            [("d", "2026-10-31T04:00Z", "2026-11-02T05:00Z")],
            id="days of 24 and 25 hours, a month's first among them",
        ),
        pytest.param(
            between("2026-11-23T05:00Z", "2026-11-26T05:00Z"),
            [
                ("d", "2026-11-23T05:00Z", "2026-11-24T05:00Z"),
                ("h", "2026-11-24T05:00Z", "2026-11-24T12:00Z"),
                ("m", "2026-11-24T12:00Z", "2026-11-26T05:00Z"),
            ],
            id="from this hour on there are minutes alone, also in the future",
        ),
    ],
)
def test_bounds_are_held_by_the_fewest_buckets(
    span: Bounds, expected: list[tuple[str, str, str]]
) -> None:
    parts = [
        Segment(Grain(grain), parse_moment(start), parse_moment(end))
        for grain, start, end in expected
    ]

    assert segments(span, KEPT) == tuple(parts)
