"""A metric of the `metrics:` section that aggregates the source's rows."""

from decimal import Decimal

from kpi_pipeline.model.declaration.estimate import (
    ESTIMATE_KEYS,
    parse_approximate,
    parse_percentile,
    parse_relative_error,
)
from kpi_pipeline.model.declaration.expression import parse_expression
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.group import DEFAULT_GROUPS, MOST_GROUPS
from kpi_pipeline.model.metric import Aggregation, SimpleMetric

MOST_COLUMNS = 5
MEDIAN = "median"
ALIASES = {"avg": "average", MEDIAN: "percentile"}
KEYS = ("type", "agg", "expr", "filter", "group_by", "most_groups", "unit", "description")


def parse_simple(name: str, section: Section) -> SimpleMetric:
    """Read a simple metric.

    Raises:
        SpecError: Names the key and what is wrong with it.
    """
    section.only(*KEYS, *ESTIMATE_KEYS)
    agg = _aggregation(section)
    if agg is not Aggregation.COUNT and not section.has("expr"):
        raise section.error(f"agg {section.text('agg')} needs an expr, such as a column")
    return SimpleMetric(
        name=name,
        agg=agg,
        expr=section.parsed("expr", parse_expression) if section.has("expr") else None,
        filter=section.parsed("filter", parse_expression) if section.has("filter") else None,
        group_by=_group_by(section),
        most_groups=_most_groups(section),
        unit=section.text("unit") if section.has("unit") else None,
        description=section.text("description") if section.has("description") else None,
        percentile=_percentile(section, agg),
        relative_error=parse_relative_error(section, agg),
        approximate=parse_approximate(section, agg),
    )


def _percentile(section: Section, agg: Aggregation) -> Decimal | None:
    if section.text("agg") != MEDIAN:
        return parse_percentile(section, agg)
    if section.has("percentile"):
        raise section.error(f"a median is the percentile 0.5; say agg: {agg.value}", "percentile")
    return Decimal("0.5")


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
    known = ALIASES.get(word, word)
    if known not in list(Aggregation):
        hint = did_you_mean(word, [*Aggregation, MEDIAN])
        raise section.error(f"unknown agg {word!r}{hint}", "agg")
    return Aggregation(known)
