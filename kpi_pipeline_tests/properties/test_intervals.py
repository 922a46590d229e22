from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.model.moment import MINUTE, Interval, subtract, total_minutes, union
from kpi_pipeline_tests.properties.strategies import EPOCH, intervals, minutes_of

some = st.lists(intervals(), max_size=8)


@given(some)
def test_a_union_holds_the_same_minutes(found: list[Interval]) -> None:
    assert minutes_of(union(found)) == minutes_of(found)


@given(some, some)
def test_parts_are_sorted_and_never_touch(found: list[Interval], removed: list[Interval]) -> None:
    for parts in (union(found), subtract(found, removed)):
        assert all(left.end < right.start for left, right in pairwise(parts))


@given(some, some)
def test_subtraction_takes_away_just_the_minutes_that_it_should(
    found: list[Interval], removed: list[Interval]
) -> None:
    assert minutes_of(subtract(found, removed)) == minutes_of(found) - minutes_of(removed)


@given(some)
def test_minutes_are_counted_once(found: list[Interval]) -> None:
    assert total_minutes(found) == len(minutes_of(found))


@given(intervals(), intervals())
def test_a_clip_is_what_two_intervals_share(one: Interval, other: Interval) -> None:
    shared = one.clip(other.start, other.end)

    assert minutes_of([shared] if shared else []) == minutes_of([one]) & minutes_of([other])
    assert one.overlaps(other.start, other.end) is (shared is not None)


@given(intervals(), st.integers(0, 250))
def test_an_interval_from_ever_overlaps_unless_it_ends_too_early(one: Interval, end: int) -> None:
    moment = EPOCH + end * MINUTE

    assert one.overlaps(None, moment) is any(minute < moment for minute in minutes_of([one]))
