"""Cases of rules: series in, episodes out."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.case import AlertCase
from kpi_pipeline.model.declaration.cases.groups import by_group, check_known, columns_of_rule
from kpi_pipeline.model.declaration.cases.moments import business_moment
from kpi_pipeline.model.declaration.cases.rows import Place
from kpi_pipeline.model.declaration.cases.spells import parse_spells
from kpi_pipeline.model.declaration.cases.written import as_text
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.spec import PipelineSpec

KEYS = ("start", "every", "rows", "series", "before", "expect")
TIMES = re.compile(r"(?P<value>.+)x(?P<times>[1-9][0-9]{0,4})")
NOTHING = "_"
MOST_LOOKS = 100_000
PLENTY = 1_000_000
Series = tuple[Decimal | None, ...]


def parse_alert_case(name: str, section: Section, spec: PipelineSpec, place: Place) -> AlertCase:
    """Read one case under `alerts:`.

    Raises:
        SpecError: An unknown rule, a series that is none, a time that is none, or nothing at all.
    """
    section.only(*KEYS)
    series = section.section("series")
    if not series.raw:
        raise section.error("needs a series, such as `series: {aov_low: 40 25x7 _ 31}`")
    values = {
        rule: _series(series, rule, columns_of_rule(series, rule, spec)) for rule in series.raw
    }
    before = section.section("before")
    held = {rule: _before(before, rule, columns_of_rule(before, rule, spec)) for rule in before.raw}
    for rule, groups in held.items():
        check_known(before, rule, groups, values)
    _check_same(series, values, spec)
    _check_same(before, held, spec)
    return AlertCase(
        name=name,
        start=section.parsed("start", lambda text: business_moment(text, spec.timezone)),
        every=_every(section, spec),
        series=values,
        before=held,
        rows=section.whole("rows", PLENTY),
        expected=parse_spells(section, values, spec),
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


def _series(section: Section, rule: str, columns: tuple[str, ...]) -> dict[Dims, Series]:
    groups = by_group(section, rule, columns, "40 25x7 _ 31")
    if not groups:
        raise section.error("has no group; write it like {a: 40 25x7 _ 31}", rule)
    return {dims: _looks(section, rule, raw) for dims, raw in groups.items()}


def _looks(section: Section, rule: str, raw: object) -> Series:
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


def _before(section: Section, rule: str, columns: tuple[str, ...]) -> dict[Dims, Decimal]:
    groups = by_group(section, rule, columns, "40")
    return {dims: _number(section, rule, raw) for dims, raw in groups.items()}
