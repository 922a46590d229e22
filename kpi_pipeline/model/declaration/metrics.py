"""The `metrics:` section."""

import re
from collections.abc import Mapping

from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.simple import parse_simple
from kpi_pipeline.model.metric import Metric, RatioMetric, SimpleMetric

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TYPES = ("simple", "ratio")


def parse_metrics(section: Section) -> Mapping[str, Metric]:
    """Read all metrics and check that ratios name simple, ungrouped ones.

    Raises:
        SpecError: Names the metric and what is wrong with it.
    """
    metrics = {name: _metric(name, item) for name, item in section.sections()}
    if not metrics:
        raise section.error("declare at least one metric")
    for metric in metrics.values():
        if isinstance(metric, RatioMetric):
            _check_ratio(metric, metrics, section)
    return metrics


def _metric(name: str, section: Section) -> Metric:
    if not NAME.fullmatch(name):
        raise section.error("a name is lower case letters, digits and _, at most 63 of them")
    kind = section.text("type") if section.has("type") else "simple"
    if kind == "ratio":
        return _ratio(name, section)
    if kind == "simple":
        return parse_simple(name, section)
    raise section.error(f"unknown type {kind!r}{did_you_mean(kind, TYPES)}", "type")


def _ratio(name: str, section: Section) -> RatioMetric:
    section.only("type", "numerator", "denominator", "unit")
    return RatioMetric(
        name=name,
        numerator=section.text("numerator"),
        denominator=section.text("denominator"),
        unit=section.text("unit") if section.has("unit") else None,
    )


def _plain_names(metrics: Mapping[str, Metric]) -> list[str]:
    return [m.name for m in metrics.values() if isinstance(m, SimpleMetric) and not m.group_by]


def _check_ratio(metric: RatioMetric, metrics: Mapping[str, Metric], section: Section) -> None:
    own = Section(section.raw[metric.name], (*section.path, metric.name))
    parts = {"numerator": metric.numerator, "denominator": metric.denominator}
    found = {key: metrics.get(name) for key, name in parts.items()}
    for key, part in found.items():
        if not isinstance(part, SimpleMetric) or part.group_by:
            hint = did_you_mean(parts[key], _plain_names(metrics))
            raise own.error(f"{parts[key]!r} is not a simple metric without group_by{hint}", key)
    filters = {part.filter for part in found.values() if isinstance(part, SimpleMetric)}
    if len(filters) > 1:
        raise own.error(
            "numerator and denominator have different filters, so the ratio would compare "
            "different rows; give both the same filter"
        )
