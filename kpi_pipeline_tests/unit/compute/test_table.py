from dataclasses import replace
from decimal import Decimal

from kpi_pipeline.compute.table import MOST_GROUPS, kpi_table
from kpi_pipeline_tests.unit.builders import reading, snapshot


def test_plain_kpis_come_first_and_groups_by_size() -> None:
    small, big = reading("1", dims=("small",)), reading("9", dims=("big",))
    nothing, infinite = reading(None, dims=("nothing",)), reading("NaN", dims=("nan",))

    table = kpi_table(snapshot(small, nothing, big, infinite, reading("5")))

    assert [label for label, _ in table.rows] == [
        "average",
        "average: big",
        "average: small",
        "average: nothing",
        "average: nan",
    ]


def test_a_cell_has_unit_change_and_whether_it_is_still_building() -> None:
    money = replace(
        reading("30"), unit="USD", baseline=Decimal(20), building=True, window="lifetime"
    )
    age = replace(reading("7200"), unit="s")

    table = kpi_table(snapshot(money, age))

    assert table.windows == ("lifetime", "today")
    assert table.rows == (("average", ("30.00 USD (+50.0 %) (building)", "2h")),)


def test_a_cell_that_is_building_says_how_far() -> None:
    found = replace(snapshot(replace(reading("3"), building=True)), filled={"average": 42})

    assert kpi_table(found).rows == (("average", ("3 (building 42 %)",)),)


def test_a_group_without_a_value_in_a_window_has_a_dash() -> None:
    table = kpi_table(snapshot(reading("1", dims=("a",)), replace(reading("2"), window="hour")))

    assert table.rows == (("average", ("-", "2")), ("average: a", ("1", "-")))


def test_only_so_many_groups_are_shown_and_the_rest_is_counted() -> None:
    many = [reading(str(n), dims=(f"g{n}",)) for n in range(MOST_GROUPS + 7)]

    table = kpi_table(snapshot(*many))

    assert (len(table.rows), table.left_out) == (MOST_GROUPS, 7)
