import pytest

from kpi_pipeline.compute.statistic import members


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param([], id="none"),
        pytest.param([0], id="the first"),
        pytest.param([2**32 - 1], id="the last"),
        pytest.param([3, 1, 3, 2], id="some, one of them twice"),
        pytest.param(list(range(100_000)), id="very many"),
    ],
)
def test_members_come_back_as_they_went(ids: list[int]) -> None:
    assert sorted(members.decode(members.encode(ids))) == sorted(set(ids))


@pytest.mark.parametrize("member", [-1, 2**32])
def test_an_id_outside_32_bits_is_refused(member: int) -> None:
    with pytest.raises(OverflowError):
        members.encode([member])


def test_the_encoding_begins_with_its_version() -> None:
    assert members.encode([1])[:1] == b"\x01"


@pytest.mark.parametrize(
    ("data", "version"),
    [
        pytest.param(b"\x02" + members.encode([1])[1:], b"\x02", id="a later version"),
        pytest.param(b"", b"", id="nothing at all"),
    ],
)
def test_an_unknown_version_is_refused_with_what_to_do(data: bytes, version: bytes) -> None:
    with pytest.raises(ValueError, match="upgrade kpi-pipeline") as caught:
        members.decode(data)

    assert repr(version) in str(caught.value)


def test_damaged_members_are_refused() -> None:
    with pytest.raises(ValueError, match="deserialize"):
        members.decode(b"\x01damaged")


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        pytest.param([], [], id="of nothing"),
        pytest.param([[1, 2]], [1, 2], id="of one"),
        pytest.param([[1, 2], [2, 3], []], [1, 2, 3], id="of three"),
    ],
)
def test_a_union_holds_each_member_once(sets: list[list[int]], expected: list[int]) -> None:
    united = members.unite(members.encode(item) for item in sets)

    assert sorted(members.decode(united)) == expected
