"""From a partial to a value: one line per aggregation."""

from collections.abc import Callable
from decimal import Context, Decimal

from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.statistic import registers, sketch
from kpi_pipeline.model.metric import Aggregation, Metric, SimpleMetric

DIVISION = Context(prec=34)
"""The precision of IEEE decimal128; a quotient has no exact decimal in general."""


def divide(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """A quotient; None where either side is missing or not finite, or the divisor is zero."""
    if numerator is None or not denominator:
        return None
    if not (numerator.is_finite() and denominator.is_finite()):
        return None
    return DIVISION.divide(numerator, denominator)


VALUES: dict[Aggregation, Callable[[Partial], Decimal | None]] = {
    Aggregation.COUNT: lambda p: Decimal(p.n),
    Aggregation.SUM: lambda p: Decimal(0) if p.total is None else p.total,
    Aggregation.AVERAGE: lambda p: divide(p.total, Decimal(p.n)),
    Aggregation.MIN: lambda p: p.low,
    Aggregation.MAX: lambda p: p.high,
    Aggregation.COUNT_DISTINCT: lambda p: sketch.value(p.sketch) or Decimal(0),
    Aggregation.PERCENTILE: lambda p: sketch.value(p.sketch),
}


def value_of(agg: Aggregation, partial: Partial) -> Decimal | None:
    """The value that the aggregation reads from a partial.

    >>> value_of(Aggregation.AVERAGE, Partial(rows=2, n=2, total=Decimal(5)))
    Decimal('2.5')
    """
    return VALUES[agg](partial)


def error_of(metric: Metric) -> Decimal | None:
    """The relative error that a metric's values may have; None where they are exact.

    Of a percentile it is the greatest, of an approximate distinct count the standard error.
    """
    if not isinstance(metric, SimpleMetric):
        return None
    return registers.STANDARD_ERROR if metric.approximate else metric.relative_error
