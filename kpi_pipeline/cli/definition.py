"""What a metric means, line by line."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.aggregation import error_of
from kpi_pipeline.compute.leaf import Leaf
from kpi_pipeline.compute.numbers import format_error, format_minute
from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, RatioMetric
from kpi_pipeline.model.metric import Metric, SimpleMetric

Line = tuple[str, str]
"""A label and a text."""


def definition(part: SimpleMetric, name: str) -> Iterator[Line]:
    """What a simple metric adds up; `name` stands before each line."""
    asked = "" if part.percentile is None else f" {part.percentile.normalize():f}"
    yield "agg", f"{name}{part.agg.value}{asked} of {part.expr or 'rows'}"
    if (error := error_of(part)) is not None:
        kind = "standard error" if part.approximate else "at most"
        yield "error", f"{name}an estimate, {kind} {format_error(error)}"
    yield "filter", f"{name}{part.filter or 'none'}"
    yield "group by", name + (", ".join(part.group_by) or "none")


def formula(metric: Metric, name: str) -> Iterator[Line]:
    """What a composed metric is made of; `name` stands before each line."""
    if isinstance(metric, RatioMetric):
        yield "ratio", f"{name}{metric.numerator} / {metric.denominator}"
    if isinstance(metric, DerivedMetric):
        yield "formula", f"{name}{metric.expr}"
        for item in metric.inputs:
            if item.offset is not None or item.alias != item.metric:
                back = f", {item.offset.text} before" if item.offset else ""
                yield "  where", f"{item.alias} = {item.metric}{back}"
    if isinstance(metric, CumulativeMetric):
        yield "cumulative", f"{name}{metric.metric} over {metric.reach.text}"


def place(leaf: Leaf, zone: ZoneInfo) -> str:
    """Of a leaf, for a comment: what, and from when to when."""
    start, end = leaf.span.start, leaf.span.end
    since = "the declared start" if start is None else format_minute(start, zone)
    held = "" if leaf.basis.ready else "; history does not reach back that far, so it is nothing"
    return f"{leaf.metric.name} from {since} up to {format_minute(end, zone)}{held}"
