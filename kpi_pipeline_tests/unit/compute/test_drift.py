from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.difference import Difference, Place
from kpi_pipeline.compute.drift import difference_of, drifts_of
from kpi_pipeline.compute.partial import ZERO, Partial
from kpi_pipeline.compute.reconciliation import audit_sentence, drift_table
from kpi_pipeline.model.audit import Audit, Drift
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import MINUTE, Interval
from kpi_pipeline_tests.unit.builders import AS_OF, shop

SHOP = shop()
DAY = AS_OF.replace(hour=5)
STATE = Partial(rows=3, n=3, total=Decimal(30))
SOURCE = Partial(rows=2, n=2, total=Decimal("20.50"))


def minute(metric: str = "revenue", after: Partial = SOURCE) -> Difference:
    return Difference(Place(Grain.MINUTE, AS_OF, metric, ()), STATE, after)


def day(metric: str = "revenue") -> Difference:
    return Difference(Place(Grain.DAY, DAY, metric, ()), STATE, SOURCE)


def audit(drifts: list[Drift], **more: object) -> Audit:
    plain: dict[str, object] = {
        "at": AS_OF,
        "interval": Interval(DAY, AS_OF),
        "complete": True,
        "all_history": True,
        "buckets": 1234,
        "rows": 99,
        "pending": 0,
        "drifted": len(drifts),
        "drifts": tuple(drifts),
        "difference": difference_of(SHOP, drifts),
    }
    return Audit(**(plain | more))  # type: ignore[arg-type]


def test_a_drift_shows_both_values_and_both_counts() -> None:
    (found,) = drifts_of(SHOP, [minute()], [])

    assert (found.state, found.source) == (Decimal(30), Decimal("20.50"))
    assert (found.state_rows, found.source_rows) == (3, 2)
    assert (found.bucket, found.end) == (AS_OF, AS_OF + MINUTE)


def test_what_waits_to_be_folded_is_no_drift() -> None:
    waiting = [Interval(AS_OF, AS_OF + MINUTE)]

    assert drifts_of(SHOP, [minute(), day()], waiting) == []


def test_a_day_is_told_only_if_none_of_its_minutes_says_why() -> None:
    other_day = Difference(Place(Grain.DAY, DAY - timedelta(days=1), "revenue", ()), STATE, SOURCE)

    found = drifts_of(SHOP, [minute(), day(), day("orders"), other_day], [])

    assert [(d.grain, d.metric, d.bucket) for d in found] == [
        (Grain.MINUTE, "revenue", AS_OF),
        (Grain.DAY, "orders", DAY),
        (Grain.DAY, "revenue", DAY - timedelta(days=1)),
    ]


def test_the_difference_adds_up_what_can_be_added() -> None:
    spec = shop(
        "    orders: {agg: count}", "    orders: {agg: count}\n    top: {agg: max, expr: a}"
    )
    found = drifts_of(
        spec, [minute(), minute("orders"), minute("top"), minute("by_kind", ZERO)], []
    )

    assert difference_of(spec, found) == {
        "revenue": Decimal("9.50"),
        "orders": Decimal(1),
        "by_kind": Decimal(30),
    }


def test_only_a_folded_metric_can_drift() -> None:
    with pytest.raises(TypeError, match="average"):
        drifts_of(SHOP, [minute("average")], [])


def test_the_sentence_says_when_how_far_back_and_by_how_much() -> None:
    drifts = drifts_of(SHOP, [minute()], [])
    zone = SHOP.timezone

    assert audit_sentence(audit([]), zone) == (
        "verified 2026-11-24 07:00, difference 0; 1,234 values since 2026-11-24 00:00 "
        "(all of history)"
    )
    assert audit_sentence(audit([], complete=False), zone).endswith("(a part of history)")
    assert "1 values differ (state minus source: revenue +9.50)" in audit_sentence(
        audit(drifts), zone
    )
    assert audit_sentence(audit(drifts), zone).endswith("; not mended")
    assert audit_sentence(audit(drifts, queued=60), zone).endswith(
        "; 60 minutes queued to be folded again"
    )
    nothing_adds_up = audit_sentence(audit(drifts, difference={}), zone)
    assert "1 values differ; " in nothing_adds_up


def test_the_table_has_a_row_a_bucket() -> None:
    grouped = Difference(Place(Grain.DAY, DAY, "by_kind", ("FOOD",)), STATE, ZERO)
    found = audit(drifts_of(SHOP, [minute(), grouped], []), drifted=60)

    table = drift_table(found, SHOP.timezone)

    assert table.left_out == 10
    assert table.rows == (
        ("revenue", ("2026-11-24 07:00", "30", "20.50", "3", "2")),
        ("by_kind: FOOD", ("2026-11-24 00:00 (day)", "30", "0", "3", "0")),
    )
