"""What a declaration asks of a source, whichever database it is."""

from dataclasses import dataclass

from kpi_pipeline.model.declaration.expression import columns_of
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.spec import PipelineSpec

ARITHMETIC = frozenset(
    {
        Aggregation.SUM,
        Aggregation.AVERAGE,
        Aggregation.MIN,
        Aggregation.MAX,
        Aggregation.PERCENTILE,
    }
)
"""What only numbers can be put through."""
EMPTY_HINT = ", which has no table at all; `kpi-pipeline demo` fills one with a demo shop"


@dataclass(frozen=True, slots=True)
class Question:
    """One statement: the metrics that share a group_by, over the same intervals."""

    group_by: tuple[str, ...]
    metrics: tuple[SimpleMetric, ...]


def asked(spec: PipelineSpec, metrics: frozenset[str] | None) -> tuple[SimpleMetric, ...]:
    """The metrics that a slice is about; None means all."""
    return tuple(m for m in spec.simple_metrics if metrics is None or m.name in metrics)


def questions(spec: PipelineSpec, metrics: frozenset[str] | None = None) -> list[Question]:
    """One statement a group_by; the first has none and also counts the rows."""
    groups: dict[tuple[str, ...], list[SimpleMetric]] = {(): []}
    for metric in asked(spec, metrics):
        groups.setdefault(metric.group_by, []).append(metric)
    return [Question(group_by, tuple(metrics)) for group_by, metrics in groups.items()]


def declared_columns(spec: PipelineSpec) -> list[tuple[str, str]]:
    """Every column that a declaration reads, with the key that names it."""
    used = [(spec.source.event_time, "source.agg_time_dimension")]
    if spec.source.key is not None:
        used.append((spec.source.key, "source.key"))
    for metric in spec.simple_metrics:
        where = f"metrics.{metric.name}"
        used.extend((column, f"{where}.group_by") for column in metric.group_by)
        for part, sql in (("expr", metric.expr), ("filter", metric.filter)):
            used.extend((column, f"{where}.{part}") for column in sorted(columns_of(sql or "1")))
    return used
