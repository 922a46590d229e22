"""Partials: what a bucket contributes to a KPI, and how two contributions become one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import reduce

from kpi_pipeline.compute import members

EXACT = Context(prec=150_000, traps=[])
"""Wide enough that no sum of PostgreSQL numerics is ever rounded; infinities may meet as NaN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A mergeable aggregate; `merge` is associative and commutative, `ZERO` its zero.

    Attributes:
        rows: Rows that passed the metric's filter.
        n: Rows whose expression is not null.
        total, low, high: Exact sum, least and greatest value; None without a value.
        members: Encoded set of distinct members; None where none are kept.
    """

    rows: int = 0
    n: int = 0
    total: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    members: bytes | None = None


ZERO = Partial()


def merge(left: Partial, right: Partial) -> Partial:
    """The partial of both row sets together, which must not share rows."""
    return Partial(
        rows=left.rows + right.rows,
        n=left.n + right.n,
        total=_sum(left.total, right.total),
        low=min(_present(left.low, right.low), key=_order, default=None),
        high=max(_present(left.high, right.high), key=_order, default=None),
        members=_unite(left.members, right.members),
    )


def merge_all(partials: Iterable[Partial]) -> Partial:
    """The partial of all row sets together; member sets are united in one go."""
    parts = list(partials)
    sets = [part.members for part in parts if part.members is not None]
    numbers = reduce(merge, (replace(part, members=None) for part in parts), ZERO)
    return replace(numbers, members=members.unite(sets) if sets else None)


def equal(left: Decimal | None, right: Decimal | None) -> bool:
    """PostgreSQL's equality: NaN is NaN; nothing equals nothing alone."""
    if left is None or right is None:
        return left is right
    return left == right or (left.is_nan() and right.is_nan())


def _present(*values: Decimal | None) -> list[Decimal]:
    return [value for value in values if value is not None]


def _order(value: Decimal) -> tuple[bool, Decimal]:
    """PostgreSQL's order: NaN is above every number."""
    return (value.is_nan(), Decimal(0) if value.is_nan() else value)


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    if left is None or right is None:
        return left if right is None else right
    return EXACT.add(left, right)


def _unite(left: bytes | None, right: bytes | None) -> bytes | None:
    if left is None or right is None:
        return left if right is None else right
    return members.unite((left, right))
