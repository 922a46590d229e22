from collections.abc import Iterable
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.groups import seated, united
from kpi_pipeline.compute.partial import ZERO, Partial, merge
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import MARK, OTHER, is_other, named
from kpi_pipeline_tests.properties.strategies import partials

values = st.none() | st.sampled_from(["a", "b", "c", "d", OTHER, MARK + OTHER])
groups = st.tuples(values, values)
many = st.lists(groups, unique=True)
caps = st.integers(1, 12)


def total(found: Iterable[Partial]) -> Partial:
    return reduce(merge, found, ZERO)


@given(st.lists(st.tuples(groups, partials)), many, caps)
def test_however_few_groups_are_kept_apart_the_total_is_the_same(
    rows: list[tuple[Dims, Partial]], known: list[Dims], most: int
) -> None:
    places = seated((dims for dims, _ in rows), known, most)

    found = united((places[dims], partial) for dims, partial in rows)

    assert total(found.values()) == total(partial for _, partial in rows)


@given(many, many, caps)
def test_no_more_groups_are_kept_apart_than_were_or_may_be(
    wanted: list[Dims], known: list[Dims], most: int
) -> None:
    before = {dims for dims in known if not is_other(dims)}

    after = before | {dims for dims in seated(wanted, known, most).values() if not is_other(dims)}

    assert len(after) <= max(most, len(before))


@given(many, many, caps, st.randoms())
def test_once_places_are_given_they_are_found_again_in_any_order(
    wanted: list[Dims], known: list[Dims], most: int, chance: Random
) -> None:
    places = seated(wanted, known, most)
    again = list(wanted)
    chance.shuffle(again)

    assert seated(again, [*known, *places.values()], most) == places


@given(many, many, caps)
def test_a_group_is_summed_in_itself_or_with_all_others(
    wanted: list[Dims], known: list[Dims], most: int
) -> None:
    places = seated(wanted, [named(values) for values in known], most)

    assert places.keys() == set(wanted)
    assert all(place == named(values) or is_other(place) for values, place in places.items())
    assert all(places[values] == named(values) for values in known if values in places)
