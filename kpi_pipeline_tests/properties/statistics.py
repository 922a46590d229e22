"""One way to make each statistic from rows, for the laws that hold for all of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from zlib import crc32

from kpi_pipeline.compute.statistic import bins, members, registers
from kpi_pipeline.compute.statistic.bins import Bins, bin_of
from kpi_pipeline.model.metric import DEFAULT_ERROR

Rows = Sequence[Decimal]
Make = Callable[[Rows], bytes]

BINS_OF_SEVEN = (
    "038096980000e9a43500050000006fbdf0ff010000000000010040420f000200239a430f000100"
    "c0c62d000100010101020101"
)
OLD: Mapping[bytes, tuple[tuple[str, str], ...]] = {
    members.VERSION: (("013a30000001000000000001001000000001000200", "2"),),
    registers.VERSION: (("023a300000020000000400000008000000180000001a000000830f0147", "2"),),
    bins.VERSION: ((BINS_OF_SEVEN, "NaN"),),
}
"""Bytes that releases have written, in hexadecimal, and what they say; none is ever taken away."""


def _bins(rows: Rows) -> bytes:
    counts = Counter(bin_of(row, DEFAULT_ERROR) for row in rows)
    asked = {"percentile": Decimal("0.9"), "relative_error": DEFAULT_ERROR}
    return bins.encode(Bins(counts=counts, **asked))


MAKERS: Mapping[bytes, Make] = {
    members.VERSION: lambda rows: members.encode(crc32(str(row).encode()) for row in rows),
    registers.VERSION: lambda rows: registers.encode(str(row) for row in rows),
    bins.VERSION: _bins,
}
"""By version byte; a statistic without a maker fails the laws."""
