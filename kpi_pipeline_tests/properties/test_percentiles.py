"""An estimated percentile is never further from the exact one than it says."""

from collections import Counter
from decimal import Decimal
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.statistic import bins
from kpi_pipeline.compute.statistic.bins import Bins, bin_of
from kpi_pipeline.compute.tolerance import near
from kpi_pipeline.model.metric import GREATEST_ERROR, LEAST_ERROR, Aggregation, SimpleMetric

LARGE = Decimal("1e299")
errors = st.decimals(LEAST_ERROR, GREATEST_ERROR, places=6)
percentiles = st.decimals("0.000001", "0.999999", places=6)
money = st.decimals(-(10**9), 10**9, places=2)
wide = st.tuples(st.decimals("1", "9.999", places=3), st.integers(-298, 298)).map(
    lambda pair: pair[0].scaleb(pair[1])
)
numbers = st.one_of(money, wide, wide.map(lambda number: -number), st.just(Decimal(0)))


def bins_of(values: list[Decimal], percentile: Decimal, error: Decimal) -> bytes:
    counts = Counter(bin_of(value, error) for value in values)
    return bins.encode(Bins(percentile=percentile, relative_error=error, counts=counts))


@given(st.lists(numbers, min_size=1, max_size=200), percentiles, errors)
def test_the_estimate_is_within_its_error(
    values: list[Decimal], percentile: Decimal, error: Decimal
) -> None:
    exact = sorted(values)[max(1, ceil(float(percentile) * len(values))) - 1]
    estimate = bins.value(bins_of(values, percentile, error))

    assert estimate is not None
    assert abs(estimate - exact) <= error * abs(exact)
    assert len(estimate.as_tuple().digits) <= 6


@given(numbers, numbers, errors)
def test_bins_are_in_the_order_of_the_numbers(a: Decimal, b: Decimal, error: Decimal) -> None:
    less, more = sorted((a, b))

    assert bin_of(less, error) <= bin_of(more, error) < bin_of(Decimal("NaN"), error)
    assert bin_of(-a, error) == -bin_of(a, error)


@given(
    st.lists(numbers | st.sampled_from(("NaN", "Infinity", "-1e400", "1e-400")).map(Decimal)),
    percentiles,
)
def test_whatever_is_counted_the_proof_takes_it_for_near(
    values: list[Decimal], percentile: Decimal
) -> None:
    error = Decimal("0.01")
    metric = SimpleMetric(
        name="m", agg=Aggregation.PERCENTILE, percentile=percentile, relative_error=error
    )
    order = sorted(values, key=lambda v: (v.is_nan(), Decimal(0) if v.is_nan() else v))
    rank = max(1, ceil(float(percentile) * len(values))) - 1
    exact = order[rank] if values else None

    assert near((metric,), bins.value(bins_of(values, percentile, error)), exact)
