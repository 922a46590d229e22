"""Rules tried on series that a person wrote down: when they fire, against when they should."""

from collections.abc import Iterator
from itertools import zip_longest
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.expectation import Mismatch
from kpi_pipeline.compute.imagined import imagined
from kpi_pipeline.compute.judgement import Episodes, judge_all
from kpi_pipeline.compute.numbers import format_minute
from kpi_pipeline.compute.spells import Spell, lanes, spells
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.case import AlertCase, WantedSpell
from kpi_pipeline.model.episode import Transition
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec

NEVER = "does not fire"


def rehearse(spec: PipelineSpec, case: AlertCase) -> tuple[Mismatch, ...]:
    """Judge the series look by look, and name every time that is not as expected."""
    found = lanes(spells(_log(spec, case)))
    fired = list(found)
    return tuple(
        item
        for rule, wanted in case.expected.items()
        for dims in dict.fromkeys((*wanted, *(group for name, group in fired if name == rule)))
        for item in _differing(
            spec, (rule, dims), wanted.get(dims, ()), found.get((rule, dims), [])
        )
    )


def _log(spec: PipelineSpec, case: AlertCase) -> list[Transition]:
    known: Episodes = {}
    log: list[Transition] = []
    for place in range(max(len(one) for of in case.series.values() for one in of.values())):
        judgement = judge_all(spec, _snapshot(spec, case, place), known)
        known = {(item.rule, item.dims): item for item in judgement.episodes}
        log += judgement.transitions
    return log


def _snapshot(spec: PipelineSpec, case: AlertCase, place: int) -> Snapshot:
    """A series that is over has no value any more."""
    as_of = case.start + case.every * place
    held = {_place(spec, name): groups for name, groups in case.before.items()}
    # Rules may look at the same metric: it is read once.
    series = {_place(spec, name): groups for name, groups in case.series.items()}
    readings = [
        Reading(
            metric=metric,
            window=window,
            dims=dims,
            value=values[place] if place < len(values) else None,
            rows=case.rows,
            unit=spec.metrics[metric].unit,
            start=None,
            end=as_of,
            baseline=held.get((metric, window), {}).get(dims),
            building=False,
        )
        for (metric, window), groups in series.items()
        for dims, values in groups.items()
    ]
    return imagined(spec, as_of, readings, watermark=as_of)


def _place(spec: PipelineSpec, rule: str) -> tuple[str, str]:
    found = spec.thresholds[rule]
    return found.metric, found.window


def _differing(
    spec: PipelineSpec,
    alert: tuple[str, Dims],
    wanted: tuple[WantedSpell, ...],
    found: list[Spell],
) -> Iterator[Mismatch]:
    zone = spec.timezone
    for one, other in zip_longest(wanted, found):
        if one is not None and other is not None and _same(one, other):
            continue
        level = one is None or bool(one.level)
        yield Mismatch(
            metric=alert[0],
            window="fires",
            dims=alert[1],
            expected=_wanted(one, zone) if one else NEVER,
            actual=_shown(other, zone, level=level) if other else NEVER,
        )


def _same(wanted: WantedSpell, found: Spell) -> bool:
    levels = wanted.level in ("", found.level.value)
    return levels and (wanted.start, wanted.end) == (found.start, found.end)


def _wanted(spell: WantedSpell, zone: ZoneInfo) -> str:
    until = format_minute(spell.end, zone) if spell.end else "still"
    level = f" {spell.level}" if spell.level else ""
    return f"{format_minute(spell.start, zone)} to {until}{level}"


def _shown(spell: Spell, zone: ZoneInfo, *, level: bool) -> str:
    until = format_minute(spell.end, zone) if spell.end else "still"
    word = f" {spell.level.value}" if level else ""
    return f"{format_minute(spell.start, zone)} to {until}{word}"
