from dataclasses import replace
from datetime import timedelta

import pytest

from kpi_pipeline.compute.explanation import NULL, UnknownNameError, explanation
from kpi_pipeline.model.batch import Dims
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

GROUPS = [
    replace(reading("1", dims=dims), metric="by_kind")
    for dims in [("FOOD",), (r"\(other)",), (None,), ("z" * 100,)]
]
PUBLISHED = snapshot(reading("25"), *GROUPS)


def test_an_explanation_names_definition_bounds_clocks_and_statement() -> None:
    found = explanation(shop(), PUBLISHED, "average", "today")

    assert [part.name for part in found.parts] == ["revenue", "orders"]
    assert (found.span.start, found.span.end) == (AS_OF, AS_OF)
    assert found.baseline is not None
    assert found.baseline.end == AS_OF - timedelta(days=7) + timedelta(minutes=1)
    assert found.readings == (reading("25"),)
    assert (found.as_of, found.guarantee) == (AS_OF, "exact")
    assert [leaf.span for leaf in found.leaves] == [found.span] * 2
    assert found.sql == "\n\n".join(leaf.statement.sql for leaf in found.leaves)
    assert [metric.name for metric in found.composed] == ["average"]


def test_a_window_that_holds_no_group_has_bounds_all_the_same() -> None:
    found = explanation(shop(), PUBLISHED, "by_kind", "hour")

    assert found.readings == ()
    assert found.span.end == AS_OF + timedelta(minutes=1)
    assert found.group is None
    assert found.baseline is None


@pytest.mark.parametrize(
    ("asked", "dims"),
    [
        (("FOOD",), ("FOOD",)),
        ((NULL,), (None,)),
        ((None,), (None,)),
        (("z" * 200,), ("z" * 100,)),
        (("(other)",), (r"\(other)",)),
    ],
    ids=["text", "null by name", "null", "longer than what counts", "called as all others are"],
)
def test_one_group_is_found_by_its_value(asked: Dims, dims: Dims) -> None:
    found = explanation(shop(), PUBLISHED, "by_kind", "today", group=asked)

    assert found.group == dims
    assert [item.dims for item in found.readings] == [dims]


@pytest.mark.parametrize(
    ("metric", "window", "group", "message"),
    [
        ("revenu", "today", (), r"unknown metric 'revenu' \(did you mean 'revenue'\?\)"),
        ("revenue", "toda", (), r"unknown window 'toda' \(did you mean 'today'\?\)"),
        ("by_kind", "today", ("FOD",), r"no group 'FOD' .* \(did you mean 'FOOD'\?\)"),
        ("by_kind", "hour", ("FOOD",), "has no groups there"),
        ("by_kind", "today", ("a", "b"), "takes 1 group value: one for each of kind"),
        ("average", "today", ("a",), "takes no group values: it has no groups"),
    ],
    ids=["metric", "window", "group", "empty window", "too many", "none at all"],
)
def test_an_unknown_name_is_told_with_the_nearest(
    metric: str, window: str, group: Dims, message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message):
        explanation(shop(), PUBLISHED, metric, window, group=group)
