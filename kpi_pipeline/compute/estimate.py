"""The sketches that an aggregate alone makes; exact members need the store's dictionary."""

from decimal import Decimal

from kpi_pipeline.compute.statistic import bins, registers
from kpi_pipeline.compute.statistic.bins import Bins, width
from kpi_pipeline.model.batch import Aggregate
from kpi_pipeline.model.metric import DEFAULT_ERROR, SimpleMetric


def width_of(metric: SimpleMetric) -> float:
    """The width of a percentile's bins, which the sources count in."""
    return width(_error(metric))


def sketch_of(item: Aggregate, metric: SimpleMetric) -> bytes | None:
    """The encoded estimate of an aggregate; None where its metric is exact, or it has no value."""
    if item.bins and metric.percentile is not None:
        asked = {"percentile": metric.percentile, "relative_error": _error(metric)}
        return bins.encode(Bins(counts=item.bins, **asked))
    if item.members is not None and metric.approximate:
        return registers.encode(item.members)
    return None


def _error(metric: SimpleMetric) -> Decimal:
    return metric.relative_error or DEFAULT_ERROR
