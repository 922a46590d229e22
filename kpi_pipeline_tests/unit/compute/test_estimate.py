from decimal import Decimal

from kpi_pipeline.compute.estimate import sketch_of
from kpi_pipeline.compute.statistic import bins, registers
from kpi_pipeline.model.batch import Aggregate
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline_tests.unit.builders import AS_OF

MEDIAN = SimpleMetric(name="m", agg=Aggregation.PERCENTILE, expr="x", percentile=Decimal("0.5"))
USERS = SimpleMetric(name="m", agg=Aggregation.COUNT_DISTINCT, expr="x")
ABOUT = SimpleMetric(name="m", agg=Aggregation.COUNT_DISTINCT, expr="x", approximate=True)


def item(**more: object) -> Aggregate:
    return Aggregate(bucket=AS_OF, metric="m", dims=(), rows=9, n=2, **more)  # type: ignore[arg-type]


def test_a_percentile_keeps_its_bins() -> None:
    made = sketch_of(item(bins={0: 2}), MEDIAN)

    assert made is not None
    assert bins.decode(made).counts == {0: 2}
    assert bins.decode(made).relative_error == Decimal("0.01")


def test_an_approximate_count_keeps_registers_and_an_exact_one_nothing_here() -> None:
    members = item(members=("a", "b"))

    assert sketch_of(members, ABOUT) == registers.encode(["a", "b"])
    assert sketch_of(members, USERS) is None


def test_rows_without_a_value_make_no_sketch() -> None:
    found = [sketch_of(item(), metric) for metric in (MEDIAN, USERS, ABOUT)]

    assert [*found, sketch_of(item(bins={}), MEDIAN)] == [None] * 4
