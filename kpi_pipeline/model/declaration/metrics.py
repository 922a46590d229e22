"""The `metrics:` section."""

import re
from collections.abc import Mapping

from kpi_pipeline.model.declaration.composed import COMPOSED
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.resolve import resolved
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.simple import parse_simple
from kpi_pipeline.model.metric import Metric

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TYPES = ("simple", *COMPOSED)


def parse_metrics(section: Section) -> Mapping[str, Metric]:
    """Read all metrics and check what composed ones are made of.

    Raises:
        SpecError: Names the metric and what is wrong with it.
    """
    metrics = {name: _metric(name, item) for name, item in section.sections()}
    if not metrics:
        raise section.error("declare at least one metric")
    return resolved(metrics, section)


def _metric(name: str, section: Section) -> Metric:
    if not NAME.fullmatch(name):
        raise section.error("a name is lower case letters, digits and _, at most 63 of them")
    kind = section.text("type") if section.has("type") else "simple"
    if kind == "simple":
        return parse_simple(name, section)
    if kind in COMPOSED:
        return COMPOSED[kind](name, section)
    raise section.error(f"unknown type {kind!r}{did_you_mean(kind, TYPES)}", "type")
