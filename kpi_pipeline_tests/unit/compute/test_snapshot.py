from datetime import datetime
from decimal import Decimal

import pytest

from kpi_pipeline.compute.frames import Asked, Held, Totals
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.snapshot import asked_of, pairs_of
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.model.moment import EARLIEST, MINUTE, Interval
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.state import Cause, Dirty
from kpi_pipeline.model.term import Term
from kpi_pipeline.model.window import Frame, Reach
from kpi_pipeline_tests.unit.builders import AS_OF, sales
from kpi_pipeline_tests.unit.compute import views
from kpi_pipeline_tests.unit.compute.views import Readings, span_of

HOUR_AGO = AS_OF - 59 * MINUTE
DAY = Span(days=1)
DAY_BEFORE = Frame(reach=Reach(trailing=DAY)).moved(DAY)
DAY_START = AS_OF + MINUTE - 48 * 60 * MINUTE
EVER_BEFORE = Frame().moved(DAY)
TOTALS: Totals = {
    ("total_revenue", ()): Partial(rows=4, n=4, total=Decimal(100)),
    ("transaction_count", ()): Partial(rows=4, n=4),
    ("unique_users", ()): Partial(rows=4, n=4, sketch=members.encode([1, 2, 3])),
    ("revenue_by_type", ("retail",)): Partial(rows=3, n=3, total=Decimal(90)),
    ("revenue_by_type", ("coupon",)): Partial(rows=1, n=1, total=Decimal(10)),
    ("revenue_by_type", (None,)): Partial(rows=0, n=0),
}
KPIS = [
    "total_revenue",
    "transaction_count",
    "unique_users",
    "revenue_by_type",
    "avg_order_value",
]


SPEC = sales()
HOUR = SPEC.windows["last_60m"]
NOW = span_of(SPEC, Frame(reach=HOUR.reach))
BEFORE = span_of(SPEC, Frame(reach=HOUR.reach).moved(HOUR.offset))


def read(
    totals: Totals, baseline: Totals | None = None, building: frozenset[str] = frozenset()
) -> Readings:
    dirty = [Dirty(Interval(HOUR_AGO, AS_OF), Cause.DEFINITION, building)]
    since = EARLIEST if baseline is not None else HOUR_AGO
    found = {NOW: totals, BEFORE: baseline or {}}
    return views.read(SPEC, "last_60m", found, history_from=since, dirty=dirty)


def test_every_kpi_is_read_and_a_grouped_one_once_a_group() -> None:
    found = {key: reading.value for key, reading in read(TOTALS).items()}

    assert found == {
        ("total_revenue", ()): Decimal(100),
        ("transaction_count", ()): Decimal(4),
        ("unique_users", ()): Decimal(3),
        ("revenue_by_type", ("coupon",)): Decimal(10),
        ("revenue_by_type", ("retail",)): Decimal(90),
        ("revenue_by_type", (None,)): Decimal(0),
        ("avg_order_value", ()): Decimal(25),
    }


def test_groups_come_in_order_and_the_missing_value_last() -> None:
    groups = [dims for name, dims in read(TOTALS) if name == "revenue_by_type"]

    assert groups == [("coupon",), ("retail",), (None,)]


def test_a_reading_has_all_there_is_to_know() -> None:
    assert read(TOTALS)["avg_order_value", ()] == Reading(
        metric="avg_order_value",
        window="last_60m",
        dims=(),
        value=Decimal(25),
        rows=4,
        unit="USD",
        start=HOUR_AGO,
        end=AS_OF + MINUTE,
        baseline=None,
        building=False,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("total_revenue", Decimal(0), id="a sum is zero"),
        pytest.param("transaction_count", Decimal(0), id="a count is zero"),
        pytest.param("unique_users", Decimal(0), id="nobody came"),
        pytest.param("avg_order_value", None, id="an average is null, never zero"),
    ],
)
def test_a_quiet_window_has_its_values_too(name: str, expected: Decimal | None) -> None:
    found = read({})[name, ()]

    assert (found.value, found.rows) == (expected, 0)


