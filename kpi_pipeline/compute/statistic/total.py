"""The exact sum; its zero is None, because a sum of nothing is no row's value."""

from decimal import Context, Decimal

EXACT = Context(prec=150_000, traps=[])
"""Wide enough that no sum of PostgreSQL numerics is ever rounded; infinities may meet as NaN."""


def merge(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    """The sum of both; never rounded.

    >>> merge(Decimal("1e20"), Decimal("1e-20"))
    Decimal('100000000000000000000.00000000000000000001')
    """
    if left is None or right is None:
        return left if right is None else right
    return EXACT.add(left, right)
