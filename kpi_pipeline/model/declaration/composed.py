"""Metrics of type ratio, derived and cumulative, each as it stands; see `resolve` for the rest."""

import re
from collections.abc import Callable, Mapping

from kpi_pipeline.model.composed import (
    Composed,
    CumulativeMetric,
    DerivedMetric,
    Input,
    RatioMetric,
)
from kpi_pipeline.model.declaration.formula import parse_formula
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.reach import parse_reach
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.declaration.spans import parse_offset
from kpi_pipeline.model.formula import names_of

ALIAS = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
MOST_INPUTS = 50


def _ratio(name: str, section: Section) -> RatioMetric:
    section.only("type", "numerator", "denominator", "different_filters", "unit", "description")
    return RatioMetric(
        name=name,
        numerator=section.text("numerator"),
        denominator=section.text("denominator"),
        different_filters=_flag(section, "different_filters"),
        unit=_optional(section, "unit"),
        description=_optional(section, "description"),
    )


def _derived(name: str, section: Section) -> DerivedMetric:
    section.only("type", "expr", "metrics", "unit", "description")
    formula = section.parsed("expr", parse_formula)
    used = tuple(dict.fromkeys(names_of(formula)))
    if not used:
        raise section.error("names no metric, so it would be the same number for ever", "expr")
    if len(used) > MOST_INPUTS:
        raise section.error(f"names more than {MOST_INPUTS} metrics", "expr")
    known = (
        _inputs(section) if section.has("metrics") else {n: Input(metric=n, alias=n) for n in used}
    )
    for alias in used:
        if alias not in known:
            hint = did_you_mean(alias, known)
            raise section.error(f"{alias!r} is not among its metrics{hint}", "expr")
    for alias in known:
        if alias not in used:
            raise section.error(f"{alias!r} is not used in expr", "metrics")
    return DerivedMetric(
        name=name,
        expr=" ".join(section.text("expr").split()),
        formula=formula,
        inputs=tuple(known[alias] for alias in used),
        unit=_optional(section, "unit"),
        description=_optional(section, "description"),
    )


def _cumulative(name: str, section: Section) -> CumulativeMetric:
    section.only("type", "metric", "window", "grain_to_date", "unit", "description")
    return CumulativeMetric(
        name=name,
        metric=section.text("metric"),
        reach=parse_reach(section),
        unit=_optional(section, "unit"),
        description=_optional(section, "description"),
    )


COMPOSED: Mapping[str, Callable[[str, Section], Composed]] = {
    "ratio": _ratio,
    "derived": _derived,
    "cumulative": _cumulative,
}


def _inputs(section: Section) -> Mapping[str, Input]:
    """By alias, which is the metric's name unless another is given."""
    raw = section.raw["metrics"]
    if not isinstance(raw, list | tuple):
        raise section.error(
            f"must be a list of {{name, alias, offset_window}}, not {shown(raw)}", "metrics"
        )
    found: dict[str, Input] = {}
    for item in raw:
        own = _input(
            Section({"name": item} if isinstance(item, str) else item, (*section.path, "metrics"))
        )
        if own.alias in found:
            raise section.error(
                f"has {own.alias!r} twice; give each an alias of its own", "metrics"
            )
        found[own.alias] = own
    return found


def _input(section: Section) -> Input:
    section.only("name", "alias", "offset_window")
    name = section.text("name")
    alias = section.text("alias") if section.has("alias") else name
    if not ALIAS.fullmatch(alias):
        raise section.error("an alias is lower case letters, digits and _, at most 63 of them")
    offset = section.parsed("offset_window", parse_offset) if section.has("offset_window") else None
    return Input(metric=name, alias=alias, offset=offset)


def _flag(section: Section, key: str) -> bool:
    value = section.raw.get(key, False)
    if not isinstance(value, bool):
        raise section.error(f"must be true or false, not {shown(value)}", key)
    return value


def _optional(section: Section, key: str) -> str | None:
    return section.text(key) if section.has(key) else None
