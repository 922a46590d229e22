"""The sketches that an aggregate alone makes; exact members need the store's dictionary."""

from kpi_pipeline.compute.statistic import bins, registers
from kpi_pipeline.compute.statistic.bins import Bins
from kpi_pipeline.model.batch import Aggregate
from kpi_pipeline.model.metric import DEFAULT_ERROR, SimpleMetric


def sketch_of(item: Aggregate, metric: SimpleMetric) -> bytes | None:
    """The encoded estimate of an aggregate; None where its metric is exact, or it has no value."""
    if item.bins and metric.percentile is not None:
        error = metric.relative_error or DEFAULT_ERROR
        return bins.encode(
            Bins(percentile=metric.percentile, relative_error=error, counts=item.bins)
        )
    if item.members is not None and metric.approximate:
        return registers.encode(item.members)
    return None
