"""Which rules silence which others."""

from collections.abc import Mapping

from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.pulse import RULE
from kpi_pipeline.model.threshold import FRESHNESS, SOURCE_DRIFT, Threshold

FIXED = (FRESHNESS, SOURCE_DRIFT)
"""Rules that follow from a pipeline; drift is judged only where somebody is told of it."""
RESERVED = (*FIXED, RULE)
"""What no threshold may be named like: their messages would have the same keys."""


def check_inhibitions(
    section: Section, rules: Mapping[str, Threshold], *, drift_is_told: bool
) -> None:
    """Refuse rules that are silenced by what is no rule, or in the end by themselves.

    Args:
        section: For the place of an error.
        rules: What is declared.
        drift_is_told: Whether the audit notifies anybody, so that there is a rule about drift.

    Raises:
        SpecError: Names the rule, and the nearest one or the circle.
    """
    fixed = FIXED if drift_is_told else tuple(word for word in FIXED if word != SOURCE_DRIFT)
    for name, rule in rules.items():
        own = section.section(name)
        for other in rule.inhibited_by:
            if other == SOURCE_DRIFT and not drift_is_told:
                why = f"there is no rule {other!r} unless `audit:` has `notify`"
                raise own.error(why, "inhibited_by")
            if other not in rules and other not in fixed:
                hint = did_you_mean(other, [*rules.keys() - {name}, *fixed])
                raise own.error(f"unknown rule {other!r}{hint}", "inhibited_by")
    for name in rules:
        circle = _circle(name, rules)
        if circle:
            own = section.section(name)
            raise own.error(f"runs in a circle: {' -> '.join(circle)}", "inhibited_by")


def _circle(start: str, rules: Mapping[str, Threshold]) -> tuple[str, ...]:
    """The way from a rule back to itself; () if there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = set[str]()
    while ways:
        way = ways.pop()
        for other in rules[way[-1]].inhibited_by if way[-1] in rules else ():
            if other == start:
                return (*way, other)
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()
