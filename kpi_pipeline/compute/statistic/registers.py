"""Distinct counts by estimate: the registers of a HyperLogLog, in 32 KB for any number of values.

A value's 64-bit hash names one of 2^14 registers and a rank: the place of the first one among
the other 50 bits. A register keeps its greatest rank, so that the state depends on the set of
values alone, and neither on how often nor in which order they came. It is written as a bitmap of
`register * 64 + rank`.

The estimate is the improved raw one of Ertl, "New cardinality estimation algorithms for
HyperLogLog sketches", 2017, algorithm 6; it needs no tables of measured bias. The sketch is
that of Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog", 2007.
"""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import blake2b
from math import inf, log, sqrt

from pyroaring import BitMap

from kpi_pipeline.compute.statistic import bitmap

VERSION = b"\x02"
STANDARD_ERROR = Decimal("0.0081")
"""1.04 / sqrt(2^14), relative."""
INDEX_BITS = 14
REGISTERS = 2**INDEX_BITS
RANK_BITS = 64 - INDEX_BITS
RANKS = 64
"""Places for the rank in an entry."""
GREATEST_RANK = RANK_BITS + 1
DAMAGED = "the encoded registers are damaged; fold their buckets again"
_ALPHA = 1 / (2 * log(2))


def encode(values: Iterable[str | int]) -> bytes:
    """The registers of a set of values, which are hashed as text in UTF-8."""
    return bitmap.write(VERSION, _pruned(sorted(_entry(str(value)) for value in values)))


def decode(data: bytes) -> dict[int, int]:
    """The rank of each register that has one.

    Raises:
        ValueError: The version is not known to this release, or the data is damaged.
    """
    ranks = {entry // RANKS: entry % RANKS for entry in _read(data)}
    if not all(0 < rank <= GREATEST_RANK for rank in ranks.values()):
        raise ValueError(DAMAGED)
    return ranks


def unite(encoded: Iterable[bytes]) -> bytes:
    """The registers of all sets together.

    >>> unite([encode(["a", "b"]), encode(["b", "c"])]) == encode(["a", "b", "c"])
    True
    """
    sets = [_read(data) for data in encoded]
    return bitmap.write(VERSION, _pruned(BitMap.union(*sets) if sets else ()))


def same(left: bytes, right: bytes) -> bool:
    """Whether all registers are the same."""
    return left == right or decode(left) == decode(right)


def value(data: bytes) -> Decimal:
    """About how many values there are, within `STANDARD_ERROR`; a whole number."""
    counts = [0] * (GREATEST_RANK + 1)
    ranks = decode(data).values()
    for rank in ranks:
        counts[rank] += 1
    counts[0] = REGISTERS - len(ranks)
    z = REGISTERS * _tau(1 - counts[GREATEST_RANK] / REGISTERS)
    for count in reversed(counts[1:GREATEST_RANK]):
        z = 0.5 * (z + count)
    z += REGISTERS * _sigma(counts[0] / REGISTERS)
    if not z:  # as if of 2^64 values
        raise ValueError(DAMAGED)
    return Decimal(round(_ALPHA * REGISTERS * REGISTERS / z))


def _entry(text: str) -> int:
    hashed = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
    register, rest = hashed >> RANK_BITS, hashed & ((1 << RANK_BITS) - 1)
    return register * RANKS + RANK_BITS + 1 - rest.bit_length()


def _pruned(ascending: Iterable[int]) -> Iterable[int]:
    """The last entry of each register, which is the one of its greatest rank."""
    return {entry // RANKS: entry for entry in ascending}.values()


def _read(data: bytes) -> BitMap:
    found = bitmap.read(VERSION, data, "registers")
    if found and found.max() >= REGISTERS * RANKS:
        raise ValueError(DAMAGED)
    return found


def _sigma(x: float) -> float:
    """What empty registers add: x + sum of x^(2^k) * 2^(k-1) over k >= 1."""
    if x == 1:
        return inf
    y, z, before = 1.0, x, -1.0
    while z != before:
        x *= x
        before, z, y = z, z + x * y, 2 * y
    return z


def _tau(x: float) -> float:
    """What full registers add: a third of 1 - x - sum of (1 - x^(2^-k))^2 * 2^-k over k >= 1."""
    if x in {0, 1}:
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x = sqrt(x)
        y /= 2
        before, z = z, z - (1 - x) ** 2 * y
    return z / 3
