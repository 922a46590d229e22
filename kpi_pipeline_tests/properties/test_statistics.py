"""The laws that every registered statistic keeps."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.partial import ZERO, Partial, merge
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.compute.statistic.sketch import STATISTICS, Statistic
from kpi_pipeline_tests.properties.statistics import MAKERS, OLD, Make

ODD = ("NaN", "Infinity", "-Infinity", "-0.0", "0", "1e400", "-1e400", "1e-400", "1e300", "1e-300")
numbers = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(ODD).map(Decimal)
rows = st.lists(numbers, min_size=1, max_size=20)
each = pytest.mark.parametrize("statistic", STATISTICS, ids=lambda one: str(one.VERSION))


def maker(statistic: Statistic) -> Make:
    return MAKERS[statistic.VERSION]


@each
def test_every_statistic_has_a_version_of_one_byte_and_bytes_of_every_release(
    statistic: Statistic,
) -> None:
    assert len(statistic.VERSION) == 1
    assert OLD[statistic.VERSION]
    assert len({one.VERSION for one in STATISTICS}) == len(STATISTICS)


@each
def test_what_earlier_releases_wrote_still_says_the_same(statistic: Statistic) -> None:
    for data, value in OLD[statistic.VERSION]:
        assert str(sketch.value(bytes.fromhex(data))) == value


@each
@given(a=rows, b=rows, c=rows)
def test_merging_is_associative_and_commutative(
    statistic: Statistic, a: list[Decimal], b: list[Decimal], c: list[Decimal]
) -> None:
    x, y, z = map(maker(statistic), (a, b, c))
    left = sketch.unite([sketch.unite([x, y]), z])
    right = sketch.unite([x, sketch.unite([z, y])])

    assert left == right == sketch.unite([x, y, z]) == sketch.unite([z, y, x])
    assert sketch.same(left, right)


@each
@given(found=rows)
def test_nothing_is_the_zero(statistic: Statistic, found: list[Decimal]) -> None:
    some = Partial(rows=len(found), sketch=maker(statistic)(found))

    assert merge(some, ZERO) == merge(ZERO, some) == some
    assert sketch.unite([maker(statistic)([]), maker(statistic)(found)]) == some.sketch


@each
@given(found=rows, cuts=st.lists(st.integers(0, 20)))
def test_however_rows_are_split_the_state_is_that_of_all_at_once(
    statistic: Statistic, found: list[Decimal], cuts: list[int]
) -> None:
    borders = [0, *sorted(min(cut, len(found)) for cut in cuts), len(found)]
    parts = [maker(statistic)(found[start:end]) for start, end in pairwise(borders)]

    assert sketch.unite(parts) == maker(statistic)(found)
    assert sketch.value(sketch.unite(parts)) is not None


@each
@given(found=rows, data=st.data())
def test_in_whatever_order_rows_come_the_state_is_the_same(
    statistic: Statistic, found: list[Decimal], data: st.DataObject
) -> None:
    assert maker(statistic)(data.draw(st.permutations(found))) == maker(statistic)(found)


@each
@given(found=rows)
def test_what_is_written_is_read_again_and_nothing_is_added(
    statistic: Statistic, found: list[Decimal]
) -> None:
    written = maker(statistic)(found)

    assert written[:1] == statistic.VERSION
    assert statistic.unite([written]) == written
    assert statistic.unite([memoryview(written).tobytes()]) == written
    assert sketch.same(written, maker(statistic)(found))


@each
@given(found=rows, data=st.data())
def test_damaged_bytes_are_an_error_or_another_state_and_never_a_crash(
    statistic: Statistic, found: list[Decimal], data: st.DataObject
) -> None:
    written = bytearray(maker(statistic)(found))
    place = data.draw(st.integers(1, len(written) - 1))
    written[place] = data.draw(st.integers(0, 255))
    cut = bytes(written[: data.draw(st.integers(1, len(written)))])
    for damaged in (bytes(written), cut):
        try:
            sketch.value(damaged)
            sketch.unite([damaged, maker(statistic)(found)])
        except ValueError as error:
            assert str(error)  # noqa: PT017 - either is right


@each
@given(found=rows, data=st.data())
def test_bytes_that_are_cut_short_are_told(
    statistic: Statistic, found: list[Decimal], data: st.DataObject
) -> None:
    written = maker(statistic)(found)

    with pytest.raises(ValueError, match="fold their buckets again"):
        sketch.value(written[: data.draw(st.integers(1, len(written) - 1))])


@each
@given(st.binary(max_size=40))
def test_bytes_of_another_version_are_never_misread(statistic: Statistic, data: bytes) -> None:
    with pytest.raises(ValueError, match="upgrade kpi-pipeline"):
        statistic.value(b"\xfe" + data)
    with pytest.raises(ValueError, match="upgrade kpi-pipeline"):
        sketch.value(b"\xfe" + data)


def test_sketches_of_two_statistics_are_not_merged() -> None:
    one, other, *_ = (make([Decimal(1)]) for make in MAKERS.values())

    with pytest.raises(ValueError, match="2 statistics cannot be merged"):
        sketch.unite([one, other])
    with pytest.raises(ValueError, match="0 statistics cannot be merged"):
        sketch.unite([])
    assert not sketch.same(one, other)
