"""Partials: what a bucket contributes to a KPI, and how two contributions become one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

from kpi_pipeline.compute.statistic import extreme, sketch, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A mergeable aggregate; `merge` is associative and commutative, `ZERO` its zero.

    Attributes:
        rows: Rows that passed the metric's filter.
        n: Rows whose expression is not null.
        total, low, high: Exact sum, least and greatest value; None without a value.
        sketch: What a distinct count or a percentile keeps, encoded; None where none is kept.
    """

    rows: int = 0
    n: int = 0
    total: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    sketch: bytes | None = None


ZERO = Partial()


def merge(left: Partial, right: Partial) -> Partial:
    """The partial of both row sets together, which must not share rows."""
    return Partial(
        rows=left.rows + right.rows,
        n=left.n + right.n,
        total=total.merge(left.total, right.total),
        low=extreme.least(left.low, right.low),
        high=extreme.greatest(left.high, right.high),
        sketch=_unite([left.sketch, right.sketch]),
    )


def merge_all(partials: Iterable[Partial]) -> Partial:
    """The partial of all row sets together; sketches are united in one go."""
    parts = list(partials)
    numbers = reduce(merge, (replace(part, sketch=None) for part in parts), ZERO)
    return replace(numbers, sketch=_unite(part.sketch for part in parts))


def equal(left: Decimal | None, right: Decimal | None) -> bool:
    """PostgreSQL's equality: NaN is NaN; nothing equals nothing alone."""
    if left is None or right is None:
        return left is right
    return left == right or (left.is_nan() and right.is_nan())


def _unite(sketches: Iterable[bytes | None]) -> bytes | None:
    present = [data for data in sketches if data is not None]
    return sketch.unite(present) if present else None
