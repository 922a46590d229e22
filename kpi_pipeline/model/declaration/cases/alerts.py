"""Cases of rules: series in, episodes out."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from kpi_pipeline.model.case import AlertCase, WantedSpell
from kpi_pipeline.model.declaration.cases.moments import business_moment
from kpi_pipeline.model.declaration.cases.rows import Place
from kpi_pipeline.model.declaration.cases.written import as_text
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.spec import PipelineSpec

KEYS = ("start", "every", "rows", "series", "before", "expect")
TIMES = re.compile(r"(?P<value>.+)x(?P<times>[1-9][0-9]{0,4})")
NOTHING = "_"
MOST_LOOKS = 100_000
PLENTY = 1_000_000
LEVELS = (Level.WARN.value, Level.CRITICAL.value)
STILL = "still"


def parse_alert_case(name: str, section: Section, spec: PipelineSpec, place: Place) -> AlertCase:
    """Read one case under `alerts:`.

    Raises:
        SpecError: An unknown rule, a series that is none, a time that is none, or nothing at all.
    """
    section.only(*KEYS)
    series = section.section("series")
    if not series.raw:
        raise section.error("needs a series, such as `series: {aov_low: 40 25x7 _ 31}`")
    values = {rule: _series(series, _rule(series, rule, spec)) for rule in series.raw}
    before = section.section("before")
    held = {rule: _before(before, _rule(before, rule, spec)) for rule in before.raw}
    _check_same(series, values, spec)
    _check_same(before, held, spec)
    return AlertCase(
        name=name,
        start=section.parsed("start", lambda text: business_moment(text, spec.timezone)),
        every=_every(section, spec),
        series=values,
        before=held,
        rows=section.whole("rows", PLENTY),
        expected=_expected(section, values, spec),
        place=place(section.path),
    )


def _check_same(section: Section, given: Mapping[str, object], spec: PipelineSpec) -> None:
    """A metric has one value at a time, whatever rules look at it."""
    seen: dict[tuple[str, str], str] = {}
    for name, values in given.items():
        rule = spec.thresholds[name]
        first = seen.setdefault((rule.metric, rule.window), name)
        if values != given[first]:
            what = f"{rule.metric} of {rule.window}"
            raise section.error(f"says otherwise than {first}, which looks at {what} too", name)


def _every(section: Section, spec: PipelineSpec) -> timedelta:
    every = section.duration("every", max(spec.every, MINUTE))
    if not every:
        raise section.error("must be longer than nothing", "every")
    return every


def _rule(section: Section, name: str, spec: PipelineSpec) -> str:
    if name not in spec.thresholds:
        raise section.error(f"unknown rule{did_you_mean(name, spec.thresholds)}", name)
    return name


def _series(section: Section, rule: str) -> tuple[Decimal | None, ...]:
    raw = section.raw[rule]
    words = raw if isinstance(raw, list) else as_text(raw).split()
    found = tuple(value for word in words for value in _values(section, rule, word))
    if not 0 < len(found) <= MOST_LOOKS:
        raise section.error(f"has {len(found):,} values; 1 to {MOST_LOOKS:,} are possible", rule)
    return found


def _values(section: Section, rule: str, word: object) -> Iterator[Decimal | None]:
    """`25x7` is seven times 25, `_` is no value."""
    text = NOTHING if word is None else as_text(word)
    many = TIMES.fullmatch(text)
    value, times = (many["value"], int(many["times"])) if many else (text, 1)
    yield from [None if value == NOTHING else _number(section, rule, value)] * times


def _number(section: Section, rule: str, text: object) -> Decimal:
    try:
        return Decimal(as_text(text))
    except InvalidOperation:
        message = f"{shown(text)} is no value; write it like 40 25x7 _ 31"
        raise section.error(message, rule) from None


def _before(section: Section, rule: str) -> Decimal:
    return _number(section, rule, section.raw[rule])


def _expected(
    section: Section, values: Mapping[str, object], spec: PipelineSpec
) -> Mapping[str, tuple[WantedSpell, ...]]:
    own = section.section("expect")
    if not own.raw:
        raise section.error("expects nothing; write it like `expect: {aov_low: []}`")
    found = {}
    for rule, raw in own.raw.items():
        if rule not in values:
            raise own.error(f"has no series{did_you_mean(rule, values)}", rule)
        items = [] if raw is None else raw
        if not isinstance(items, list):
            raise own.error("must be a list of times, such as [{from: '12:05'}]", rule)
        path = (*own.path, rule)
        spells = (Section(item, (*path, str(place))) for place, item in enumerate(items))
        found[rule] = tuple(_spell(spell, spec) for spell in spells)
    return found


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
