"""Percentiles of bins, and what is refused."""

from decimal import Decimal

import pytest

from kpi_pipeline.compute.statistic import bins
from kpi_pipeline.compute.statistic.bins import NAN, ONE, Bins, bin_of

ERROR = Decimal("0.01")


def some(counts: dict[int, int], percentile: str = "0.5", relative_error: Decimal = ERROR) -> bytes:
    return bins.encode(
        Bins(percentile=Decimal(percentile), relative_error=relative_error, counts=counts)
    )


def of(*values: str, percentile: str = "0.5") -> str:
    counts: dict[int, int] = {}
    for value in values:
        name = bin_of(Decimal(value), ERROR)
        counts[name] = counts.get(name, 0) + 1
    return str(bins.value(some(counts, percentile)))


@pytest.mark.parametrize(
    ("values", "percentile", "expected"),
    [
        pytest.param(("0",), "0.5", "0", id="zero is zero"),
        pytest.param(("-0.0", "0"), "0.5", "0", id="less than zero it is not"),
        pytest.param(("0", "0", "NaN"), "0.9", "NaN", id="what is no number is the greatest"),
        pytest.param(("0", "NaN"), "0.5", "0", id="the lower of two"),
        pytest.param(("0", "5", "5"), "0.000001", "0", id="no less than the least"),
        pytest.param((), "0.5", "None", id="nothing has no percentile"),
        pytest.param(("1e-301", "-1e-301"), "0.9", "0", id="too small is zero"),
    ],
)
def test_a_percentile_is_of_the_nearest_rank(
    values: tuple[str, ...], percentile: str, expected: str
) -> None:
    assert of(*values, percentile=percentile) == expected


@pytest.mark.parametrize("number", ["Infinity", "1e400", "1e300"])
def test_what_no_double_holds_counts_as_the_greatest(number: str) -> None:
    assert Decimal("9.9e299") < Decimal(of(number)) <= Decimal("1.01e300")
    assert Decimal(of(f"-{number}")) == -Decimal(of(number))


@pytest.mark.parametrize(("rows", "most"), [(1, 25), (100, 250), (10_000, 1_500), (10**12, 4_000)])
def test_bins_are_small(rows: int, most: int) -> None:
    width = min(rows, 400)

    assert len(some({ONE + n * 3: max(1, rows // width) for n in range(width)})) <= most


def test_more_bins_than_a_run_holds_come_back() -> None:
    counts = {ONE + n: n % 7 + 1 for n in range(70_000)} | {NAN: 2**40}
    finest = some(counts, relative_error=Decimal("0.001"))

    assert bins.decode(finest).counts == counts


@pytest.mark.parametrize(
    ("counts", "error"),
    [({ONE: 0}, ERROR), ({ONE: -3}, ERROR)],
    ids=["none", "less than none"],
)
def test_a_bin_that_holds_nothing_is_not_written(counts: dict[int, int], error: Decimal) -> None:
    with pytest.raises(ValueError, match="counts above zero"):
        some(counts, relative_error=error)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(some({ONE: 1}) + b"x", id="too long"),
        pytest.param(some({ONE: 1}, "0.5", Decimal("0.2")), id="an error that nobody declares"),
        pytest.param(some({ONE: 1}, "1"), id="a percentile that nobody declares"),
        pytest.param(some({ONE * 2: 1}), id="a number that is too large"),
        pytest.param(some({-ONE * 2: 1}), id="a number that is too large below zero"),
        pytest.param(some({NAN + 1: 1}), id="more than no number"),
        pytest.param(some({ONE: 1, ONE + 1: 1})[:-2] + b"\x01\x00", id="an empty bin"),
        pytest.param(some({ONE: 1, ONE + 1: 1})[:-3] + b"\x00\x01\x01", id="a bin twice"),
        pytest.param(some({ONE: 1})[:9] + b"\x09" + some({ONE: 1})[10:], id="no such width"),
    ],
)
def test_bytes_that_contradict_themselves_are_told(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged .*; fold their buckets again"):
        bins.value(data)


def test_bins_of_another_percentile_or_error_are_not_added() -> None:
    for other in (some({ONE: 1}, "0.9"), some({ONE: 1}, relative_error=Decimal("0.02"))):
        with pytest.raises(ValueError, match="2 different percentiles or errors"):
            bins.unite([some({ONE: 1}), other])


def test_equal_bins_are_the_same() -> None:
    assert bins.same(some({ONE: 1}), some({ONE: 1}))
    assert not bins.same(some({ONE: 1}), some({ONE: 2}))
