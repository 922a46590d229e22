"""What the same buckets say as of several moments, all read in one statement."""

from collections.abc import Collection, Sequence

from kpi_pipeline.compute.frames import Asked, Held
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.snapshot import Pair, View, asked_of
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.unit import UnitOfWork

Look = tuple[Held, tuple[Pair, ...]]
"""What is held as of a moment, and what is asked about it."""


def views_of(
    spec: PipelineSpec,
    unit: UnitOfWork,
    kept: Retention,
    looks: Sequence[Look],
    groups: Collection[Dims] | None = None,
) -> list[View]:
    """One view for each look, in their order; each interval is read once.

    Args:
        spec: Of the pipeline.
        unit: Reads the buckets.
        kept: Which of them there are.
        looks: Moments, and what is asked about each.
        groups: Read these alone; None for all.
    """
    wanted: dict[Bounds, frozenset[str]] = {}
    for asked in (one for held, pairs in looks for one in asked_of(held, pairs)):
        wanted[asked.span] = wanted.get(asked.span, frozenset()) | asked.metrics
    spans = [Asked(span, metrics) for span, metrics in wanted.items()]
    totals = dict(zip(wanted, unit.totals(spans, kept, groups), strict=True))
    return [View(spec=spec, held=held, totals=totals) for held, _ in looks]
