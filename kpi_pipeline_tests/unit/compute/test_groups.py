"""Groups that are too many: those that have a place keep it, the others are summed in one."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.groups import largest_first, seated, united, warnings_of
from kpi_pipeline.compute.judgement import judge_all
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.model.batch import Aggregate, Dims
from kpi_pipeline.model.episode import Episode, Phase
from kpi_pipeline.model.group import is_other, named, other_of, values_of
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

REST = ("(other)",)
RULE = """\
      metric: average
      window: today
      warn_below: 30
"""


@pytest.mark.parametrize(
    ("groups", "known", "most", "own"),
    [
        pytest.param("abc", "", 3, "abc", id="room for all"),
        pytest.param("abc", "", 2, "ab", id="the first two"),
        pytest.param("cba", "", 2, "cb", id="the first two, whatever their names"),
        pytest.param("abc", "c", 2, "ac", id="what has a place keeps it"),
        pytest.param("abc", "xyz", 3, "", id="places are taken by groups that are not here"),
        pytest.param("abc", "abc", 1, "abc", id="the cap was lowered"),
        pytest.param("abcd", "abc", 5, "abcd", id="the cap was raised"),
    ],
)
def test_a_group_has_its_own_place_or_that_of_all_others(
    groups: str, known: str, most: int, own: str
) -> None:
    places = seated([(name,) for name in groups], [(name,) for name in known], most)

    assert places == {(name,): (name,) if name in own else REST for name in groups}


def test_asking_again_once_the_places_are_taken_says_the_same() -> None:
    groups: list[Dims] = [("a",), (None,), ("c",)]
    places = seated(groups, [], 2)
    taken = [dims for dims in places.values() if dims != REST]

    assert seated(reversed(groups), [*taken, REST], 2) == places


def test_all_others_are_no_group_that_takes_a_place() -> None:
    assert seated([("a",), ("b",)], [REST], 1) == {("a",): ("a",), ("b",): REST}


def test_a_group_that_is_called_like_all_others_is_none_of_them() -> None:
    own = (r"\(other)",)

    assert seated([REST, ("a",)], [], 1) == {REST: own, ("a",): REST}
    assert seated([REST, ("a",)], [("a",)], 1) == {REST: REST, ("a",): ("a",)}
    assert seated([REST], [own, REST], 1) == {REST: own}


@given(st.lists(st.sampled_from([None, "a", "(other)", r"\(other)", r"\\(other)"]), max_size=3))
def test_no_two_groups_are_called_alike(values: list[str | None]) -> None:
    dims = tuple(values)

    assert values_of(named(dims)) == dims
    assert not is_other(named(dims))


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        ((), False),
        (("a",), False),
        ((None,), False),
        (("(other)",), True),
        (("(other)", "a"), False),
        (("(other)", None), False),
        (("(other)", "(other)"), True),
    ],
)
def test_only_all_values_together_are_the_group_of_all_others(
    dims: Dims, *, expected: bool
) -> None:
    assert is_other(dims) is expected
    assert is_other(other_of(dims)) is bool(dims)


def test_the_groups_with_the_most_rows_come_first() -> None:
    def part(kind: str | None, rows: int) -> Aggregate:
        return Aggregate(bucket=AS_OF, metric="m", dims=(kind,), rows=rows, n=rows)

    found = largest_first([part("a", 1), part("b", 2), part("a", 3), part(None, 2), part("c", 2)])

    assert found == [("m", (kind,)) for kind in ("a", "b", "c", None)]


def test_what_shares_a_place_is_merged_and_what_does_not_is_as_it_was() -> None:
    one = Partial(rows=2, n=1, total=Decimal(5), sketch=members.encode([1, 2]))
    two = Partial(rows=1, n=1, total=Decimal("0.5"), sketch=members.encode([2, 3]))

    found = united([("x", one), ("y", two), ("x", two)])

    assert found == {
        "x": Partial(rows=3, n=2, total=Decimal("5.5"), sketch=members.encode([1, 2, 3])),
        "y": two,
    }


def by_kind(kind: str, value: str = "40") -> Reading:
    return replace(reading(value, dims=(kind,)), metric="by_kind")


def test_a_metric_with_too_many_groups_is_told_once() -> None:
    spec = shop("group_by: kind}", "group_by: kind, most_groups: 2000}")

    assert warnings_of(spec, snapshot(by_kind("a"), reading("1"))) == ()
    assert warnings_of(spec, snapshot(by_kind("(other)"), by_kind("(other)"))) == (
        (
            "by_kind has more than 2,000 groups; groups first seen after that are summed in "
            "'(other)'. Raise most_groups or group by something coarser."
        ),
    )


def test_a_rule_over_groups_does_not_judge_what_all_others_make_together() -> None:
    spec = shop(RULE, RULE.replace("average", "by_kind").replace("warn_below", "above"))
    fired = replace(
        Episode(rule="low", dims=REST, definition=spec.thresholds["low"].definition),
        phase=Phase.FIRING,
    )

    found = judge_all(spec, snapshot(by_kind("DELI"), by_kind("(other)")), {("low", REST): fired})

    assert [v.dims for v in found.verdicts if v.rule == "low"] == [("DELI",)]
    assert [e.phase for e in found.episodes if e.dims == REST] == [Phase.OK]
