"""What a case of rules expects: when each rule fires, group by group."""

from collections.abc import Mapping
from datetime import datetime

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.case import WantedSpell
from kpi_pipeline.model.declaration.cases.groups import by_group, check_known, columns_of_rule
from kpi_pipeline.model.declaration.cases.moments import business_moment
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.spec import PipelineSpec

LEVELS = (Level.WARN.value, Level.CRITICAL.value)
STILL = "still"


def parse_spells(
    section: Section, values: Mapping[str, Mapping[Dims, object]], spec: PipelineSpec
) -> Mapping[str, Mapping[Dims, tuple[WantedSpell, ...]]]:
    """Read `expect:` of a case of rules: by rule and group, the times that it fires.

    Raises:
        SpecError: A rule or group without a series, a time that is none, or nothing at all.
    """
    own = section.section("expect")
    if not own.raw:
        raise section.error("expects nothing; write it like `expect: {aov_low: []}`")
    found = {}
    for rule, raw in own.raw.items():
        check_known(own, rule, (), values)
        columns = columns_of_rule(own, rule, spec)
        groups = by_group(own, rule, columns, "[{from: '12:05'}]") if raw or not columns else {}
        check_known(own, rule, groups, values)
        found[rule] = {dims: _spells(own, rule, item, spec) for dims, item in groups.items()}
    return found


def _spells(
    section: Section, rule: str, raw: object, spec: PipelineSpec
) -> tuple[WantedSpell, ...]:
    items = [] if raw is None else raw
    if not isinstance(items, list):
        raise section.error("must be a list of times, such as [{from: '12:05'}]", rule)
    path = (*section.path, rule)
    own = (Section(item, (*path, str(place))) for place, item in enumerate(items))
    return tuple(_spell(spell, spec) for spell in own)


def _spell(section: Section, spec: PipelineSpec) -> WantedSpell:
    section.only("from", "until", "level")
    level = section.text("level") if section.has("level") else ""
    if level and level not in LEVELS:
        raise section.error(f"unknown level {level!r}{did_you_mean(level, LEVELS)}", "level")

    def moment(text: str) -> datetime:
        return business_moment(text, spec.timezone)

    lasts = not section.has("until") or section.raw["until"] == STILL
    end = None if lasts else section.parsed("until", moment)
    return WantedSpell(start=section.parsed("from", moment), level=level, end=end)
