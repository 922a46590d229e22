"""Percentiles by estimate: how many values lie in each of many narrow bins.

A bin of numbers above zero holds those in (gamma^(k-1), gamma^k], with gamma = (1+e) / (1-e), so
that the number in its middle is no further than e, relative, from any of them. Numbers below zero
are mirrored, zero has a bin of its own. Bins are added, so that any split of the rows gives the
same state. That is DDSketch: Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile
sketch with relative-error guarantees", VLDB 2019; here no bins are ever collapsed.

A bin is named by a whole number, which grows with the values in it; see `bin_of`. Numbers beyond
`GREATEST` count as it, those nearer to zero than `LEAST` as zero, NaN above all, as in PostgreSQL.
The percentile that is asked for is part of the encoding, so that bytes alone say their value.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import accumulate, pairwise
from math import atanh, ceil, exp, isnan, log, log1p
from struct import Struct, calcsize, error, unpack_from
from struct import pack as packed

from kpi_pipeline.model.metric import GREATEST_ERROR, LEAST_ERROR

VERSION = b"\x03"
GREATEST, LEAST = 1e300, 1e-300
ONE = 1_000_000
"""The bin that ends with the number 1; every bin of a number above zero is itself above zero."""
NAN = 3_000_000
_ROUNDED = Context(prec=6)
_MARGIN = Decimal("0.00001")
"""Of the relative error: what six digits, and floating point at the edge of a bin, may add."""
_PARTS = 10**9
_HEAD, _RUN = Struct("<cIIBI"), Struct("<iH")
_WIDTHS = "BHIQ"
_LONGEST_RUN, _WIDEST_GAP = 65_535, 255
_DAMAGED = "the encoded bins are damaged ({}); fold their buckets again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Values of a bucket.

    Attributes:
        percentile: What is asked for, above 0 and below 1.
        relative_error: The greatest that the answer may have.
        counts: Values by bin; none is zero.
    """

    percentile: Decimal
    relative_error: Decimal
    counts: Mapping[int, int]


def width(relative_error: Decimal) -> float:
    """The natural logarithm of gamma."""
    return 2 * atanh(float(relative_error - _MARGIN))


def bin_of(number: Decimal | float, relative_error: Decimal) -> int:
    """The bin of a number; the sources write the same in SQL.

    >>> [bin_of(x, Decimal("0.01")) for x in (Decimal(1), Decimal(-2), 0.0, Decimal("1e999"))]
    [1000000, -1000035, 0, 1034573]
    """
    return placed(number, width(relative_error))


def placed(number: Decimal | float, step: float) -> int:
    """The same for a `width` of the bins."""
    if isnan(number):
        return NAN
    size = min(abs(float(number)), GREATEST)
    if size <= LEAST:
        return 0
    place = ONE + ceil(log(size) / step)
    return place if number > 0 else -place


def encode(bins: Bins) -> bytes:
    """A head, then runs of bins that lie close together, then the counts of all bins.

    Raises:
        ValueError: A count is not above zero.
    """
    names = sorted(bins.counts)
    counts = [bins.counts[name] for name in names]
    if min(counts, default=1) < 1:
        raise ValueError(f"bins hold counts above zero, not {min(counts)}")
    size = next(i for i in range(4) if max(counts, default=0) < 256 ** (1 << i))
    runs = list(_runs(names))
    asked = int(bins.relative_error * _PARTS), int(bins.percentile * _PARTS)
    return b"".join(
        (
            _HEAD.pack(VERSION, *asked, size, len(runs)),
            *(_RUN.pack(run[0], len(run)) + _gaps(run) for run in runs),
            packed(f"<{len(counts)}{_WIDTHS[size]}", *counts),
        )
    )


def decode(data: bytes) -> Bins:
    """Read encoded bins.

    Raises:
        ValueError: The version is not known to this release, or the data is damaged.
    """
    if data[:1] != VERSION:
        raise ValueError(f"bins of version {data[:1]!r} are not known; upgrade kpi-pipeline")
    try:
        return _decoded(bytes(data))
    except (error, IndexError) as cause:
        raise ValueError(_DAMAGED.format(cause)) from None


def unite(encoded: Iterable[bytes]) -> bytes:
    """All values together.

    Raises:
        ValueError: There are none, or they are of different percentiles or errors.
    """
    sets = [decode(data) for data in encoded]
    asked = {(item.percentile, item.relative_error) for item in sets}
    if len(asked) != 1:
        raise ValueError(f"bins of {len(asked)} different percentiles or errors cannot be added")
    counts: Counter[int] = Counter()
    for item in sets:
        counts.update(item.counts)
    ((percentile, relative_error),) = asked
    return encode(Bins(percentile=percentile, relative_error=relative_error, counts=counts))


def same(left: bytes, right: bytes) -> bool:
    """Whether all bins are the same."""
    return left == right or decode(left) == decode(right)


def value(data: bytes) -> Decimal | None:
    """The percentile in six digits; None without values.

    It is that of the nearest rank: of n values the one at place ceil(p * n), the least being at
    1. p * n is a product of doubles, as in PostgreSQL's `percentile_disc`. So the median of an
    even number of values is the lower of the two in the middle.
    """
    bins = decode(data)
    if not bins.counts:
        return None
    names = sorted(bins.counts)
    rank = max(1, ceil(float(bins.percentile) * sum(bins.counts.values())))
    reached = zip(names, accumulate(bins.counts[name] for name in names), strict=True)
    name = next((name for name, count in reached if count >= rank), names[-1])
    return _middle(name, bins.relative_error)


def _middle(name: int, relative_error: Decimal) -> Decimal:
    """What is equally far, relative, from both ends of a bin: 2 gamma^k / (gamma + 1)."""
    if name == NAN:
        return Decimal("NaN")
    if name == 0:
        return Decimal(0)
    step = width(relative_error)
    size = exp((abs(name) - ONE) * step + log(2) - log1p(exp(step)))
    return _ROUNDED.create_decimal_from_float(size if name > 0 else -size)


def _decoded(data: bytes) -> Bins:
    _, error_parts, percentile_parts, size, runs = _HEAD.unpack_from(data)
    names: list[int] = []
    at = _HEAD.size
    for _ in range(runs):
        first, length = _RUN.unpack_from(data, at)
        end = at + _RUN.size + length - 1
        names.extend(accumulate(data[at + _RUN.size : end], initial=first))
        at = end
    layout = f"<{len(names)}{_WIDTHS[size]}"
    counts = unpack_from(layout, data, at)
    bins = Bins(
        percentile=Decimal(percentile_parts) / _PARTS,
        relative_error=Decimal(error_parts) / _PARTS,
        counts=dict(zip(names, counts, strict=True)),
    )
    whole = len(data) == at + calcsize(layout) and len(bins.counts) == len(names)
    if not (whole and _sound(bins)):
        raise ValueError(_DAMAGED.format("they contradict themselves"))
    return bins


def _sound(bins: Bins) -> bool:
    if not (LEAST_ERROR <= bins.relative_error <= GREATEST_ERROR and 0 < bins.percentile < 1):
        return False
    last, names = bin_of(GREATEST, bins.relative_error), list(bins.counts)
    inside = all(abs(name) <= last or name == NAN for name in (*names[:1], *names[-2:]))
    return inside and names == sorted(names) and 0 not in bins.counts.values()


def _runs(names: list[int]) -> Iterable[list[int]]:
    run: list[int] = []
    for name in names:
        if run and (name - run[-1] > _WIDEST_GAP or len(run) == _LONGEST_RUN):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


def _gaps(run: list[int]) -> bytes:
    return bytes(right - left for left, right in pairwise(run))
