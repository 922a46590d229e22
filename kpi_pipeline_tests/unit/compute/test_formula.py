from decimal import Decimal

import pytest

from kpi_pipeline.compute.formula import evaluate
from kpi_pipeline.model.declaration.formula import parse_formula

VALUES = {
    "a": Decimal("10.5"),
    "b": Decimal(-3),
    "zero": Decimal("0.00"),
    "none": None,
    "nan": Decimal("NaN"),
    "inf": Decimal("Infinity"),
    "huge": Decimal("1e131071"),
    "tiny": Decimal("1e-16000"),
}


def value(text: str) -> str | None:
    found = evaluate(parse_formula(text), VALUES)
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", "7.5"),
        ("a - b", "13.5"),
        ("a * b", "-31.5"),
        ("a / b", "-3.5"),
        ("1 / 3", "0." + "3" * 34),
        ("-b", "3"),
        ("-zero", "0.00"),
        ("zero * b", "0"),
        ("zero / b", "0"),
        ("abs(b)", "3"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(2.345, 2)", "2.35"),
        ("round(1250, -2)", "1.3E+3"),
        ("round(a, 5)", "10.5"),
        ("0.1 + 0.2", "0.3"),
        ("huge + tiny - huge", "1E-16000"),
        ("coalesce(none, b)", "-3"),
        ("coalesce(a / zero, 0)", "0"),
        ("greatest(none, b, a)", "10.5"),
        ("least(none, b, a)", "-3"),
        ("greatest(a, nan)", "NaN"),
        ("least(a, nan)", "10.5"),
        ("nullif(a, none)", "10.5"),
        ("nullif(a, b)", "10.5"),
    ],
)
def test_a_formula_is_exact(text: str, expected: str) -> None:
    found = value(text)

    assert found is not None
    assert Decimal(found) == Decimal(expected) or (found, expected) == ("NaN", "NaN")
    assert not found.startswith("-0")


@pytest.mark.parametrize(
    "text",
    [
        "none + a",
        "a - none",
        "none * zero",
        "none / a",
        "a / none",
        "-none",
        "abs(none)",
        "round(none, 2)",
        "a / zero",
        "zero / zero",
        "a / (b + 3)",
        "a / nullif(b, -3)",
        "coalesce(none, none)",
        "greatest(none)",
        "least(none, none)",
        "nullif(a, 10.50)",
        "nullif(none, a)",
        "nullif(nan, nan)",
        "a / inf",
        "nan / a",
        "null",
    ],
)
def test_nothing_comes_of_nothing_and_of_a_division_by_zero(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "huge * 10",
        "tiny * tiny",
        "tiny / huge",
        "huge * huge * huge * huge",
        "1e1000 * 1e1000" + " * 1e1000" * 98 + " * huge",
        "round(huge * 1.5 + 0.5) * huge",
    ],
)
def test_what_no_numeric_could_hold_is_nothing(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nan + a", "NaN"),
        ("inf - inf", "NaN"),
        ("inf * zero", "NaN"),
        ("inf + a", "Infinity"),
        ("-inf", "-Infinity"),
        ("round(nan, 1)", "NaN"),
        ("abs(-inf)", "Infinity"),
    ],
)
def test_what_is_no_number_stays_none_as_in_postgresql(text: str, expected: str) -> None:
    assert value(text) == expected
