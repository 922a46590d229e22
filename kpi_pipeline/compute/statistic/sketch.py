"""The statistics that a partial keeps as bytes, found by their first byte.

Adding one is a file beside this one and a line in `STATISTICS`. Each statistic's `unite` is
associative and commutative, and gives for any split of the rows what all rows at once give. The
zero of all of them is no bytes at all: None in a partial.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from kpi_pipeline.compute.statistic import bins, members, registers


class Statistic(Protocol):
    """What a file of a statistic offers; `encode` and `decode` take what is its own."""

    @property
    def VERSION(self) -> bytes:  # noqa: N802 - a constant of a module
        """The first byte of all that it encodes; one that has been used is never used again."""
        ...

    def unite(self, encoded: Iterable[bytes]) -> bytes:
        """All of them as one; ValueError where they do not fit together or are damaged."""
        ...

    def same(self, left: bytes, right: bytes) -> bool:
        """Whether both mean the same, however they are encoded."""
        ...

    def value(self, data: bytes) -> Decimal | None:
        """The number that it says."""
        ...


STATISTICS: tuple[Statistic, ...] = (members, registers, bins)
_BY_VERSION = {statistic.VERSION: statistic for statistic in STATISTICS}


def unite(encoded: Iterable[bytes]) -> bytes:
    """Several sketches of one statistic as one.

    Raises:
        ValueError: There are none, or of more than one statistic, or one is damaged.
    """
    sketches = [bytes(data) for data in encoded]
    found = {data[:1] for data in sketches}
    if len(found) != 1:
        raise ValueError(f"sketches of {len(found)} statistics cannot be merged")
    return sketches[0] if len(sketches) == 1 else _statistic(sketches[0]).unite(sketches)


def same(left: bytes | None, right: bytes | None) -> bool:
    """Whether two sketches mean the same; nothing is the same as nothing alone."""
    if left is None or right is None:
        return left is right
    return left == right or (left[:1] == right[:1] and _statistic(left).same(left, right))


def value(data: bytes | None) -> Decimal | None:
    """The number that a sketch alone says; None where there is none.

    Raises:
        ValueError: Its version is not known to this release, or it is damaged.
    """
    return None if data is None else _statistic(data).value(data)


def _statistic(data: bytes) -> Statistic:
    found = _BY_VERSION.get(bytes(data[:1]))
    if found is None:
        raise ValueError(f"sketches of version {data[:1]!r} are not known; upgrade kpi-pipeline")
    return found
