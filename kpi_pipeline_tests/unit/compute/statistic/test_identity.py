import pytest

from kpi_pipeline.compute.statistic.identity import NUMBERS, Value, members_of, number_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0, NUMBERS, id="the least"),
        pytest.param("0", NUMBERS, id="as text"),
        pytest.param(NUMBERS - 1, 2 * NUMBERS - 1, id="the greatest"),
        pytest.param(NUMBERS, None, id="beyond it"),
        pytest.param(str(NUMBERS), None, id="beyond it, as text"),
        pytest.param(-1, None, id="below zero"),
        pytest.param("-0", None, id="a text that no number prints"),
        pytest.param("007", None, id="leading zeros are another text"),
        pytest.param("1.0", None, id="a decimal"),
        pytest.param("", None, id="nothing"),
        pytest.param("٣", None, id="digits of another script"),
        pytest.param("12345678901", None, id="too long"),
    ],
)
def test_a_whole_number_is_a_member_by_itself(value: Value, expected: int | None) -> None:
    assert number_of(value) == expected


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([1, 2, 3], id="numbers alone"),
        pytest.param([], id="none"),
        pytest.param([1, NUMBERS, -5], id="numbers that need names among them"),
        pytest.param(["1", "x", "2"], id="texts"),
    ],
)
def test_members_are_those_of_each_value(values: list[Value]) -> None:
    ids = {str(NUMBERS): 7, "-5": 8, "x": 9}
    each = {ids.get(str(v), number_of(v)) for v in values}

    assert set(members_of(values, ids)) == each
