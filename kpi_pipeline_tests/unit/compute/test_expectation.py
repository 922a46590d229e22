"""Expected values against a snapshot's."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_pipeline.compute.aggregation import DIVISION
from kpi_pipeline.compute.expectation import Mismatch, holds, mismatches
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.case import Case, Expectation, Wanted
from kpi_pipeline_tests.unit.builders import AS_OF, reading, snapshot

THIRD = DIVISION.divide(Decimal(10), Decimal(3))


@pytest.mark.parametrize(
    ("wanted", "actual", "equal"),
    [
        ("10.50", Decimal("10.5"), True),
        ("10.5", Decimal("10.50000000001"), False),
        ("0", None, False),
        (None, Decimal(0), False),
        (None, None, True),
        ("NaN", Decimal("NaN"), True),
        ("1", Decimal("NaN"), False),
        ("Infinity", Decimal("Infinity"), True),
        ("3.33", THIRD, True),
        ("3.34", THIRD, False),
        ("3", THIRD, False),
        ("3.3", Decimal("3.33"), False),
    ],
)
def test_values_are_compared_as_decimals(
    wanted: str | None, actual: Decimal | None, *, equal: bool
) -> None:
    value = None if wanted is None else Decimal(wanted)

    assert holds(Wanted(value=value), actual) == equal


@pytest.mark.parametrize(
    ("actual", "equal"), [("101", True), ("99", True), ("101.01", False), ("98.99", False)]
)
def test_an_estimate_may_be_off_by_a_part(actual: str, *, equal: bool) -> None:
    wanted = Wanted(value=Decimal(100), within=Decimal("0.01"))

    assert holds(wanted, Decimal(actual)) == equal


def test_every_group_is_compared_whether_expected_or_found() -> None:
    found = snapshot(
        reading("1", dims=("a",)), reading("2", dims=("b",)), reading("3", dims=("d",))
    )
    numbers: dict[Dims, int] = {("a",): 1, ("b",): 5, ("c",): 9}
    values = {dims: Wanted(value=Decimal(number)) for dims, number in numbers.items()}
    case = Case(
        name="groups",
        as_of=AS_OF,
        columns={},
        batches=(),
        expected=(Expectation(metric="average", window="today", values=values),),
        place="a.yaml:1",
    )
    differing = Mismatch(metric="average", window="today", dims=("b",), expected="5", actual="2")

    assert mismatches(case, found) == (
        differing,
        replace(differing, dims=("c",), expected="9", actual="no such group"),
        replace(differing, dims=("d",), expected="no such group", actual="3"),
    )


def test_the_tolerance_is_told_with_the_value() -> None:
    wanted: dict[Dims, Wanted] = {(): Wanted(value=Decimal(5), within=Decimal("0.010"))}
    case = Case(
        name="near",
        as_of=AS_OF,
        columns={},
        batches=(),
        expected=(Expectation(metric="average", window="today", values=wanted),),
        place="a.yaml:1",
    )
    (found,) = mismatches(case, snapshot(reading("7")))

    assert (found.expected, found.actual) == ("5 within 1 %", "7")
