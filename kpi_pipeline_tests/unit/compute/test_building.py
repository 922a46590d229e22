from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from kpi_pipeline.compute.building import filled, filled_text, touches
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.moment import MINUTE, Interval
from kpi_pipeline.model.state import Cause, Dirty, PipelineState
from kpi_pipeline_tests.unit.builders import AS_OF, shop
from kpi_pipeline_tests.unit.model.test_state import BLANK

SHOP = shop()
KEPT = retention(SHOP, AS_OF)
HOUR = timedelta(hours=1)
NOON = AS_OF + MINUTE  # just past the minute of as-of
FOLDED = replace(BLANK, as_of=AS_OF, history_from=NOON - 100 * HOUR)


def waits(start: datetime, end: datetime, *metrics: str, cause: Cause = Cause.DEFINITION) -> Dirty:
    return Dirty(Interval(start, end), cause, frozenset(metrics))


def test_a_metric_is_building_in_the_windows_that_its_missing_history_touches() -> None:
    dirty = waits(NOON - 9 * HOUR, NOON - 3 * HOUR, "revenue")

    assert touches(dirty, Bounds(NOON - 4 * HOUR, NOON), KEPT)
    assert touches(dirty, Bounds(None, NOON), KEPT)
    assert not touches(dirty, Bounds(NOON - 3 * HOUR, NOON), KEPT)


def test_days_that_lack_their_minutes_are_complete_for_whoever_reads_days() -> None:
    start = KEPT.today - timedelta(days=9)
    dirty = waits(start, start + 48 * HOUR, "revenue", cause=Cause.MINUTES)

    assert not touches(dirty, Bounds(None, NOON), KEPT)
    assert touches(dirty, Bounds(start + HOUR, NOON), KEPT)


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        pytest.param((), {}, id="nothing waits"),
        pytest.param(
            (waits(NOON - 9 * HOUR, NOON, cause=Cause.REWIND),), {}, id="old values stand"
        ),
        pytest.param(
            (waits(NOON - 9 * HOUR, NOON, "revenue", cause=Cause.MINUTES),),
            {},
            id="days are there, minutes are to come",
        ),
        pytest.param(
            (waits(NOON - 100 * HOUR, NOON - 42 * HOUR, "revenue"),),
            {"revenue": 42, "average": 42},
            id="a ratio is as far as what it divides",
        ),
        pytest.param(
            (
                waits(NOON - 100 * HOUR, NOON - 42 * HOUR, "revenue"),
                waits(NOON - 100 * HOUR, NOON, "orders"),
            ),
            {"revenue": 42, "orders": 0, "average": 0},
            id="and no further than the part that has least",
        ),
        pytest.param(
            (waits(NOON - 100 * HOUR, NOON - 100 * HOUR + MINUTE, "by_kind"),),
            {"by_kind": 99},
            id="almost is not all",
        ),
        pytest.param(
            (waits(NOON - 200 * HOUR, NOON + 9999 * HOUR, "by_kind"),),
            {"by_kind": 0},
            id="older history is found, and the future does not count",
        ),
        pytest.param(
            (waits(NOON + HOUR, NOON + 2 * HOUR, "by_kind"),),
            {"by_kind": 99},
            id="only the future is left",
        ),
    ],
)
def test_progress_is_the_share_of_history_that_is_filled(
    dirty: tuple[Dirty, ...], expected: dict[str, int]
) -> None:
    assert filled(SHOP, replace(FOLDED, dirty=dirty)) == expected


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(replace(FOLDED, as_of=None), id="no look yet"),
        pytest.param(replace(FOLDED, history_from=NOON + HOUR), id="all rows lie in the future"),
        pytest.param(replace(FOLDED, history_from=None), id="nothing was folded"),
    ],
)
def test_where_there_is_no_history_nothing_of_it_is_filled(state: PipelineState) -> None:
    dirty = (waits(NOON + HOUR, NOON + 2 * HOUR, "by_kind"),)

    assert filled(SHOP, replace(state, dirty=dirty)) == {"by_kind": 0}


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        ({}, ""),
        ({"b": 7, "a": 42, "c": 7}, "b 7 %, c 7 %, a 42 %"),
        (
            {name: 10 * k for k, name in enumerate("abcdefg")},
            "a 0 %, b 10 %, c 20 %, d 30 %, e 40 %, 2 more",
        ),
    ],
)
def test_those_with_the_longest_way_are_named_first(progress: dict[str, int], text: str) -> None:
    assert filled_text(progress) == text
