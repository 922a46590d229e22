from decimal import Decimal
from functools import reduce

import pytest

from kpi_pipeline.compute.partial import ZERO, Partial, merge
from kpi_pipeline.compute.statistic import members

FIVE = Partial(rows=2, n=1, total=Decimal(5), low=Decimal(5), high=Decimal(5))
SEVEN = Partial(rows=3, n=3, total=Decimal("7.50"), low=Decimal(-1), high=Decimal(8))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(ZERO, ZERO, ZERO, id="nothing and nothing"),
        pytest.param(FIVE, ZERO, FIVE, id="something and nothing"),
        pytest.param(ZERO, FIVE, FIVE, id="nothing and something"),
        pytest.param(
            FIVE,
            SEVEN,
            Partial(rows=5, n=4, total=Decimal("12.50"), low=Decimal(-1), high=Decimal(8)),
            id="two of them",
        ),
        pytest.param(
            Partial(sketch=members.encode([1, 2])),
            Partial(sketch=members.encode([2, 3])),
            Partial(sketch=members.encode([1, 2, 3])),
            id="members are united, not added",
        ),
        pytest.param(
            Partial(rows=1, sketch=members.encode([1])),
            Partial(rows=2),
            Partial(rows=3, sketch=members.encode([1])),
            id="rows without a value have no members",
        ),
    ],
)
def test_two_partials_are_one(left: Partial, right: Partial, expected: Partial) -> None:
    assert merge(left, right) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param("0.1", "0.2", "0.3", id="no binary fractions"),
        pytest.param("1e30", "1e-30", f"1{'0' * 30}.{'0' * 29}1", id="sixty digits"),
        pytest.param("9" * 1000, "1", "1" + "0" * 1000, id="a thousand digits"),
    ],
)
def test_a_sum_is_never_rounded(left: str, right: str, expected: str) -> None:
    total = merge(Partial(total=Decimal(left)), Partial(total=Decimal(right))).total

    assert total == Decimal(expected)


@pytest.mark.parametrize(
    ("partials", "expected"),
    [
        pytest.param([], ZERO, id="none is zero"),
        pytest.param([FIVE], FIVE, id="one is itself"),
        pytest.param([FIVE, ZERO, SEVEN], merge(FIVE, SEVEN), id="several"),
    ],
)
def test_any_number_of_partials_is_one(partials: list[Partial], expected: Partial) -> None:
    assert reduce(merge, partials, ZERO) == expected
