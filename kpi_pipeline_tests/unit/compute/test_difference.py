from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.difference import Place, differences, rolled, same
from kpi_pipeline.compute.partial import ZERO, Partial
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import MINUTE, Interval
from kpi_pipeline_tests.unit.builders import AS_OF

ONE = Partial(rows=1, n=1, total=Decimal("1.0"))
MANY = members.encode(range(5000))
DAY = Interval(AS_OF, AS_OF + timedelta(days=1))


def place(minutes: int, metric: str = "revenue") -> Place:
    return Place(Grain.MINUTE, AS_OF + minutes * MINUTE, metric, ())


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        pytest.param(ONE, ONE, True, id="the same"),
        pytest.param(ONE, Partial(rows=1, n=1, total=Decimal("1.00")), True, id="another scale"),
        pytest.param(ONE, Partial(rows=1, n=1, total=Decimal(2)), False, id="another sum"),
        pytest.param(ONE, Partial(rows=1, n=1), False, id="no sum"),
        pytest.param(ONE, Partial(rows=2, n=1, total=Decimal(1)), False, id="more rows"),
        pytest.param(
            Partial(total=Decimal("NaN")), Partial(total=Decimal("NaN")), True, id="no number twice"
        ),
        pytest.param(Partial(high=Decimal(1)), Partial(high=Decimal(2)), False, id="greatest"),
        pytest.param(Partial(low=Decimal(1)), Partial(low=Decimal(2)), False, id="least"),
        pytest.param(Partial(sketch=MANY), Partial(sketch=MANY), True, id="members"),
        pytest.param(
            Partial(sketch=MANY), Partial(sketch=members.encode([1])), False, id="other members"
        ),
        pytest.param(Partial(sketch=MANY), Partial(), False, id="no members"),
    ],
)
def test_partials_are_the_same_if_they_mean_the_same(
    left: Partial,
    right: Partial,
    equal: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


def test_what_is_on_one_side_only_differs_from_nothing() -> None:
    found = differences({place(0): ONE, place(2): ONE}, {place(1): ONE, place(2): ONE})

    assert [(item.place, item.before, item.after) for item in found] == [
        (place(0), ONE, ZERO),
        (place(1), ZERO, ONE),
    ]


def test_the_minutes_of_a_day_make_the_day() -> None:
    minutes = {place(0): ONE, place(90): ONE, place(1440): ONE, place(5, "orders"): Partial(rows=4)}

    assert rolled(minutes, Grain.DAY, [DAY]) == {
        Place(Grain.DAY, AS_OF, "revenue", ()): Partial(rows=2, n=2, total=Decimal(2)),
        Place(Grain.DAY, AS_OF, "orders", ()): Partial(rows=4),
    }
