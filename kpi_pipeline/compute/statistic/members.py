"""Exact sets of members for distinct counts.

A member is a whole number below 2^32: see `identity`. A roaring bitmap holds a set of them in
about a byte or two a member and unites a week of days in a tenth of a millisecond. The encoding
starts with a version byte, so that old state stays readable.
"""

from collections.abc import Iterable
from decimal import Decimal

from pyroaring import BitMap

from kpi_pipeline.compute.statistic import bitmap

VERSION = b"\x01"


def encode(members: Iterable[int]) -> bytes:
    """Encode a set of ids in 0 .. 2^32-1."""
    return bitmap.write(VERSION, members)


def decode(data: bytes) -> BitMap:
    """Read an encoded set.

    Raises:
        ValueError: The version is not known to this release, or the data is damaged.
    """
    return bitmap.read(VERSION, data, "members")


def unite(encoded: Iterable[bytes]) -> bytes:
    """The union of encoded sets.

    >>> len(decode(unite([encode([1, 2]), encode([2, 3])])))
    3
    """
    return encode(BitMap.union(*sets) if (sets := [decode(data) for data in encoded]) else ())


def same(left: bytes, right: bytes) -> bool:
    """Whether two encoded sets have the same members."""
    return left == right or decode(left) == decode(right)


def value(data: bytes) -> Decimal:
    """How many members there are."""
    return Decimal(len(decode(data)))
