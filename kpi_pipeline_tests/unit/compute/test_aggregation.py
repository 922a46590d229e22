from decimal import Decimal

import pytest

from kpi_pipeline.compute.aggregation import divide, value_of
from kpi_pipeline.compute.partial import ZERO, Partial
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.model.metric import Aggregation

SOME = Partial(
    rows=4,
    n=3,
    total=Decimal("7.50"),
    low=Decimal(-1),
    high=Decimal(8),
    sketch=members.encode([4, 5]),
)


@pytest.mark.parametrize(
    ("agg", "expected"),
    [
        pytest.param(Aggregation.COUNT, Decimal(3), id="a count is of values, not of rows"),
        pytest.param(Aggregation.SUM, Decimal("7.50"), id="a sum"),
        pytest.param(Aggregation.AVERAGE, Decimal("2.5"), id="an average is over values"),
        pytest.param(Aggregation.MIN, Decimal(-1), id="the least"),
        pytest.param(Aggregation.MAX, Decimal(8), id="the greatest"),
        pytest.param(Aggregation.COUNT_DISTINCT, Decimal(2), id="distinct members"),
    ],
)
def test_every_aggregation_reads_its_value(agg: Aggregation, expected: Decimal) -> None:
    assert value_of(agg, SOME) == expected


@pytest.mark.parametrize(
    ("agg", "expected"),
    [
        pytest.param(Aggregation.COUNT, Decimal(0), id="a count of nothing is zero"),
        pytest.param(Aggregation.SUM, Decimal(0), id="a sum of nothing is zero"),
        pytest.param(Aggregation.AVERAGE, None, id="an average of nothing is null, never zero"),
        pytest.param(Aggregation.MIN, None, id="nothing has no least"),
        pytest.param(Aggregation.MAX, None, id="nothing has no greatest"),
        pytest.param(Aggregation.COUNT_DISTINCT, Decimal(0), id="no distinct members"),
    ],
)
def test_every_aggregation_has_a_value_of_nothing(
    agg: Aggregation, expected: Decimal | None
) -> None:
    assert (value_of(agg, ZERO), value_of(agg, Partial(rows=9))) == (expected, expected)


@pytest.mark.parametrize(
    ("top", "bottom", "expected"),
    [
        pytest.param("10", "4", "2.5", id="a quotient"),
        pytest.param("1", "3", f"0.{'3' * 34}", id="34 digits where it has no end"),
        pytest.param("0", "4", "0", id="nothing of something is zero"),
        pytest.param("10", "0", None, id="nothing to divide by"),
        pytest.param("0", "0", None, id="nothing by nothing"),
        pytest.param(None, "4", None, id="no numerator"),
        pytest.param("10", None, None, id="no denominator"),
        pytest.param("NaN", "4", None, id="not a number"),
        pytest.param("10", "NaN", None, id="by not a number"),
        pytest.param("Infinity", "Infinity", None, id="not finite"),
    ],
)
def test_a_quotient_is_null_where_it_means_nothing(
    top: str | None, bottom: str | None, expected: str | None
) -> None:
    quotient = divide(
        None if top is None else Decimal(top), None if bottom is None else Decimal(bottom)
    )

    assert quotient == (None if expected is None else Decimal(expected))