def test_a_group_without_rows_is_not_made_up() -> None:
    assert [name for name, _ in read({})] == [name for name in KPIS if name != "revenue_by_type"]


def test_a_baseline_is_read_as_the_window_is() -> None:
    before: Totals = {
        ("total_revenue", ()): Partial(rows=5, n=5, total=Decimal(80)),
        ("transaction_count", ()): Partial(rows=5, n=5),
        ("revenue_by_type", ("retail",)): Partial(rows=5, n=5, total=Decimal(80)),
    }

    found = {key: reading.baseline for key, reading in read(TOTALS, before).items()}

    assert found == {
        ("total_revenue", ()): Decimal(80),
        ("transaction_count", ()): Decimal(5),
        ("unique_users", ()): Decimal(0),
        ("revenue_by_type", ("coupon",)): Decimal(0),
        ("revenue_by_type", ("retail",)): Decimal(80),
        ("revenue_by_type", (None,)): Decimal(0),
        ("avg_order_value", ()): Decimal(16),
    }


@pytest.mark.parametrize(
    ("building", "expected"),
    [
        pytest.param("total_revenue", {"total_revenue", "avg_order_value"}, id="a numerator"),
        pytest.param(
            "transaction_count", {"transaction_count", "avg_order_value"}, id="a denominator"
        ),
        pytest.param("revenue_by_type", {"revenue_by_type"}, id="a grouped metric"),
    ],
)
def test_a_ratio_is_building_while_one_of_its_parts_is(building: str, expected: set[str]) -> None:
    found = read(TOTALS, building=frozenset({building}))

    assert {reading.metric for reading in found.values() if reading.building} == expected


@pytest.mark.parametrize(
    ("frame", "history_from", "expected"),
    [
        pytest.param(DAY_BEFORE, DAY_START, True, id="just long enough"),
        pytest.param(DAY_BEFORE, DAY_START + MINUTE, False, id="a minute too short"),
        pytest.param(DAY_BEFORE, None, False, id="no history"),
        pytest.param(Frame(), None, True, id="a lifetime is all that there is"),
        pytest.param(EVER_BEFORE, DAY_START, True, id="a lifetime a day ago"),
        pytest.param(EVER_BEFORE, AS_OF, False, id="a lifetime before there was any row"),
    ],
)
def test_what_is_compared_must_lie_in_history_whole(
    frame: Frame, history_from: datetime | None, *, expected: bool
) -> None:
    held = Held(as_of=AS_OF, zone=SPEC.timezone, history_from=history_from)

    assert held.ready(Term("total_revenue", frame, whole=True)) is expected
    assert held.ready(Term("total_revenue", frame))


def test_only_what_building_metrics_need_is_not_compared() -> None:
    dirty = [Dirty(Interval(EARLIEST, AS_OF), Cause.DEFINITION, frozenset({"total_revenue"}))]

    found = views.read(SPEC, "last_60m", {}, dirty=dirty)

    assert found["total_revenue", ()].baseline is None
    assert found["avg_order_value", ()].baseline is None
    assert found["transaction_count", ()].baseline == 0
    assert found["avg_order_value", ()].building


def test_a_look_for_the_rules_reads_no_more_than_they_need() -> None:
    held = Held(as_of=AS_OF, zone=SPEC.timezone, history_from=EARLIEST)
    some = pairs_of(SPEC, {("avg_order_value", "last_60m"), ("total_revenue", "last_60m")})

    assert asked_of(held, some) == (Asked(NOW, frozenset({"total_revenue", "transaction_count"})),)
    assert len(asked_of(held, pairs_of(SPEC))) == 5


def test_what_a_group_without_rows_would_read_is_told_of_grouped_metrics_alone() -> None:
    found = views.absent(SPEC, "last_60m", {NOW: TOTALS})

    assert [(*key, reading.value) for key, reading in found.items()] == [
        ("revenue_by_type", (), Decimal(0))
    ]
