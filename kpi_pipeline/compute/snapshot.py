"""From partials to readings: every metric over every window and its baseline."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.compute.aggregation import divide, value_of
from kpi_pipeline.compute.partial import ZERO, Partial
from kpi_pipeline.compute.windows import Bounds, bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold

Totals = Mapping[tuple[str, Dims], Partial]
"""Merged partials of one interval, by metric and group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTotals:
    """What the state holds for one window.

    Attributes:
        building: Metrics whose history in this window is still being filled.
        baseline: Totals of the window compared with; None if it is not comparable.
        unready: Metrics whose history in the window compared with is still being filled.
    """

    name: str
    bounds: Bounds
    totals: Totals
    baseline: Totals | None
    building: frozenset[str]
    unready: frozenset[str] = frozenset()


def readings(spec: PipelineSpec, windows: tuple[WindowTotals, ...]) -> Iterator[Reading]:
    """Every declared metric over every window; grouped metrics once a group."""
    for window in windows:
        for metric in spec.metrics.values():
            for dims in _groups(metric, window.totals):
                yield _reading(spec, metric, dims, window)


def _groups(metric: Metric, totals: Totals) -> list[Dims]:
    if isinstance(metric, SimpleMetric) and metric.group_by:
        found = [dims for name, dims in totals if name == metric.name]
        return sorted(found, key=lambda dims: [(v is None, v or "") for v in dims])
    return [()]


def _reading(spec: PipelineSpec, metric: Metric, dims: Dims, window: WindowTotals) -> Reading:
    baseline = None if _inputs(metric) & window.unready else window.baseline
    return Reading(
        metric=metric.name,
        window=window.name,
        dims=dims,
        value=_value(spec, metric, dims, window.totals),
        rows=_rows(metric, dims, window.totals),
        unit=metric.unit,
        start=window.bounds.start,
        end=window.bounds.end,
        baseline=None if baseline is None else _value(spec, metric, dims, baseline),
        building=bool(_inputs(metric) & window.building),
    )


def _inputs(metric: Metric) -> frozenset[str]:
    if isinstance(metric, SimpleMetric):
        return frozenset({metric.name})
    return frozenset({metric.numerator, metric.denominator})


def _value(spec: PipelineSpec, metric: Metric, dims: Dims, totals: Totals) -> Decimal | None:
    if isinstance(metric, SimpleMetric):
        return value_of(metric.agg, totals.get((metric.name, dims), ZERO))
    top, bottom = spec.metrics[metric.numerator], spec.metrics[metric.denominator]
    return divide(_value(spec, top, (), totals), _value(spec, bottom, (), totals))


def _rows(metric: Metric, dims: Dims, totals: Totals) -> int:
    name = metric.name if isinstance(metric, SimpleMetric) else metric.denominator
    return totals.get((name, dims), ZERO).rows


def without_rows(
    spec: PipelineSpec, rule: Threshold, groups: Iterable[Dims], as_of: datetime
) -> Iterator[Reading]:
    """Readings of groups that have no row in the rule's window any more; midnight does that.

    Groups of another number of columns than the metric has now are passed over.
    """
    metric = spec.metrics[rule.metric]
    columns = len(metric.group_by) if isinstance(metric, SimpleMetric) else 0
    for dims in groups:
        if len(dims) == columns:
            empty = WindowTotals(
                name=rule.window,
                bounds=bounds(spec.windows[rule.window], as_of, spec.timezone),
                totals={},
                baseline=None,
                building=frozenset(),
            )
            yield _reading(spec, metric, dims, empty)


def comparable(baseline: Bounds, history_from: datetime | None) -> bool:
    """Whether history reaches back far enough for the whole baseline window."""
    if history_from is None:
        return False
    return baseline.start is not None and history_from <= baseline.start
