from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.numbers import format_age, format_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "-", id="nothing is a dash"),
        pytest.param("0", "0", id="zero is a number"),
        pytest.param("7.00", "7", id="whole numbers are whole"),
        pytest.param("1234567", "1,234,567", id="thousands are separated"),
        pytest.param("-1234.5", "-1,234.50", id="others have two decimals"),
        pytest.param("37.205", "37.20", id="a half goes to the even digit"),
        pytest.param("37.215", "37.22", id="and here it goes up"),
        pytest.param("0.1", "0.10", id="a fraction"),
        pytest.param(
            "9" * 30 + ".5", ",".join(["999"] * 10) + ".50", id="more digits than a float"
        ),
        pytest.param("1e41", "1.000000e+41", id="absurdly large"),
        pytest.param("NaN", "NaN", id="not a number"),
        pytest.param("-Infinity", "-Infinity", id="not finite"),
    ],
)
def test_a_number_is_written_for_people(value: str | None, expected: str) -> None:
    assert format_number(None if value is None else Decimal(value)) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(timedelta(0), "0s", id="no time"),
        pytest.param(timedelta(microseconds=1), "0s", id="hardly any"),
        pytest.param(timedelta(seconds=-5), "0s", id="a clock that went back"),
        pytest.param(timedelta(seconds=59), "59s", id="seconds"),
        pytest.param(timedelta(minutes=3), "3m", id="a round number has one unit"),
        pytest.param(timedelta(hours=2, minutes=5, seconds=9), "2h 5m", id="two units at most"),
        pytest.param(timedelta(days=400, hours=1), "400d 1h", id="days are the largest"),
    ],
)
def test_an_age_has_its_two_largest_units(age: timedelta, expected: str) -> None:
    assert format_age(age) == expected
