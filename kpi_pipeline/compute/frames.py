"""What a snapshot asks of the state: intervals, each with the metrics that are wanted of it."""

from typing import NamedTuple

from kpi_pipeline.compute.windows import Bounds


class Asked(NamedTuple):
    """One interval to read, for some simple metrics."""

    span: Bounds
    metrics: frozenset[str]
