"""The least and the greatest value in PostgreSQL's order; the zero of both is None."""

from decimal import Decimal


def least(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    """The lesser of what is there; NaN only where there is nothing else.

    >>> least(Decimal("NaN"), Decimal(3))
    Decimal('3')
    """
    return min(_present(left, right), key=_order, default=None)


def greatest(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    """The greater of what is there; NaN where there is one.

    >>> greatest(Decimal("NaN"), Decimal("Infinity"))
    Decimal('NaN')
    """
    return max(_present(left, right), key=_order, default=None)


def _present(*values: Decimal | None) -> list[Decimal]:
    return [value for value in values if value is not None]


def _order(value: Decimal) -> tuple[bool, Decimal]:
    """PostgreSQL's order: NaN is above every number."""
    return (value.is_nan(), Decimal(0) if value.is_nan() else value)
