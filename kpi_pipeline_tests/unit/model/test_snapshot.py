from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_pipeline_tests.unit.builders import reading, snapshot


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [
        pytest.param("150", "100", Decimal(50), id="half as much again"),
        pytest.param("50", "100", Decimal(-50), id="half as much"),
        pytest.param("-50", "-100", Decimal(50), id="a smaller loss is a rise"),
        pytest.param("0", "100", Decimal(-100), id="nothing left"),
        pytest.param("5", "0", None, id="a baseline of zero"),
        pytest.param("5", None, None, id="no baseline"),
        pytest.param(None, "5", None, id="no value"),
    ],
)
def test_a_change_is_told_in_percent_of_the_baseline(
    value: str | None, baseline: str | None, expected: Decimal | None
) -> None:
    compared = replace(reading(value), baseline=None if baseline is None else Decimal(baseline))

    assert compared.delta_percent == expected


def test_a_metric_over_a_window_is_found_with_all_its_groups() -> None:
    deli, bakery = reading("1", dims=("DELI",)), reading("2", dims=("BAKERY",))
    others = (replace(deli, metric="orders"), replace(deli, window="hour"))

    found = snapshot(deli, *others, bakery).find("average", "today")

    assert found == (deli, bakery)
