"""Approximate distinct counts: near the truth, whatever the size."""

from decimal import Decimal

import pytest

from kpi_pipeline.compute.statistic import bitmap, registers


@pytest.mark.parametrize("count", [1, 10, 1_000, 30_000, 100_000])
@pytest.mark.parametrize("seed", range(3))
def test_the_estimate_is_within_four_standard_errors(count: int, seed: int) -> None:
    estimate = registers.value(registers.encode(f"{seed}/{n}" for n in range(count)))

    assert abs(estimate - count) <= 4 * registers.STANDARD_ERROR * count


def test_the_estimate_leans_to_no_side() -> None:
    count, tries = 40_000, 4
    encoded = [registers.encode(f"{k}:{n}" for n in range(count)) for k in range(tries)]
    mean = sum(map(registers.value, encoded), Decimal(0)) / tries

    assert abs(mean - count) <= 2 * registers.STANDARD_ERROR * count


def test_a_few_values_are_counted_to_the_one() -> None:
    assert [registers.value(registers.encode(map(str, range(n)))) for n in range(40)] == [
        *range(40)
    ]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([registers.REGISTERS * registers.RANKS], id="of no register"),
        pytest.param([registers.GREATEST_RANK + 1], id="of no rank"),
        pytest.param([0], id="of the rank of an empty register"),
        pytest.param(
            [n * registers.RANKS + registers.GREATEST_RANK for n in range(registers.REGISTERS)],
            id="of more values than there can be",
        ),
    ],
)
def test_entries_that_no_value_makes_are_told(entries: list[int]) -> None:
    with pytest.raises(ValueError, match="damaged; fold their buckets again"):
        registers.value(bitmap.write(registers.VERSION, entries))


def test_a_value_whose_hash_ends_in_zeros_alone_is_one_value() -> None:
    data = bitmap.write(registers.VERSION, [registers.GREATEST_RANK])

    assert registers.value(data) == 1


def test_equal_registers_are_the_same() -> None:
    one, other = registers.encode(["a"]), registers.encode(["b"])

    assert registers.same(one, registers.encode(["a"]))
    assert not registers.same(one, other)
