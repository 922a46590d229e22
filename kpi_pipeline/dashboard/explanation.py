"""An explanation as the API gives it."""

from urllib.parse import quote, urlencode

from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.dashboard.asked import MISSING
from kpi_pipeline.dashboard.past import ExplanationShape, LeafShape, SpanShape
from kpi_pipeline.dashboard.plain import group, moment, moment_or_none
from kpi_pipeline.dashboard.reading import reading_body
from kpi_pipeline.dashboard.standing import Standing
from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, RatioMetric
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline.model.spec import PipelineSpec

LATER = "Rows that came after {} are in the statement's answer, not yet in the number."


def explanation_body(
    spec: PipelineSpec, found: Explanation, standing: Standing
) -> ExplanationShape:
    """What is behind a published number."""
    leaves = [_leaf(spec, found, place) for place in range(len(found.leaves))]
    return {
        "schema": "kpi.explanation/1",
        "pipeline": spec.name,
        "metric": found.metric.name,
        "window": found.window.name,
        "group": None if found.group is None else group(found.group),
        "definition": definition(found.metric),
        "filter": found.metric.filter if isinstance(found.metric, SimpleMetric) else None,
        "span": _span(found.span),
        "timezone": found.timezone.key,
        "watermark": moment_or_none(found.watermark),
        "as_of": moment(floor_minute(found.as_of)),
        "computed_at": moment(found.computed_at),
        "guarantee": found.guarantee,
        "readings": [reading_body(spec, item, standing) for item in found.readings],
        "leaves": leaves,
        "before": found.before,
        "notes": [*found.notes, _later(found)],
    }


def definition(metric: Metric) -> str:
    """What a metric is, in a few words.

    >>> definition(RatioMetric(name="aov", numerator="revenue", denominator="orders"))
    'revenue / orders'
    """
    if isinstance(metric, RatioMetric):
        return f"{metric.numerator} / {metric.denominator}"
    if isinstance(metric, DerivedMetric):
        before = (item for item in metric.inputs if item.offset or item.alias != item.metric)
        named = [
            f"{item.alias} = {item.metric}{f', {item.offset.text} before' if item.offset else ''}"
            for item in before
        ]
        return "; ".join((metric.expr, *named))
    if isinstance(metric, CumulativeMetric):
        return f"{metric.metric} over {metric.reach.text}"
    asked = "" if metric.percentile is None else f" {metric.percentile.normalize():f}"
    return f"{metric.agg.value}{asked} of {metric.expr or 'rows'}"


def _later(found: Explanation) -> str:
    """To the second: within a minute a busy table has many rows."""
    looked = found.as_of.astimezone(found.timezone)
    return LATER.format(f"{looked:%Y-%m-%d %H:%M:%S %Z}")


def _leaf(spec: PipelineSpec, found: Explanation, place: int) -> LeafShape:
    leaf = found.leaves[place]
    kept = f", where {leaf.metric.filter}" if leaf.metric.filter else ""
    return {
        "metric": leaf.metric.name,
        "definition": f"{definition(leaf.metric)}{kept}",
        "span": _span(leaf.span),
        "sql": leaf.statement.sql,
        "rows": _address(spec, found, place),
    }


def _address(spec: PipelineSpec, found: Explanation, place: int) -> str:
    asked = [("pipeline", spec.name), ("window", found.window.name), ("leaf", str(place))]
    asked += [("group", MISSING if value is None else value) for value in found.group or ()]
    return f"/api/v1/kpis/{quote(found.metric.name, safe='')}/rows?{urlencode(asked)}"


def _span(span: Bounds) -> SpanShape:
    return {"start": moment_or_none(span.start), "end": moment(span.end)}
