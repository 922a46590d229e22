"""How far a published estimate may be from the exact number."""

from collections.abc import Sequence
from decimal import Decimal
from math import prod

from kpi_pipeline.compute.aggregation import error_of
from kpi_pipeline.compute.partial import equal
from kpi_pipeline.compute.statistic.bins import GREATEST, LEAST
from kpi_pipeline.model.metric import SimpleMetric

SIGMAS = 4
"""Standard errors: a right estimate is further off once in 16,000 times."""
FEW = 3
"""Values that may hide behind others by chance, however few there are."""
_GREATEST, _LEAST = Decimal(GREATEST), Decimal(LEAST)


def tolerance(parts: Sequence[SimpleMetric]) -> Decimal | None:
    """The relative error of a value; None if it is exact.

    Args:
        parts: The metric, or those that a composed one is made of: then that of their product, or
            of any quotient. A difference of estimates may be further off, and is told so.
    """
    found = [bound for part in parts if (bound := _bound(part)) is not None]
    if len(parts) == 1 or not found:
        return found[0] if found else None
    return prod(((1 + b) / (1 - b) for b in found), start=Decimal(1)) - 1


def near(parts: Sequence[SimpleMetric], ours: Decimal | None, exact: Decimal | None) -> bool:
    """Whether a published estimate fits the exact number."""
    bound = tolerance(parts)
    if bound is None or ours is None or exact is None or ours.is_nan() or exact.is_nan():
        return equal(ours, exact)
    exact = _held(exact)
    few = FEW if len(parts) == 1 and parts[0].approximate else 0
    return abs(ours - exact) <= max(bound * abs(exact), Decimal(few))


def _bound(part: SimpleMetric) -> Decimal | None:
    error = error_of(part)
    return SIGMAS * error if error is not None and part.approximate else error


def _held(exact: Decimal) -> Decimal:
    """As the bins hold what is beyond them."""
    if abs(exact) <= _LEAST:
        return Decimal(0)
    return exact if abs(exact) <= _GREATEST else _GREATEST.copy_sign(exact)
