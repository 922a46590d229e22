from decimal import Decimal
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.aggregation import value_of
from kpi_pipeline.compute.difference import same
from kpi_pipeline.compute.partial import ZERO, Partial, merge, merge_all
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.model.metric import Aggregation
from kpi_pipeline_tests.properties.strategies import ids, partial_of, partials, rows


@given(partials, partials, partials)
def test_merge_is_associative(a: Partial, b: Partial, c: Partial) -> None:
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@given(partials, partials)
def test_merge_is_commutative(a: Partial, b: Partial) -> None:
    assert merge(a, b) == merge(b, a)


@given(partials)
def test_merge_has_a_zero(a: Partial) -> None:
    assert (merge(a, ZERO), merge(ZERO, a)) == (a, a)


@given(rows, st.lists(st.integers(0, 8)))
def test_however_rows_are_split_into_buckets_the_totals_are_the_same(
    values: list[Decimal | None], cuts: list[int]
) -> None:
    borders = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    buckets = [partial_of(values[start:end]) for start, end in pairwise(borders)]

    assert reduce(merge, buckets, ZERO) == partial_of(values)


@given(st.lists(rows, max_size=6).flatmap(lambda b: st.tuples(st.just(b), st.permutations(b))))
def test_in_whatever_order_buckets_come_every_aggregation_has_the_same_value(
    orders: tuple[list[list[Decimal | None]], list[list[Decimal | None]]],
) -> None:
    one, other = (reduce(merge, map(partial_of, order), ZERO) for order in orders)

    assert [value_of(agg, one) for agg in Aggregation] == [
        value_of(agg, other) for agg in Aggregation
    ]


@given(st.sets(ids))
def test_members_come_back_as_they_went(found: set[int]) -> None:
    assert set(members.decode(members.encode(found))) == found


@given(st.lists(st.sets(ids, max_size=30), max_size=6))
def test_united_members_are_those_of_all_and_encode_as_if_they_had_come_at_once(
    sets: list[set[int]],
) -> None:
    united = members.unite(members.encode(item) for item in sets)

    assert united == members.encode(set().union(*sets))


@given(st.binary(max_size=40).filter(lambda data: data[:1] != members.VERSION))
def test_bytes_of_another_version_are_never_misread(data: bytes) -> None:
    with pytest.raises(ValueError, match="upgrade kpi-pipeline"):
        members.decode(data)


@given(st.lists(partials, max_size=6))
def test_all_at_once_is_the_same_as_one_after_the_other(parts: list[Partial]) -> None:
    assert merge_all(parts) == reduce(merge, parts, ZERO)


@given(partials, partials)
def test_what_merging_does_not_change_is_the_same_and_nothing_else(a: Partial, b: Partial) -> None:
    assert same(a, a)
    assert same(merge(a, b), merge(b, a))
    assert same(a, merge(a, b)) is (a == merge(a, b))
