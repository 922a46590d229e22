"""Drift: where the source gives another value than the state holds."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from kpi_pipeline.compute.aggregation import value_of
from kpi_pipeline.compute.difference import Difference
from kpi_pipeline.compute.ledger import bucket_end
from kpi_pipeline.compute.partial import equal
from kpi_pipeline.compute.statistic.total import EXACT
from kpi_pipeline.model.audit import Drift
from kpi_pipeline.model.batch import Dims, Grain
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec

ADDITIVE = frozenset({Aggregation.COUNT, Aggregation.SUM})


def drifts_of(
    spec: PipelineSpec, differing: Sequence[Difference], waiting: Sequence[Interval]
) -> list[Drift]:
    """The differences that nobody is going to fold anyway.

    A bucket that is wrong only because one that it is made of is wrong is not told beside that.

    Args:
        spec: Of the pipeline.
        differing: State before, source after.
        waiting: What is queued, or changed in the source since the state was folded.
    """
    found = [_drift(spec, item) for item in differing]
    loose = [d for d in found if not any(w.overlaps(d.bucket, d.end) for w in waiting)]
    alike: dict[tuple[str, Dims], list[Drift]] = {}
    for drift in found:
        alike.setdefault((drift.metric, drift.dims), []).append(drift)
    return [d for d in loose if not _explained(d, alike[d.metric, d.dims])]


def difference_of(spec: PipelineSpec, drifts: Iterable[Drift]) -> dict[str, Decimal]:
    """State less source by metric, for metrics that add up; those that differ only."""
    sums: dict[str, Decimal] = {}
    for name, gap in _gaps(spec, drifts):
        sums[name] = EXACT.add(sums.get(name, Decimal(0)), gap)
    return {name: gap for name, gap in sums.items() if gap}


def _gaps(spec: PipelineSpec, drifts: Iterable[Drift]) -> Iterator[tuple[str, Decimal]]:
    for drift in drifts:
        metric = spec.metrics[drift.metric]
        if isinstance(metric, SimpleMetric) and metric.agg in ADDITIVE:
            yield drift.metric, _gap(drift.state or Decimal(0), drift.source or Decimal(0))


def _gap(state: Decimal, source: Decimal) -> Decimal:
    """Values that are alike differ by zero, infinities too; their rows may differ even so."""
    return Decimal(0) if equal(state, source) else EXACT.subtract(state, source)


def _drift(spec: PipelineSpec, item: Difference) -> Drift:
    metric = spec.metrics[item.place.metric]
    if not isinstance(metric, SimpleMetric):  # only simple metrics are stored
        raise TypeError(item.place.metric)
    return Drift(
        grain=item.place.grain,
        bucket=item.place.bucket,
        end=bucket_end(spec, item.place),
        metric=metric.name,
        dims=item.place.dims,
        state=value_of(metric.agg, item.before),
        source=value_of(metric.agg, item.after),
        state_rows=item.before.rows,
        source_rows=item.after.rows,
    )


def _explained(coarse: Drift, alike: Iterable[Drift]) -> bool:
    return coarse.grain is not Grain.MINUTE and any(
        coarse.bucket <= fine.bucket and fine.end <= coarse.end and fine.grain is not coarse.grain
        for fine in alike
    )
