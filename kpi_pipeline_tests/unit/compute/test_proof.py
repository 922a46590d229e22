from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_pipeline.compute.explanation import explanation
from kpi_pipeline.compute.proof import Proof, prove
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline_tests.unit.builders import reading, shop, snapshot


def of(metric: str, value: str | None, dims: Dims = ()) -> Reading:
    return replace(reading(value, dims=dims, rows=3), metric=metric)


def proofs(metric: str, published: list[Reading], *rows: tuple[object, ...]) -> tuple[Proof, ...]:
    return prove(explanation(shop(), snapshot(*published), metric, "today"), [rows])


@pytest.mark.parametrize(
    ("published", "source", "equal"),
    [
        ("10.00", "10.0", True),
        ("10.00", "10.01", False),
        ("NaN", "NaN", True),
        ("NaN", "1", False),
        ("Infinity", "Infinity", True),
        (None, None, True),
        ("0", None, False),
    ],
    ids=["same", "other", "both NaN", "one NaN", "infinite", "nothing", "something"],
)
def test_values_are_held_together_exactly(
    published: str | None, source: str | None, *, equal: bool
) -> None:
    answer = None if source is None else Decimal(source)
    (found,) = proofs("revenue", [of("revenue", published)], (answer, 3))

    assert found.equal is equal


def test_a_difference_has_its_size_and_rows_count_too() -> None:
    (more,) = proofs("revenue", [of("revenue", "10")], (Decimal("12.5"), 4))
    (rows,) = proofs("revenue", [of("revenue", "10")], (Decimal(10), 4))

    assert (more.difference, more.published_rows, more.source_rows) == (Decimal("2.5"), 3, 4)
    assert not rows.equal
    assert proofs("revenue", [of("revenue", "NaN")], (Decimal(1), 3))[0].difference is None
    assert proofs("revenue", [of("revenue", None)], (Decimal(1), 3))[0].difference is None


def test_a_quotient_is_divided_here_because_the_database_rounds() -> None:
    third = str(Decimal("0.3333333333333333333333333333333333"))
    spec = shop("{agg: sum, expr: amount, unit: USD}", "{agg: average, expr: amount}")
    row = (Decimal("0.33333333333333333333"), 3, Decimal(1), 3)

    for value, answer in ((third, row), (None, (None, 3, Decimal(1), 0))):
        found = explanation(spec, snapshot(of("revenue", value)), "revenue", "today")
        assert prove(found, [[answer]])[0].equal


def test_a_ratio_is_held_against_both_its_sides_also_one_of_an_average() -> None:
    spec = shop("{agg: sum, expr: amount, unit: USD}", "{agg: average, expr: amount}")
    published = snapshot(of("average", "0.1111111111111111111111111111111111"))
    found = explanation(spec, published, "average", "today")
    rounded = Decimal("0.33333333333333333333")

    same, other = (prove(found, [[(rounded, 3, Decimal(1), n)], [(3, 3)]])[0] for n in (3, 4))

    assert (same.equal, same.source_rows) == (True, 3)
    assert not other.equal


def test_groups_that_only_one_side_has_are_told() -> None:
    found = proofs(
        "by_kind",
        [of("by_kind", "1", ("a",)), of("by_kind", "2", (None,))],
        ("b", Decimal(5), 3),
        (None, Decimal(2), 3),
    )

    assert [(item.dims, item.equal) for item in found] == [
        (("a",), False),
        ((None,), True),
        (("b",), False),
    ]
    assert (found[0].source_rows, found[2].published_rows) == (0, 0)


def test_one_group_is_answered_without_its_columns() -> None:
    published = snapshot(of("by_kind", "1", ("a",)))
    found = explanation(shop(), published, "by_kind", "today", group=("a",))

    assert prove(found, [[(Decimal(1), 3)]])[0].equal
