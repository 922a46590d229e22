from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pytest

from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.snapshot import Totals, WindowTotals, comparable, readings
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline_tests.unit.builders import AS_OF, sales

HOUR_AGO = AS_OF - 60 * MINUTE
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


def read(
    totals: Totals, baseline: Totals | None = None, building: frozenset[str] = frozenset()
) -> Mapping[tuple[str, Dims], Reading]:
    window = WindowTotals(
        name="last_60m",
        bounds=Bounds(HOUR_AGO, AS_OF),
        totals=totals,
        baseline=baseline,
        building=building,
    )
    return {(found.metric, found.dims): found for found in readings(sales(), (window,))}


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
        end=AS_OF,
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


def test_a_metric_that_lacks_its_baselines_history_is_compared_with_nothing() -> None:
    window = WindowTotals(
        name="last_60m",
        bounds=Bounds(HOUR_AGO, AS_OF),
        totals=TOTALS,
        baseline=TOTALS,
        building=frozenset(),
        unready=frozenset({"total_revenue"}),
    )
    found = {r.metric for r in readings(sales(), (window,)) if r.baseline is None}

    assert found == {"total_revenue", "avg_order_value"}


@pytest.mark.parametrize(
    ("start", "history_from", "expected"),
    [
        pytest.param(HOUR_AGO, HOUR_AGO, True, id="just long enough"),
        pytest.param(HOUR_AGO, HOUR_AGO + MINUTE, False, id="a minute too short"),
        pytest.param(HOUR_AGO, None, False, id="no history"),
        pytest.param(None, HOUR_AGO, False, id="a lifetime is longer than any history"),
    ],
)
def test_a_baseline_is_compared_only_where_history_holds_all_of_it(
    start: datetime | None, history_from: datetime | None, *, expected: bool
) -> None:
    assert comparable(Bounds(start, AS_OF), history_from) is expected
