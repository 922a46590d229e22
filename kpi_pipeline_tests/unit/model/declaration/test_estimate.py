"""Percentiles, medians and approximate counts in YAML."""

from decimal import Decimal

import pytest

from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline_tests.unit.builders import shop


def metric(declared: str) -> SimpleMetric:
    found = shop("{agg: count}", f"{{{declared}}}").metrics["orders"]
    assert isinstance(found, SimpleMetric)
    return found


@pytest.mark.parametrize(
    ("declared", "percentile", "error"),
    [
        pytest.param("agg: percentile, percentile: 0.95", "0.95", "0.01", id="one per cent off"),
        pytest.param("agg: percentile, percentile: '0.999'", "0.999", "0.01", id="as text"),
        pytest.param("agg: median", "0.5", "0.01", id="a median is the half"),
        pytest.param("agg: median, relative_error: 0.001", "0.5", "0.001", id="the least error"),
        pytest.param("agg: median, relative_error: 0.1", "0.5", "0.1", id="the greatest error"),
    ],
)
def test_a_percentile_has_its_place_and_its_error(
    declared: str, percentile: str, error: str
) -> None:
    found = metric(f"{declared}, expr: amount")

    assert found == SimpleMetric(
        name="orders",
        agg=Aggregation.PERCENTILE,
        expr='"amount"',
        percentile=Decimal(percentile),
        relative_error=Decimal(error),
    )


@pytest.mark.parametrize(("word", "approximate"), [("true", True), ("false", False), ("", False)])
def test_a_distinct_count_is_approximate_where_it_says_so(word: str, *, approximate: bool) -> None:
    found = metric(f"agg: count_distinct, expr: kind, approximate: {word}")

    assert (found.approximate, found.percentile, found.relative_error) == (approximate, None, None)


def test_a_description_is_kept() -> None:
    assert metric("agg: count, description: All of them.").description == "All of them."


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("agg: percentile", ": agg percentile needs a percentile, such as 0.95"),
        (
            "agg: percentile, percentile: 95",
            ".percentile: must lie between 0 and 1, such as 0.95, not 95; did you mean 0.95?",
        ),
        (
            "agg: percentile, percentile: 0",
            ".percentile: must lie between 0 and 1, such as 0.95, not 0",
        ),
        (
            "agg: percentile, percentile: 1",
            ".percentile: must lie between 0 and 1, such as 0.95, not 1",
        ),
        (
            "agg: percentile, percentile: 1e400",
            ".percentile: must lie between 0 and 1, such as 0.95, not '1e400'",
        ),
        ("agg: percentile, percentile: nan", ".percentile: must be a finite number of sensible si"),
        ("agg: percentile, percentile: [1]", ".percentile: must be a number, not [1]"),
        ("agg: percentile, percentile: 0.0000000001", ".percentile: has more than 9 digits after"),
        (
            "agg: median, percentile: 0.9",
            ".percentile: a median is the percentile 0.5; say agg: percentile",
        ),
        ("agg: sum, percentile: 0.9", ".percentile: goes with agg percentile alone, not sum"),
        (
            "agg: median, relative_error: 0.2",
            ".relative_error: must lie between 0.001 and 0.1, not 0.2",
        ),
        (
            "agg: median, relative_error: 0",
            ".relative_error: must lie between 0.001 and 0.1, not 0",
        ),
        ("agg: median, relative_error: 0.01234567891", ".relative_error: has more than 9 digits"),
        ("agg: max, relative_error: 0.01", ".relative_error: goes with agg percentile alone, not"),
        ("agg: median, approximate: true", ".approximate: goes with agg count_distinct alone, not"),
        (
            "agg: count_distinct, approximate: 1",
            ".approximate: must be true or false, not 1",
        ),
        (
            "agg: count_distinct, approximat: true",
            ".approximat: unknown key (did you mean 'approximate'?)",
        ),
        ("agg: medan", ".agg: unknown agg 'medan' (did you mean 'median'?)"),
        ("agg: percentil", ".agg: unknown agg 'percentil' (did you mean 'percentile'?)"),
    ],
)
def test_a_fault_is_told_with_what_to_write(declared: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        metric(f"{declared}, expr: amount")

    assert str(caught.value).startswith(f"defs.yaml:9: metrics.orders{message}")


def test_an_estimate_needs_an_expression() -> None:
    with pytest.raises(SpecError, match="agg median needs an expr, such as a column"):
        metric("agg: median")
