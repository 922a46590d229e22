"""KPIs at moments of the past, from buckets in memory: the same as the state's own reading."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.partial import Partial, merge_all
from kpi_pipeline.compute.past import Past, Series, moments
from kpi_pipeline.compute.running import Running
from kpi_pipeline.compute.sliding import Bucket, Sliding
from kpi_pipeline.compute.snapshot import pairs_of
from kpi_pipeline.model.moment import MINUTE, parse_moment
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline_tests.unit.builders import shop

SPEC = shop()
ZONE = SPEC.timezone
MINUTES_FROM = parse_moment("2026-11-23", ZONE)


def at(text: str) -> datetime:
    return parse_moment(text, ZONE)


def part(amount: int) -> Partial:
    value = Decimal(amount)
    return Partial(rows=1, n=1, total=value, low=value, high=value)


BUCKETS: dict[Series, list[Bucket]] = {
    (name, ()): [
        Bucket(at("2026-11-15"), part(100)),
        Bucket(at("2026-11-22"), part(40)),
        Bucket(at("2026-11-23T10:00"), part(10)),
        Bucket(at("2026-11-23T10:30"), part(30)),
        Bucket(at("2026-11-23T11:15"), part(20)),
    ]
    for name in ("revenue", "orders")
}
PAST = Past(spec=SPEC, buckets=BUCKETS, minutes_from=MINUTES_FROM, history_from=at("2026-11-15"))


def read(metric: str, window: str, moment: str) -> Reading:
    pairs = pairs_of(SPEC, {(metric, window)}, {(metric, window)})
    (found,) = PAST.snapshot(pairs, at(moment)).readings
    return found


@pytest.mark.parametrize(
    ("metric", "window", "moment", "value"),
    [
        ("revenue", "hour", "2026-11-23T10:59", "40"),
        ("revenue", "hour", "2026-11-23T11:00", "30"),
        ("revenue", "hour", "2026-11-23T11:20", "50"),
        ("revenue", "hour", "2026-11-23T14:00", None),
        ("revenue", "today", "2026-11-23T10:00", "10"),
        ("revenue", "today", "2026-11-23T23:59", "60"),
        ("revenue", "today", "2026-11-24T00:00", None),
        ("revenue", "today", "2026-11-22T23:59", "40"),
        ("revenue", "lifetime", "2026-11-22T23:59", "140"),
        ("revenue", "lifetime", "2026-11-23T10:05", "150"),
        ("average", "lifetime", "2026-11-23T12:00", "40"),
    ],
)
def test_a_window_is_read_as_it_was(
    metric: str, window: str, moment: str, value: str | None
) -> None:
    found = read(metric, window, moment)

    assert not found.building
    assert (found.value or None) == (None if value is None else Decimal(value))


def test_where_minutes_are_gone_a_part_of_a_day_is_not_known() -> None:
    assert read("revenue", "hour", "2026-11-22T23:59").building


def test_a_day_is_compared_with_a_day_but_not_with_a_part_of_one() -> None:
    whole, part_of = (read("revenue", "today", f"2026-11-22T{time}") for time in ("23:59", "12:00"))

    assert (whole.baseline, part_of.building) == (Decimal(100), True)


def test_moments_are_the_ends_of_days_and_then_every_minute() -> None:
    since, until = at("2026-11-21T12:00"), at("2026-11-23T00:02")

    assert [
        m.astimezone(ZONE).strftime("%d %H:%M") for m in moments(PAST, since, until, MINUTE)
    ] == [
        "21 23:59",
        "22 23:59",
        "23 00:00",
        "23 00:01",
        "23 00:02",
    ]


START = at("2026-11-23")
PLACES = [(0, 5), (2, 9), (2, 9), (8, 30), (29, 31), (40, 41), (50, 60), (10, 20), (0, 60)]


def test_a_window_that_slides_is_the_merge_of_what_lies_in_it() -> None:
    buckets = [Bucket(START + number * MINUTE, part(number * 7 % 11)) for number in range(60)]
    sliding = Sliding(buckets)

    for first, last in PLACES:
        expected = merge_all(bucket.partial for bucket in buckets[first:last])
        found = sliding.between(START + first * MINUTE, START + last * MINUTE)
        assert found == expected


def test_what_adds_up_is_exactly_the_merge_of_what_lies_in_it() -> None:
    amounts = [None if number % 5 == 0 else Decimal(number).scaleb(-number) for number in range(60)]
    parts = [Partial(rows=1, n=int(a is not None), total=a) for a in amounts]
    buckets = [Bucket(START + place * MINUTE, item) for place, item in enumerate(parts)]
    running = Running(buckets)

    for first, last in [*PLACES, (5, 6), (7, 7)]:
        expected = merge_all(parts[first:last]) if first < last else None
        assert running.between(START + first * MINUTE, START + last * MINUTE) == expected
    assert running.between(None, START + 60 * MINUTE) == merge_all(parts)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_cannot_be_taken_away_again_is_gone_when_its_window_is(text: str) -> None:
    odd = Partial(rows=1, n=1, total=Decimal(text))
    buckets = {
        series: [
            *found,
            Bucket(at("2026-11-23T13:00"), odd),
            Bucket(at("2026-11-23T15:00"), part(7)),
        ]
        for series, found in BUCKETS.items()
    }
    past = Past(spec=SPEC, buckets=buckets, minutes_from=MINUTES_FROM, history_from=START)
    pairs = pairs_of(SPEC, {("revenue", "hour")})

    def value(moment: str) -> str:
        return str(past.snapshot(pairs, at(moment)).readings[0].value)

    assert (value("2026-11-23T13:10"), value("2026-11-23T15:10")) == (text, "7")


def test_a_window_without_rows_holds_nothing() -> None:
    sliding = Sliding([Bucket(at("2026-11-23"), part(1))])
    later = at("2026-11-24")

    assert sliding.between(later, later + timedelta(hours=1)) is None
    assert Sliding([]).between(None, later) is None


def test_the_newest_row_is_not_newer_than_the_moment() -> None:
    snapshot = PAST.snapshot((), at("2026-11-23T10:10"))

    assert snapshot.watermark == at("2026-11-23T10:01")
    assert PAST.snapshot((), at("2026-11-22T10:10")).watermark is None


def test_a_group_that_cannot_be_read_is_unknown_not_gone() -> None:
    spec = shop("window: today", "window: hour")
    past = replace(PAST, spec=spec)
    pairs = pairs_of(spec, {("by_kind", "hour")})

    (unknown,) = past.snapshot(pairs, at("2026-11-22T23:59")).absent
    assert unknown.building


def test_a_metric_that_two_rules_look_at_is_read_once() -> None:
    pairs = pairs_of(SPEC, {("revenue", "hour"), ("average", "hour")})

    found = PAST.snapshot(pairs, at("2026-11-23T11:20")).readings

    assert {item.metric: item.value for item in found} == {
        "revenue": Decimal(50),
        "average": Decimal(25),
    }
