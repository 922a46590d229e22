from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.difference import Difference, Place
from kpi_pipeline.compute.late import correction_table, lateness_sentence
from kpi_pipeline.compute.ledger import MOST, corrections, counting_metric
from kpi_pipeline.compute.partial import ZERO, Partial
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.correction import Lateness, Why
from kpi_pipeline.model.moment import MINUTE, Interval
from kpi_pipeline.model.state import Cause, Dirty
from kpi_pipeline_tests.unit.builders import AS_OF, shop

SHOP = shop()
BUCKET = AS_OF - 30 * MINUTE
SPAN = Interval(BUCKET, BUCKET + MINUTE)
ALL = frozenset({"revenue", "orders", "by_kind"})


def change(before: int, after: int, metric: str = "revenue", minutes: int = 0) -> Difference:
    """A bucket that held so many rows of 5 each."""
    old, new = (Partial(rows=n, n=n, total=Decimal(5 * n)) if n else ZERO for n in (before, after))
    return Difference(Place(Grain.MINUTE, BUCKET + minutes * MINUTE, metric, ()), old, new)


@pytest.mark.parametrize(
    ("causes", "before", "after", "why"),
    [
        ([Cause.CHANGED], 1, 2, Why.LATE),
        ([Cause.CHANGED], 0, 1, Why.LATE),
        ([Cause.CHANGED], 2, 1, Why.DELETE),
        ([Cause.AUDIT], 2, 0, Why.DELETE),
        ([Cause.AUDIT, Cause.REWIND], 1, 2, Why.LATE),
        ([Cause.REWIND], 1, 2, Why.REWIND),
        ([Cause.SOURCE], 1, 2, Why.SOURCE),
        ([Cause.FIRST_FILL], 0, 2, None),
        ([Cause.DEFINITION], 0, 2, None),
        ([Cause.MINUTES], 0, 2, None),
        ([Cause.FIRST_FILL, Cause.CHANGED], 0, 2, None),
    ],
)
def test_a_correction_says_what_happened_in_the_source(
    causes: list[Cause], before: int, after: int, why: Why | None
) -> None:
    building = {Cause.FIRST_FILL, Cause.DEFINITION, Cause.MINUTES}
    backlog = [Dirty(SPAN, c, ALL if c in building else frozenset()) for c in causes]

    found = corrections(SHOP, [change(before, after)], backlog, AS_OF, AS_OF + MINUTE)

    assert [item.why for item in found] == ([] if why is None else [why])


def test_a_value_that_changes_while_the_rows_stay_is_an_update() -> None:
    item = change(2, 2)
    item = replace(item, after=replace(item.after, total=Decimal(7)))

    (found,) = corrections(SHOP, [item], [Dirty(SPAN, Cause.CHANGED)], AS_OF, AS_OF + MINUTE)

    assert (found.why, found.before, found.after) == (Why.UPDATE, Decimal(10), Decimal(7))
    assert found.lateness == 30 * MINUTE


def test_the_rows_of_the_bucket_tell_the_reason_for_each_of_its_metrics() -> None:
    """A group that loses rows to another one has lost none: the bucket has as many as before."""
    moved = [change(2, 0, "by_kind")]

    (found,) = corrections(SHOP, moved, [Dirty(SPAN, Cause.CHANGED)], AS_OF, AS_OF + MINUTE)

    assert found.why is Why.UPDATE


def test_a_metric_that_is_newly_declared_makes_no_late_rows_of_an_update() -> None:
    updated = change(2, 2, "by_kind")
    updated = replace(updated, after=replace(updated.after, total=Decimal(7)))
    counted = counting_metric(SHOP)
    assert counted is not None
    backlog = [
        Dirty(SPAN, Cause.DEFINITION, frozenset({counted.name})),
        Dirty(SPAN, Cause.CHANGED),
    ]

    (found,) = corrections(
        SHOP, [change(0, 2, counted.name), updated], backlog, AS_OF, AS_OF + MINUTE
    )

    assert (found.metric, found.why) == ("by_kind", Why.UPDATE)


def test_without_a_metric_that_counts_all_rows_each_speaks_for_itself() -> None:
    orders = "    orders: {agg: count}"
    filtered = shop(orders, f"{orders}\n    sold: {{agg: count, filter: amount > 0}}")
    spec = replace(filtered, metrics={"sold": filtered.metrics["sold"]})
    assert counting_metric(spec) is None

    found = corrections(
        spec, [change(1, 2, "sold")], [Dirty(SPAN, Cause.CHANGED)], AS_OF, AS_OF + MINUTE
    )

    assert [item.why for item in found] == [Why.LATE]


@pytest.mark.parametrize("minutes", [30, 31, 60])
def test_a_minute_that_no_snapshot_has_shown_whole_is_no_correction(minutes: int) -> None:
    item = change(1, 2, minutes=minutes)
    wide = Dirty(Interval(BUCKET, AS_OF + 90 * MINUTE), Cause.CHANGED)

    assert corrections(SHOP, [item], [wide], AS_OF, AS_OF + MINUTE) == []
    assert corrections(SHOP, [change(1, 2)], [wide], None, AS_OF) == []


def test_a_day_ends_where_the_business_day_ends() -> None:
    day = AS_OF.replace(hour=5) - timedelta(days=50)
    item = replace(change(1, 2), place=Place(Grain.DAY, day, "revenue", ()))
    cause = Dirty(Interval(day + 600 * MINUTE, day + 601 * MINUTE), Cause.CHANGED)

    (found,) = corrections(SHOP, [item], [cause], AS_OF, AS_OF)

    assert found.lateness == AS_OF - (day + timedelta(days=1)) + timedelta(hours=1)


def test_a_step_writes_down_so_many_and_no_more() -> None:
    many = [change(1, 2, minutes=-n) for n in range(MOST + 5)]
    wide = Dirty(Interval(BUCKET - 2 * MOST * MINUTE, AS_OF), Cause.SOURCE)

    assert len(corrections(SHOP, many, [wide], AS_OF, AS_OF)) == MOST


def test_the_table_shows_both_values_the_reason_and_how_much_later() -> None:
    grouped = replace(change(1, 3), place=Place(Grain.MINUTE, BUCKET, "by_kind", ("FOOD",)))
    causes = [Dirty(SPAN, Cause.REWIND)]
    found = corrections(SHOP, [change(1, 2), grouped], causes, AS_OF, AS_OF + MINUTE)

    table = correction_table(found, SHOP.timezone, left_out=2)

    assert table.left_out == 2
    assert table.rows == (
        ("by_kind: FOOD", ("2026-11-24 06:30", "5", "15", "rewind", "30m later")),
        ("revenue", ("2026-11-24 06:30", "5", "10", "rewind", "30m later")),
    )


def test_no_late_row_is_told_as_such() -> None:
    none = Lateness(
        since=AS_OF, rows=10, late=0, half=None, most=None, nearly_all=None, latest=None
    )

    assert lateness_sentence(none) == "since 2026-11-24 12:00 none of 10 rows came late"
