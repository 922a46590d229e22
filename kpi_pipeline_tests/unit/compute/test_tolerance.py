from decimal import Decimal

import pytest

from kpi_pipeline.compute.aggregation import error_of
from kpi_pipeline.compute.tolerance import near, tolerance
from kpi_pipeline.model.composed import RatioMetric
from kpi_pipeline.model.metric import Aggregation, SimpleMetric

EXACT = SimpleMetric(name="exact", agg=Aggregation.COUNT)
MEDIAN = SimpleMetric(
    name="median",
    agg=Aggregation.PERCENTILE,
    percentile=Decimal("0.5"),
    relative_error=Decimal("0.01"),
)
USERS = SimpleMetric(name="users", agg=Aggregation.COUNT_DISTINCT, approximate=True)


def test_estimates_say_their_error_and_exact_numbers_have_none() -> None:
    ratio = RatioMetric(name="ratio", numerator="median", denominator="users")

    assert [error_of(metric) for metric in (EXACT, MEDIAN, USERS, ratio)] == [
        None,
        Decimal("0.01"),
        Decimal("0.0081"),
        None,
    ]


@pytest.mark.parametrize(
    ("parts", "bound"),
    [
        ((EXACT,), None),
        ((EXACT, EXACT), None),
        ((MEDIAN,), "0.01"),
        ((USERS,), "0.0324"),
        ((MEDIAN, EXACT), "0.0202"),
        ((EXACT, MEDIAN), "0.0202"),
        ((MEDIAN, MEDIAN), "0.0408"),
    ],
)
def test_a_quotient_has_the_error_of_both_sides(
    parts: tuple[SimpleMetric, ...], bound: str | None
) -> None:
    found = tolerance(parts)

    assert (found and round(found, 4)) == (None if bound is None else Decimal(bound))


@pytest.mark.parametrize(
    ("parts", "ours", "exact", "fits"),
    [
        pytest.param((MEDIAN,), "10.1", "10", True, id="at the bound"),
        pytest.param((MEDIAN,), "10.11", "10", False, id="beyond it"),
        pytest.param((MEDIAN,), "-9.9", "-10", True, id="below zero"),
        pytest.param((MEDIAN,), "0", "0.001", False, id="zero is exact"),
        pytest.param((MEDIAN,), "NaN", "NaN", True, id="no numbers"),
        pytest.param((MEDIAN,), "1", "NaN", False, id="one is no number"),
        pytest.param((MEDIAN,), None, None, True, id="nothing"),
        pytest.param((MEDIAN,), None, "0", False, id="nothing is not zero"),
        pytest.param((MEDIAN,), "9.99e299", "Infinity", True, id="an infinite one"),
        pytest.param((MEDIAN,), "0", "-1e-310", True, id="one next to zero"),
        pytest.param((USERS,), "9", "10", True, id="few values may collide"),
        pytest.param((USERS,), "96", "100", False, id="but not many"),
        pytest.param((USERS,), "103000", "100000", True, id="many within four errors"),
        pytest.param((EXACT,), "1", "1.01", False, id="an exact one is exact"),
    ],
)
def test_an_estimate_is_near_within_its_error(
    parts: tuple[SimpleMetric, ...], ours: str | None, exact: str | None, *, fits: bool
) -> None:
    both = (None if text is None else Decimal(text) for text in (ours, exact))

    assert near(parts, *both) is fits
