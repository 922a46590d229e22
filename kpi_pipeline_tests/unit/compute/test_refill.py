from dataclasses import replace
from datetime import timedelta

import pytest

from kpi_pipeline.compute.refill import Refill, next_refill, refilling, without
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.slices import next_slice
from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.moment import MINUTE, Interval
from kpi_pipeline.model.state import Cause, Dirty
from kpi_pipeline_tests.unit.builders import AS_OF, sales

KEPT = retention(sales(), AS_OF)
KNOWN = frozenset({"a", "b", "c"})


def before(old: int, new: int) -> Interval:
    """From so many minutes before as-of until so many."""
    return Interval(AS_OF - old * MINUTE, AS_OF - new * MINUTE)


def refill(interval: Interval, *metrics: str) -> Dirty:
    return Dirty(interval, Cause.DEFINITION, frozenset(metrics))


CHANGED = Dirty(before(3, 2), Cause.CHANGED)


@pytest.mark.parametrize(
    ("backlog", "barred", "metrics", "spans"),
    [
        pytest.param((), "", "", (), id="nothing waits"),
        pytest.param((CHANGED,), "", "", (), id="what concerns all is no refill"),
        pytest.param(
            (refill(before(9, 0), "a"),), "", "a", (before(9, 0),), id="one metric, all of it"
        ),
        pytest.param(
            (refill(before(9, 0), "a", "b"), refill(before(20, 9), "b")),
            "",
            "ab",
            (before(20, 0),),
            id="metrics that reach equally far go together",
        ),
        pytest.param(
            (refill(before(9, 5), "a"), refill(before(9, 0), "b")),
            "",
            "b",
            (before(5, 0),),
            id="a later one catches up, and no further",
        ),
        pytest.param(
            (refill(before(9, 5), "a"), refill(before(9, 0), "b")),
            "b",
            "a",
            (before(9, 5),),
            id="a barred one is passed over",
        ),
        pytest.param((refill(before(9, 0), "a"),), "a", "", (), id="all are barred"),
    ],
)
def test_the_history_nearest_to_now_is_filled_first(
    backlog: tuple[Dirty, ...], barred: str, metrics: str, spans: tuple[Interval, ...]
) -> None:
    assert next_refill(backlog, frozenset(barred)) == Refill(frozenset(metrics), spans)


def test_what_concerns_all_metrics_goes_before_any_refill() -> None:
    backlog = (refill(before(9, 0), "a"), CHANGED)

    assert refilling(backlog) == {"a"}
    assert next_slice(backlog, KEPT, 1, KNOWN) == Slice(minutes=(before(3, 2),))
    assert next_slice(backlog, KEPT, 1, KNOWN, frozenset("a")) == Slice(
        minutes=(before(3, 2),), metrics=frozenset("bc")
    )


def test_a_refill_is_of_its_metrics_alone() -> None:
    backlog = (refill(before(9, 0), "a"),)

    assert next_slice(backlog, KEPT, 1, KNOWN) == Slice(
        minutes=(before(9, 0),), metrics=frozenset("a")
    )
    assert next_slice(backlog, KEPT, 1, KNOWN, frozenset("a")) == Slice()
    assert next_slice((), KEPT, 1, KNOWN) == Slice()


def test_a_slice_of_all_metrics_leaves_nothing_of_its_minutes_to_any() -> None:
    backlog = (CHANGED, refill(before(9, 0), "a"))

    left = without(backlog, Slice(minutes=(before(3, 2),)), KNOWN)

    assert left == (refill(before(9, 3), "a"), refill(before(2, 0), "a"))


def test_a_refill_leaves_its_minutes_to_the_other_metrics_that_lack_them() -> None:
    backlog = (refill(before(9, 0), "a", "b"),)

    left = without(backlog, Slice(minutes=(before(3, 0),), metrics=frozenset("a")), KNOWN)

    assert left == (refill(before(9, 3), "a", "b"), refill(before(3, 0), "b"))


def test_what_was_folded_for_some_metrics_only_is_the_others_to_fill() -> None:
    piece = Slice(minutes=(before(3, 2),), metrics=frozenset("bc"))

    assert without((CHANGED,), piece, KNOWN) == (refill(before(3, 2), "a"),)


def test_steps_of_any_size_fill_every_metric_in_the_end() -> None:
    backlog: tuple[Dirty, ...] = (
        refill(Interval(AS_OF - timedelta(days=90), AS_OF), "a"),
        refill(Interval(AS_OF - timedelta(days=90), AS_OF - timedelta(days=7)), "b", "c"),
        replace(CHANGED, interval=before(30_000, 29_000)),
    )
    taken = 0
    for days in (1, 2, 4, 8, 16, 32, 64):
        while piece := next_slice(backlog, KEPT, days, KNOWN).intervals:
            backlog = without(backlog, next_slice(backlog, KEPT, days, KNOWN), KNOWN)
            taken += len(piece)
            if days < 64:
                break

    assert backlog == ()
    assert taken < 30
