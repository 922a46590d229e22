"""The `metrics:` section."""

import re
from collections.abc import Mapping

from kpi_pipeline.model.declaration.composed import COMPOSED
from kpi_pipeline.model.declaration.expression import parse_expression
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.resolve import resolved
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.group import DEFAULT_GROUPS, MOST_GROUPS
from kpi_pipeline.model.metric import Aggregation, Metric, SimpleMetric

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST_COLUMNS = 5
TYPES = ("simple", *COMPOSED)
ALIASES = {"avg": "average"}


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
        return _simple(name, section)
    if kind in COMPOSED:
        return COMPOSED[kind](name, section)
    raise section.error(f"unknown type {kind!r}{did_you_mean(kind, TYPES)}", "type")


def _simple(name: str, section: Section) -> SimpleMetric:
    section.only("type", "agg", "expr", "filter", "group_by", "most_groups", "unit")
    agg = _aggregation(section)
    if agg is not Aggregation.COUNT and not section.has("expr"):
        raise section.error(f"agg {agg.value} needs an expr, such as a column")
    return SimpleMetric(
        name=name,
        agg=agg,
        expr=section.parsed("expr", parse_expression) if section.has("expr") else None,
        filter=section.parsed("filter", parse_expression) if section.has("filter") else None,
        group_by=_group_by(section),
        most_groups=_most_groups(section),
        unit=section.text("unit") if section.has("unit") else None,
    )


def _group_by(section: Section) -> tuple[str, ...]:
    columns = section.names("group_by")
    if len(set(columns)) < len(columns):
        raise section.error("names a column twice", "group_by")
    if len(columns) > MOST_COLUMNS:
        raise section.error(f"names more than {MOST_COLUMNS} columns", "group_by")
    return columns


def _most_groups(section: Section) -> int:
    most = section.whole("most_groups", DEFAULT_GROUPS)
    if section.has("most_groups") and not section.has("group_by"):
        raise section.error("needs a group_by, whose groups it limits", "most_groups")
    if not 1 <= most <= MOST_GROUPS:
        raise section.error(f"must lie between 1 and {MOST_GROUPS:,}", "most_groups")
    return most


def _aggregation(section: Section) -> Aggregation:
    word = section.text("agg")
    word = ALIASES.get(word, word)
    if word not in list(Aggregation):
        raise section.error(f"unknown agg {word!r}{did_you_mean(word, Aggregation)}", "agg")
    return Aggregation(word)
