"""From a partial to a value: one line per aggregation."""

from collections.abc import Callable
from decimal import Context, Decimal

from kpi_pipeline.compute import members
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.model.metric import Aggregation

DIVISION = Context(prec=34)
"""The precision of IEEE decimal128; a quotient has no exact decimal in general."""


def divide(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """A quotient; None where either side is missing or not finite, or the divisor is zero."""
    if numerator is None or not denominator:
        return None
    if not (numerator.is_finite() and denominator.is_finite()):
        return None
    return DIVISION.divide(numerator, denominator)


EMPTY = members.encode(())
VALUES: dict[Aggregation, Callable[[Partial], Decimal | None]] = {
    Aggregation.COUNT: lambda p: Decimal(p.n),
    Aggregation.SUM: lambda p: Decimal(0) if p.total is None else p.total,
    Aggregation.AVERAGE: lambda p: divide(p.total, Decimal(p.n)),
    Aggregation.MIN: lambda p: p.low,
    Aggregation.MAX: lambda p: p.high,
    Aggregation.COUNT_DISTINCT: lambda p: Decimal(len(members.decode(p.members or EMPTY))),
}


def value_of(agg: Aggregation, partial: Partial) -> Decimal | None:
    """The value that the aggregation reads from a partial.

    >>> value_of(Aggregation.AVERAGE, Partial(rows=2, n=2, total=Decimal(5)))
    Decimal('2.5')
    """
    return VALUES[agg](partial)
