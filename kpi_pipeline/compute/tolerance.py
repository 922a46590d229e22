"""How far a published estimate may be from the exact number."""

from collections.abc import Sequence
from decimal import Decimal

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
    """The relative error of a metric's value, or of the quotient of two; None if it is exact."""
    found = [bound for part in parts if (bound := _bound(part)) is not None]
    if not found:
        return None
    top, bottom = (_bound(part) or Decimal(0) for part in (parts[0], parts[-1]))
    return top if len(parts) == 1 else (1 + top) / (1 - bottom) - 1


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
